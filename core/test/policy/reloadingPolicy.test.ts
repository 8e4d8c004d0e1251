import { PolicySource } from "@cognito-auth/core"
import type { Policy } from "@cognito-auth/core/Policy"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"

const documentOf = (group: string) => JSON.stringify({ allowed_groups: [group] })
const groupOf = (policy: Policy | undefined) => policy?.describe.replace("a member of ", "")
const unreachable = () => Promise.reject(new Error("ECONNREFUSED"))

/** A document that the test answers for, how often it was read, and what is logged of it. */
const open = (read: () => Promise<string>, initial?: string) => {
  const document = { read, reads: 0 }
  const lines: Array<string> = []
  const source = PolicySource.document({
    name: "document",
    initial,
    read: () => {
      document.reads++
      return document.read()
    }
  })
  const logger = Logger.make(({ message }) => {
    lines.push([message].flat().map(String).join(" "))
  })
  const logged = <A, E>(effect: Effect.Effect<A, E>) => Effect.provide(effect, Logger.layer([logger]))
  const hasRead = (times: number) => Effect.promise(() => expect.poll(() => document.reads).toBe(times))
  return { document, lines, current: logged(source.current), reload: logged(source.reload), source, hasRead }
}

describe("a policy in force", () => {
  itEffect("is used without another reading", () =>
    Effect.gen(function* () {
      const { document, current } = open(async () => documentOf("staff"))
      const policies = [yield* current, yield* current]
      yield* TestClock.adjust("149 seconds")
      policies.push(yield* current)
      expect(new Set(policies).size).toBe(1)
      expect(document.reads).toBe(1)
    })
  )

  itEffect("is used without waiting while it is read again in the background, but not once it is five minutes old", () =>
    Effect.gen(function* () {
      const { document, current, source, hasRead } = open(async () => documentOf("old"))
      yield* current
      let answer = (_text: string) => {}
      document.read = () => new Promise((resolve) => (answer = resolve))
      yield* TestClock.adjust("150 seconds")
      expect(source.peek(150_000)).toBeUndefined()
      expect(groupOf(yield* current)).toBe("old")
      yield* hasRead(2)
      expect(groupOf(source.peek(150_000))).toBe("old")
      expect(groupOf(source.peek(299_999))).toBe("old")
      expect(source.peek(300_000)).toBeUndefined()
      answer(documentOf("new"))
      yield* Effect.promise(() => expect.poll(() => groupOf(source.peek(150_000))).toBe("new"))
    })
  )

  itEffect("that cannot be read again is used for five seconds without another reading, then read in the background", () =>
    Effect.gen(function* () {
      const { document, current, source, hasRead } = open(async () => documentOf("staff"))
      yield* current
      document.read = unreachable
      yield* TestClock.adjust("300 seconds")
      for (const at of [300_000, 304_999]) {
        yield* TestClock.setTime(at)
        expect(groupOf(yield* current)).toBe("staff")
        expect(groupOf(source.peek(at))).toBe("staff")
      }
      expect(document.reads).toBe(2)
      document.read = () => new Promise(() => {})
      yield* TestClock.setTime(305_000)
      expect(source.peek(305_000)).toBeUndefined()
      expect(groupOf(yield* current)).toBe("staff")
      yield* hasRead(3)
    })
  )

  it("is none if the clock was set forward by days while it was read", async () => {
    const { source } = open(async () => documentOf("staff"))
    const live = await Effect.runPromise(Clock.Clock)
    let now = 0
    const clock: Clock.Clock = {
      currentTimeMillisUnsafe: () => now,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanosUnsafe: () => live.currentTimeNanosUnsafe(),
      currentTimeNanos: live.currentTimeNanos,
      monotonicTimeNanosUnsafe: () => live.monotonicTimeNanosUnsafe(),
      monotonicTimeNanos: live.monotonicTimeNanos,
      sleep: (duration) => live.sleep(duration)
    }
    // It is logged once it is loaded, before it is used.
    const jump = Logger.make(() => {
      now += 48 * 3_600_000
    })
    const ask = Effect.flip(source.current).pipe(Effect.provideService(Clock.Clock, clock), Effect.provide(Logger.layer([jump])))
    expect((await Effect.runPromise(ask)).reason).toBe("document: it was read too long ago")
  })
})

describe("a document that was read before", () => {
  itEffect("stays in force if the first thing that happens is a reload that fails", () =>
    Effect.gen(function* () {
      const { document, current, lines, reload, source } = open(unreachable, documentOf("staff"))
      yield* Effect.flip(reload)
      expect(lines).toEqual([expect.stringContaining("the last valid policy stays in force")])
      expect(groupOf(yield* current)).toBe("staff")
      expect(groupOf(source.peek(0))).toBe("staff")
      expect(document.reads).toBe(1)
    })
  )

  itEffect("and was invalid is never in force", () =>
    Effect.gen(function* () {
      const { document, current, source } = open(async () => "{", "{")
      expect(source.peek(0)).toBeUndefined()
      expect(source.health?.(0)?.isUsable).toBe(false)
      expect((yield* Effect.flip(current)).reason).toBe("document: it is not JSON.")
      document.read = async () => documentOf("staff")
      yield* TestClock.adjust("5 seconds")
      expect(groupOf(yield* current)).toBe("staff")
    })
  )
})

describe("the health of a policy", () => {
  itEffect("is its age, why it could not be read the last time, and whether it is in force", () =>
    Effect.gen(function* () {
      const { document, current, reload, source } = open(unreachable)
      const health = Effect.map(Clock.currentTimeMillis, (nowMillis) => source.health?.(nowMillis))
      const none = { source: "document", ageMillis: undefined, lastFailure: undefined, isUsable: false }
      expect(yield* health).toEqual(none)
      yield* Effect.flip(current)
      expect(yield* health).toEqual({ ...none, lastFailure: "ECONNREFUSED" })
      document.read = async () => documentOf("staff")
      yield* reload
      yield* TestClock.adjust("1 minutes")
      expect(yield* health).toEqual({ ...none, ageMillis: 60_000, isUsable: true })
      yield* TestClock.adjust("10 minutes")
      expect(yield* health).toEqual({ ...none, ageMillis: 660_000, isUsable: true })
      document.read = async () => "{"
      yield* Effect.flip(reload)
      expect(yield* health).toEqual({ ...none, ageMillis: 660_000, lastFailure: "it is not JSON.", isUsable: true })
      yield* TestClock.adjust("1 days")
      expect(yield* health).toMatchObject({ lastFailure: "it is not JSON.", isUsable: false })
    })
  )
})
