import { describe, expect, it } from "vitest"
import { makeRepeats } from "../../src/events/Repeats.ts"

const start = 1_800_000_000_000

describe("the rate limit of log lines", () => {
  it("lets the first of a kind pass at once, with none before it", () => {
    const repeats = makeRepeats()
    expect(repeats("missing", start)).toBe(0)
    expect(repeats("expired", start)).toBe(0)
  })

  it("counts the others for ten seconds, and says with the next line how many there were", () => {
    const repeats = makeRepeats()
    const at = (millis: number) => repeats("missing", start + millis)
    expect([0, 1, 9_999].map(at)).toEqual([0, undefined, undefined])
    expect([10_000, 20_000].map(at)).toEqual([2, 0])
  })

  it("goes on where the clock is set back", () => {
    const repeats = makeRepeats()
    const at = (millis: number) => repeats("missing", start + millis)
    expect([0, -9_999, -10_000].map(at)).toEqual([0, undefined, 1])
  })
})
