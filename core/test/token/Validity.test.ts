import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { dateOf, hasExpired, isNotYetValid, isValidAt } from "../../src/token/Validity.ts"

const [exp, nbf, tolerance] = [2_000, 1_000, 5_000]

describe("isValidAt", () => {
  it("∀ validities, tolerances and times: from nbf on and before exp, each with the tolerance", () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    const around = fc.integer({ min: -2, max: 2 })
    fc.assert(
      fc.property(seconds, seconds, fc.nat({ max: 600_000 }), fc.boolean(), around, (exp, nbf, tolerance, isAtEnd, off) => {
        const [start, end] = [nbf * 1000 - tolerance, exp * 1000 + tolerance]
        const at = (isAtEnd ? end : start) + off
        expect(isValidAt({ exp, nbf }, tolerance, at)).toBe(start <= at && at < end)
      }),
      { numRuns: runs(300) }
    )
  })

  it.each([
    [994_999, false],
    [995_000, true],
    [1_500_000, true],
    [2_004_999, true],
    [2_005_000, false],
    [Number.NaN, false]
  ])("from 1,000 s until 2,000 s, with 5 s of tolerance, at %d ms: %j", (at, isValid) => {
    expect(isValidAt({ exp, nbf }, tolerance, at)).toBe(isValid)
  })

  it("is from ever where there is no nbf", () => {
    expect(isValidAt({ exp, nbf: Number.NEGATIVE_INFINITY }, tolerance, 0)).toBe(true)
    expect(isValidAt({ exp, nbf: Number.NEGATIVE_INFINITY }, tolerance, 2_005_000)).toBe(false)
  })
})

describe("a clock that returns no time", () => {
  it("has every token expired", () => {
    expect(hasExpired(exp, tolerance, Number.NaN)).toBe(true)
    expect(isNotYetValid(nbf, tolerance, Number.NaN)).toBe(false)
  })
})

describe("dateOf", () => {
  it("is the date of an exp, and the last date there is of one that no Date can hold", () => {
    expect(dateOf(exp).toISOString()).toBe("1970-01-01T00:33:20.000Z")
    for (const far of [8_640_000_000_000, 8_640_000_000_001, 1e300]) expect(dateOf(far).getTime()).toBe(8_640_000_000_000_000)
  })
})
