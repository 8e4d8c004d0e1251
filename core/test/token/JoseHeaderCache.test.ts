import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { JoseHeaderCache } from "../../src/token/JoseHeaderCache.ts"

/** What a segment decodes to does not matter here: each has a header of its own. */
const headerOf = (segment: string) => ({ segment })

/** Few, some of which end alike, and some of which are too long to be cached. */
const segment = fc
  .record({ start: fc.constantFrom("", "a", "b"), end: fc.nat(20), length: fc.constantFrom(16, 40, 1_024, 1_025, 3_000) })
  .map(({ start, end, length }) => `${start}${`${end}`.padStart(length - start.length, "x")}`)

describe("the cache of JOSE headers", () => {
  it("∀ sequence of headers: what is found is the header of exactly this segment, and the last one that was added is", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ segment, isAdded: fc.boolean() }), { maxLength: 100 }), (steps) => {
        const cache = new JoseHeaderCache()
        const added = new Map<string, object>()
        for (const { segment, isAdded } of steps) {
          const found = cache.get(segment)
          if (found !== undefined) expect(found).toBe(added.get(segment))
          if (!isAdded) continue
          const header = headerOf(segment)
          cache.add(segment, header)
          // It is not replaced by its equal.
          if (found === undefined) added.set(segment, header)
          expect(cache.get(segment)).toBe(segment.length > 1_024 ? undefined : added.get(segment))
        }
      }),
      { numRuns: runs(300) }
    )
  })

  it("has the header of a token under its first segment, and under nothing more of it", () => {
    const cache = new JoseHeaderCache()
    const header = headerOf("first")
    cache.addOf({ text: "first.second.third", header, payloadStart: "first.".length })
    const found = ["first", "firs", "first.", "first.s", "first.second.third"].map((segment) => cache.get(segment))
    expect(found).toEqual([header, undefined, undefined, undefined, undefined])
    expect(found[0]).toBe(header)
  })

  it("keeps the object that it has of a header, however often that is added", () => {
    const cache = new JoseHeaderCache()
    const header = headerOf("same")
    for (const each of [header, headerOf("same"), headerOf("same")]) cache.add("same", each)
    expect(cache.get("same")).toBe(header)
  })

  it("has the later of two headers whose segments end in the same 16 characters", () => {
    const cache = new JoseHeaderCache()
    const around = (letter: string, count: number) => `${"x".repeat(40)}${letter}${"x".repeat(count)}`
    const [first, later, other] = [around("a", 16), around("b", 16), around("c", 15)]
    for (const each of [first, later, other]) cache.add(each, headerOf(each))
    expect([first, later, other].map((each) => cache.get(each)?.["segment"])).toEqual([undefined, later, other])
  })

  it("∀ number of headers: no more than 512 are cached, the newest among them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (count) => {
        const cache = new JoseHeaderCache()
        const segments = Array.from({ length: count }, (_, index) => `${index}`.padStart(40, "x"))
        for (const each of segments) cache.add(each, headerOf(each))
        const found = segments.filter((each) => cache.get(each) !== undefined)
        expect(found.length).toBe(count % 512 === 0 ? 512 : count % 512)
        expect(found).toEqual(segments.slice(-found.length))
      }),
      { numRuns: runs(50) }
    )
  })
})
