import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { type CacheBounds, SessionCache } from "../../src/token/SessionCache.ts"

const now = 1_800_000_000_000
const ttl = 300_000

interface Verified {
  readonly token: string
  readonly verifiedAt: number
}

const verified = (token: string, verifiedAt = now): Verified => ({ token, verifiedAt })
const start = ({ maxBytes = 1_000_000, maxEntries = 1_000 }: Partial<CacheBounds> = {}) =>
  new SessionCache<Verified, Verified>({ maxBytes, maxEntries })
type Cache = ReturnType<typeof start>
type Session = NonNullable<ReturnType<Cache["get"]>>

/** The name at its end, as tokens differ in their signature. */
const textOf = (name: string | number, length = 100): string => `${name}`.padStart(length, "x")
const bytesOf = (text: string): number => 2 * text.length + 1_024

/** A request of the tokens of this text: whether they were found. If not, they are verified and cached, as the verifier does. */
const visit = (cache: Cache, text: string, beside = `beside ${text}`, at = now): boolean => {
  const session = cache.get(text, at)
  if (session === undefined) cache.add(verified(text, at), verified(beside, at))
  else if (cache.getBeside(session, beside, at) === undefined) cache.addBeside(session, verified(beside, at))
  else return true
  return false
}
const visitAll = (cache: Cache, names: ReadonlyArray<string | number>) => names.map((name) => visit(cache, textOf(name)))

describe("a session in the cache", () => {
  it("is found by the whole string of its access token, and of its load balancer's token", () => {
    const cache = start()
    const [value, beside] = [verified(textOf("a")), verified(textOf("b"))]
    cache.add(value, beside)
    const session = cache.get(textOf("a"), now)
    expect(session?.value).toBe(value)
    expect(session && cache.getBeside(session, textOf("b"), now)).toBe(beside)
    expect(session && cache.getBeside(session, textOf("a"), now)).toBeUndefined()
    // The same end, of the same length and of another.
    for (const text of [textOf("a").replace("x", "y"), textOf("a", 99), textOf("a", 101), "a", ""]) {
      expect(cache.get(text, now)).toBeUndefined()
    }
  })

  it("keeps the last four of the load balancer's tokens", () => {
    const cache = start()
    const names = ["1", "2", "3", "4", "5"]
    for (const name of names) expect(visit(cache, textOf("a"), name)).toBe(false)
    const session = cache.get(textOf("a"), now)
    const isCached = (name: string) => session !== undefined && cache.getBeside(session, name, now) !== undefined
    expect(names.map(isCached)).toEqual([false, true, true, true, true])
  })

  it("may be of one token alone, and takes no more than that", () => {
    const cache = start({ maxBytes: 10 * bytesOf(textOf("")) })
    for (let name = 0; name < 8; name++) {
      cache.add(verified(textOf(name)))
      expect(cache.get(textOf(name), now)?.besides).toEqual([])
    }
    for (let name = 0; name < 8; name++) expect(cache.get(textOf(name), now)?.value.token).toBe(textOf(name))
  })

  it("that was evicted while its request waited for a key does not come back, and evicts nothing", () => {
    const cache = start({ maxEntries: 10 })
    visitAll(cache, ["waits", "waits"])
    const session = cache.get(textOf("waits"), now)
    if (session === undefined) throw new Error("expected a session")
    for (let name = 0; name < 20; name++) visitAll(cache, [name, name])
    expect(session.segment).toBeUndefined()
    const kept = Array.from({ length: 20 }, (_, name) => name).filter((name) => cache.get(textOf(name), now) !== undefined)
    cache.addBeside(session, verified(textOf("late")))
    expect(cache.get(textOf("waits"), now)).toBeUndefined()
    expect(kept.filter((name) => cache.get(textOf(name), now) === undefined)).toEqual([])
  })

  it("that is cached again takes its place once", () => {
    const cache = start({ maxBytes: 10 * (bytesOf(textOf("")) + bytesOf(`beside ${textOf("")}`)) })
    visitAll(cache, ["other"])
    for (let time = 0; time < 100; time++) cache.add(verified(textOf("again")), verified(`beside ${textOf("again")}`))
    expect(visitAll(cache, ["other", "again"])).toEqual([true, true])
  })

  it("is replaced by a later one whose token ends alike", () => {
    const cache = start()
    const [first, later] = [textOf("a", 100), textOf("a", 120)]
    for (const text of [first, first, later]) visit(cache, text)
    expect([cache.get(first, now), cache.get(later, now)?.value.token]).toEqual([undefined, later])
  })

  it.each([
    [-1, false],
    [0, true],
    [ttl - 1, true],
    [ttl, false],
    [Number.NaN, false]
  ])("%i ms after it was verified, is found: %s", (millis, isFound) => {
    const cache = start()
    cache.add(verified(textOf("a")), verified("b", now + 1_000))
    expect(cache.get(textOf("a"), now + millis) !== undefined).toBe(isFound)
    // What was expired is evicted: it does not come back when the clock is set back.
    const session = cache.get(textOf("a"), now)
    expect(session !== undefined).toBe(isFound)
    expect(session && cache.getBeside(session, "b", now + 1_000 + millis) !== undefined).toBe(isFound || undefined)
  })
})

