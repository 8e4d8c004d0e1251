import { describe, expect, it } from "vitest"
import { makeAssertions } from "../src/identity/Assertion.ts"

const hour = 3_600_000

describe("the keys of assertions", () => {
  const start = (startMillis: number) => {
    const clock = { millis: startMillis }
    const { jwks } = makeAssertions({}, () => clock.millis)
    const kids = () => (JSON.parse(jwks()) as { readonly keys: ReadonlyArray<{ readonly kid: string }> }).keys.map(({ kid }) => kid)
    return { clock, kids }
  }

  it("rotate every hour: the next is published an hour before it signs, the last an hour after", () => {
    const { clock, kids } = start(0)
    const [first, second] = kids()
    clock.millis = hour - 1
    expect(kids()).toEqual([first, second])
    clock.millis = hour
    const [current, next, previous] = kids()
    expect([current, previous]).toEqual([second, first])
    clock.millis = 2 * hour
    expect(kids().slice(0, 1)).toEqual([next])
  })

  it("go on rotating where the clock was ahead, an hour after that is corrected", () => {
    const { clock, kids } = start(48 * hour)
    const [first, second] = kids()
    clock.millis = 0
    expect(kids()).toEqual([first, second])
    clock.millis = hour
    expect(kids().slice(0, 1)).toEqual([second])
  })
})
