import { ConfigurationError, Faults } from "@cognito-auth/core/ConfigurationError"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"

const first = { setting: "path", problem: "is missing." }
const second = { setting: "port", problem: "expected a port." }

describe("Faults", () => {
  it("holds every fault in the order in which it was added, from a result and from an error too", () => {
    const faults = new Faults()
    expect(faults.add(first.setting, first.problem)).toBeUndefined()
    expect(faults.take(Result.fail([second]))).toBeUndefined()
    expect(
      faults.attempt(() => {
        throw ConfigurationError.of([first, second])
      })
    ).toBeUndefined()
    expect(faults.all).toEqual([first, second, first, second])
    expect(faults.resultOf("value")).toEqual(Result.fail([first, second, first, second]))
    expect(() => faults.throwIfAny()).toThrow(ConfigurationError.of(faults.all).message)
  })

  it("without a fault gives the values, and throws nothing", () => {
    const faults = new Faults()
    expect([faults.take(Result.succeed(1)), faults.attempt(() => 2), faults.isEmpty]).toEqual([1, 2, true])
    expect(faults.resultOf(3)).toEqual(Result.succeed(3))
    expect(() => faults.throwIfAny()).not.toThrow()
  })

  it("takes no other error for a fault", () => {
    const wrong = () => {
      throw new TypeError("not a fault")
    }
    expect(() => new Faults().attempt(wrong)).toThrow(TypeError)
  })

  it("throws an error whose stack begins where it was asked to throw", () => {
    const faults = new Faults()
    faults.add(first.setting, first.problem)
    const startUp = () => faults.throwIfAny()
    expect(startUp).toThrow(expect.objectContaining({ stack: expect.stringMatching(/is missing\.\n\s+at startUp /) }))
  })
})