interface Step {
  readonly does: "visit" | "get" | "wait"
  readonly name: number
  readonly beside: number
  readonly millis: number
}

/** Few names, so that they come again; those above 20 end like another one. */
const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom("visit" as const, "visit" as const, "visit" as const, "get" as const, "wait" as const),
  name: fc.nat(30),
  beside: fc.nat(5),
  millis: fc.constantFrom(0, 1, 1_000, ttl / 2, ttl - 1, ttl, -1)
})
const nameToText = (name: number): string => (name > 20 ? textOf(name - 20, 150) : textOf(name, 60 + 20 * name))
const bounds = fc.record({ maxBytes: fc.integer({ min: 1, max: 60_000 }), maxEntries: fc.integer({ min: 1, max: 25 }) })

describe("the cache", () => {
  it("∀ visits, times and bounds: what is found is what was last cached for exactly these strings, and verified within five minutes", () => {
    let hits = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), bounds, (steps, bounds) => {
        const cache = start(bounds)
        const model = new Map<string, { readonly value: Verified; readonly besides: Map<string, Verified> }>()
        let at = now
        for (const { does, name, beside, millis } of steps) {
          if (does === "wait") at += millis
          const text = nameToText(name)
          const session = cache.get(text, at)
          const found = session && cache.getBeside(session, `${beside}`, at)
          if (session !== undefined) expect(session.value).toBe(model.get(text)?.value)
          if (found !== undefined) expect(found).toBe(model.get(text)?.besides.get(`${beside}`))
          for (const each of [session?.value, found]) {
            if (each === undefined) continue
            hits++
            expect([each.verifiedAt <= at, at < each.verifiedAt + ttl]).toEqual([true, true])
          }
          if (does !== "visit" || found !== undefined) continue
          const [value, verifiedBeside] = [verified(text, at), verified(`${beside}`, at)]
          if (session === undefined) {
            cache.add(value, verifiedBeside)
            model.set(text, { value, besides: new Map([[`${beside}`, verifiedBeside]]) })
          } else {
            cache.addBeside(session, verifiedBeside)
            model.get(text)?.besides.set(`${beside}`, verifiedBeside)
          }
        }
      }),
      { numRuns: runs(300) }
    )
    expect(hits).toBeGreaterThan(runs(300))
  })

  it("∀ visits and bounds: what is cached fits both bounds, and a session that was just cached is found unless it takes a fifth", () => {
    const request = fc.record({ name: fc.nat(40), beside: fc.nat(5), length: fc.constantFrom(60, 300, 1_000, 3_000), isLate: fc.boolean() })
    const visits = fc.array(request, { maxLength: 150 })
    fc.assert(
      fc.property(visits, bounds, (visits, { maxBytes, maxEntries }) => {
        const cache = start({ maxBytes, maxEntries })
        const before: Array<Session> = []
        for (const { name, beside, length, isLate } of visits) {
          const [text, besideText] = [textOf(name, 60 + name), textOf(beside, length)]
          const session = cache.get(text, now)
          const isNew = session === undefined
          if (session !== undefined) before.push(session)
          // A request may wait for a key while its session is evicted.
          const late = isLate ? before[name % (before.length || 1)] : undefined
          if (late !== undefined) cache.addBeside(late, verified(besideText))
          visit(cache, text, besideText)
          const isLarge = bytesOf(text) + bytesOf(besideText) > maxBytes * 0.2
          if (isNew) expect(cache.get(text, now) !== undefined).toBe(!isLarge && maxEntries > 0)
        }
        // Each is asked for once, so that what is found was there before.
        let [bytes, entries] = [0, 0]
        for (let name = 0; name <= 40; name++) {
          const text = textOf(name, 60 + name)
          const session = cache.get(text, now)
          if (session === undefined) continue
          entries++
          bytes += bytesOf(text)
          for (let beside = 0; beside <= 5; beside++) {
            for (const length of new Set(visits.map((visit) => visit.length))) {
              const besideText = textOf(beside, length)
              if (cache.getBeside(session, besideText, now) !== undefined) bytes += bytesOf(besideText)
            }
          }
        }
        expect(entries).toBeLessThanOrEqual(maxEntries)
        expect(bytes).toBeLessThanOrEqual(maxBytes)
      }),
      { numRuns: runs(200) }
    )
  })

  it("∀ scan by sessions with one request: those that had a hit are found, however often they come", () => {
    const scan = fc.record({ regulars: fc.integer({ min: 1, max: 80 }), strangers: fc.nat(300), gap: fc.integer({ min: 1, max: 200 }) })
    fc.assert(
      fc.property(scan, fc.boolean(), ({ regulars, strangers, gap }, isInBytes) => {
        const bytes = bytesOf(textOf("")) + bytesOf(`beside ${textOf("")}`)
        const cache = start(isInBytes ? { maxBytes: 100 * bytes } : { maxEntries: 100 })
        const names = Array.from({ length: regulars }, (_, index) => `regular ${index}`)
        for (const name of names) visitAll(cache, [name, name])
        for (let stranger = 0; stranger < strangers; stranger++) {
          expect(visit(cache, textOf(stranger))).toBe(false)
          if (stranger % gap === 0) expect(visitAll(cache, names)).not.toContain(false)
        }
        expect(visitAll(cache, names)).not.toContain(false)
      }),
      { numRuns: runs(50) }
    )
  })
})

