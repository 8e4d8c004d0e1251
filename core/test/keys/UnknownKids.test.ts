import { describe, expect, it } from "vitest"
import { makeUnknownKids } from "../../src/keys/UnknownKids.ts"

const start = 1_800_000_000_000
const times = (count: number, take: () => boolean): ReadonlyArray<boolean> => Array.from({ length: count }, take)

describe("a kid that is known to be unknown", () => {
  it("is so for thirty seconds, and no other is", () => {
    const kids = makeUnknownKids()
    expect(kids.has("a", start)).toBe(false)
    kids.add("a", start)
    expect([kids.has("a", start), kids.has("a", start + 29_999), kids.has("b", start)]).toEqual([true, true, false])
    expect(kids.has("a", start + 30_000)).toBe(false)
    // Nor later, whatever the clock says then.
    expect(kids.has("a", start)).toBe(false)
  })

  it("is so no longer once the clock is set back: nobody knows for how long it would be", () => {
    const kids = makeUnknownKids()
    kids.add("a", start)
    expect(kids.has("a", start - 1)).toBe(false)
  })

  it("is one of the last thousand", () => {
    const kids = makeUnknownKids()
    for (let kid = 0; kid < 1_000; kid++) kids.add(`kid-${kid}`, start)
    expect(times(1, () => kids.has("kid-0", start))).toEqual([true])
    kids.add("one more", start)
    expect(["kid-0", "kid-1", "kid-999", "one more"].map((kid) => kids.has(kid, start))).toEqual([false, true, true, true])
  })
})

describe("the rate limit of look-ups", () => {
  it("is ten at once, then one every two seconds", () => {
    const { mayLookUp } = makeUnknownKids()
    expect(times(11, () => mayLookUp(start))).toEqual([...Array(10).fill(true), false])
    expect([mayLookUp(start + 1_999), mayLookUp(start + 2_000), mayLookUp(start + 2_000)]).toEqual([false, true, false])
    expect(times(3, () => mayLookUp(start + 6_000))).toEqual([true, true, false])
  })

  it("is ten again after a pause, however long", () => {
    const { mayLookUp } = makeUnknownKids()
    expect(times(4, () => mayLookUp(start))).toEqual(Array(4).fill(true))
    expect(times(11, () => mayLookUp(start + 3_600_000))).toEqual([...Array(10).fill(true), false])
  })

  it("goes on with one look-up where the clock is set back", () => {
    const { mayLookUp } = makeUnknownKids()
    times(10, () => mayLookUp(start))
    expect(times(2, () => mayLookUp(start - 3_600_000))).toEqual([true, false])
    expect([mayLookUp(start - 3_598_001), mayLookUp(start - 3_598_000)]).toEqual([false, true])
  })
})
