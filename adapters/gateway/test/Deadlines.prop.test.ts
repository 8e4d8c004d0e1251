import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { Deadlines, type Watched } from "../src/upstream/Deadlines.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }))
afterEach(() => void vi.useRealTimers())

const limitMillis = 8_000
const steps = fc.array(fc.record({ what: fc.constantFrom("add", "delete", "move", "wait"), who: fc.nat(7), millis: fc.nat(3_000) }), {
  maxLength: 60
})

describe("Deadlines", () => {
  it("∀ what begins, moves and ends in any order: who stands still for the limit expires, once, and nobody else does", () => {
    fc.assert(
      fc.property(steps, (steps) => {
        const deadlines = new Deadlines(limitMillis)
        const watched = new Map<number, Watched & { movedAt: number }>()
        const expired: Array<number> = []
        const all = Array.from({ length: 8 }, (_, who) => ({
          movedAt: 0,
          place: undefined,
          expire: () => {
            expired.push(who)
            // Nobody expires early, or when it is not watched any more.
            expect(performance.now() - (watched.get(who)?.movedAt ?? Number.NaN)).toBeGreaterThanOrEqual(limitMillis)
            watched.delete(who)
          }
        }))
        for (const { what, who, millis } of steps) {
          const each = all[who] as Watched & { movedAt: number }
          if (what === "move" || what === "add") each.movedAt = performance.now()
          if (what === "add") {
            deadlines.add(each)
            watched.set(who, each)
          }
          if (what === "delete") {
            deadlines.delete(each)
            watched.delete(who)
          }
          if (what === "wait") vi.advanceTimersByTime(millis)
        }
        const left = [...watched.keys()]
        expired.length = 0
        vi.advanceTimersByTime(limitMillis + limitMillis / 8)
        expect(expired.toSorted()).toEqual(left.toSorted())
        expect(vi.getTimerCount()).toBe(0)
      }),
      { numRuns: runs(100) }
    )
  })
})