describe("a full cache", () => {
  it.each([
    ["entries", { maxEntries: 10 }],
    ["bytes", { maxBytes: 10 * (bytesOf(textOf("")) + bytesOf(`beside ${textOf("")}`)) }]
  ])("evicts the oldest of the sessions with one request first: bounded in %s", (_, bounds) => {
    const cache = start(bounds)
    const names = Array.from({ length: 11 }, (_, index) => index)
    expect(visitAll(cache, names)).not.toContain(true)
    expect(visitAll(cache, names.slice(3))).not.toContain(false)
    expect(visitAll(cache, [0])).toEqual([false])
  })

  it.each([
    ["entries", { maxEntries: 10 }],
    ["bytes", { maxBytes: 10 * (bytesOf(textOf("")) + bytesOf(`beside ${textOf("")}`)) }]
  ])("keeps a fifth for sessions that are new, however many come again: bounded in %s", (_, bounds) => {
    const cache = start(bounds)
    for (let name = 0; name < 20; name++) visitAll(cache, [name, name])
    expect(visitAll(cache, ["new", "newer", "new", "newer"])).toEqual([false, false, true, true])
  })

  it.each([
    ["entries", { maxEntries: 10 }],
    ["bytes", { maxBytes: 10 * (bytesOf(textOf("")) + bytesOf(`beside ${textOf("")}`)) }]
  ])("keeps four fifths for those that come again, all of them: bounded in %s", (_, bounds) => {
    const cache = start(bounds)
    const names = Array.from({ length: 8 }, (_, index) => index)
    for (const name of names) visitAll(cache, [name, name])
    expect(visitAll(cache, names)).not.toContain(false)
  })

  it("of the sessions that came again, evicts the one that has had no hit since", () => {
    const cache = start({ maxEntries: 10 })
    visitAll(cache, ["still", "still", "stopped", "stopped", "still"])
    // Seven more fill the eight places of those that came again, and one takes another's.
    for (let name = 0; name < 7; name++) visitAll(cache, [name, name])
    expect(visitAll(cache, ["still", "stopped"])).toEqual([true, false])
  })

  it("gives a session its second chance once: the next needs another hit", () => {
    const cache = start({ maxEntries: 10 })
    visitAll(cache, ["a", "a", "a"])
    for (let name = 0; name < 8; name++) visitAll(cache, [name, name])
    // Evicted: 0, the first without a hit. Now "a" stands behind 7, and seven more evict 1 to 7.
    for (let name = 8; name < 15; name++) visitAll(cache, [name, name])
    expect(cache.get(textOf("a"), now)).toBeDefined()
    const other = start({ maxEntries: 10 })
    visitAll(other, ["a", "a", "a"])
    for (let name = 0; name < 16; name++) visitAll(other, [name, name])
    expect(other.get(textOf("a"), now)).toBeUndefined()
  })

  it("evicts where a session grows by further tokens of the load balancer", () => {
    const text = textOf("a")
    const small = bytesOf(text) + bytesOf("b1")
    const cache = start({ maxBytes: 6 * small })
    visit(cache, text, "b1")
    visitAll(cache, [1, 2, 3, 4])
    for (const beside of ["b2", "b3", "b4", "b5"]) visit(cache, text, beside)
    const left = [1, 2, 3, 4].filter((name) => cache.get(textOf(name), now) !== undefined)
    expect(left).toEqual([2, 3, 4])
  })

  it("finds the newest of many thousand sessions, and those that had a hit before", () => {
    const count = runs(100_000)
    const cache = start({ maxEntries: 100, maxBytes: 10_000_000 })
    visitAll(cache, ["regular", "regular"])
    for (let name = 0; name < count; name++) cache.add(verified(`${name}`), verified("beside"))
    expect(cache.get(textOf("regular"), now)).toBeDefined()
    const newest = Array.from({ length: 99 }, (_, index) => `${count - 1 - index}`)
    expect(newest.filter((name) => cache.get(name, now) === undefined)).toEqual([])
    expect(cache.get(`${count - 100}`, now)).toBeUndefined()
  })
})
