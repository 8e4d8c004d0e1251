import { CognitoAuth, PolicySource, type PolicyUnavailable } from "@cognito-auth/core"
import type { Policy } from "@cognito-auth/core/Policy"
import { makeRoute } from "@cognito-auth/core/Route"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const documentOf = (group: string) => JSON.stringify({ allowed_groups: [group], allowed_users: ["secret@example.com"] })
const nameOf = (policy: Policy | undefined) => policy?.describe.match(/member of (\S+)/)?.[1]

const hour = 3_600_000
const signers = await sharedForge()

/** How a reading can go. */
const failures = {
  unreachable: () => Promise.reject(new Error("ECONNREFUSED")),
  hanging: () => new Promise<string>(() => {}),
  throwing: () => {
    throw new Error("broken")
  },
  truncated: async () => documentOf("truncated").slice(0, -2),
  empty: async () => "",
  ruleless: async () => "{}",
  misspelt: async () => JSON.stringify({ allowed_group: ["misspelt"] }),
  wrong: async () => JSON.stringify({ allowed_groups: ["wrong"], allowed_users: ["secret"] })
} as const
type Failure = keyof typeof failures

interface Step {
  /** What the document is from now on: a good one of this group, or a failure. */
  readonly document: { readonly group: string } | { readonly failure: Failure } | undefined
  readonly wait: number
  readonly act: "reload" | "current" | "change" | "peek"
}

const step: fc.Arbitrary<Step> = fc.record({
  document: fc.option(
    fc.oneof(
      fc.constantFrom("a", "b", "c").map((group) => ({ group })),
      fc.constantFrom(...(Object.keys(failures) as Array<Failure>)).map((failure) => ({ failure }))
    ),
    { nil: undefined }
  ),
  wait: fc.oneof(fc.constantFrom(0, 1, 4_999, 5_000, 150_000, 299_999, 300_000, hour, 12 * hour, 24 * hour), fc.nat({ max: 25 * hour })),
  act: fc.constantFrom("reload", "current", "change", "peek")
})

describe("a policy that is read again and again", () => {
  it("∀ sequence of reloads with failures: the last valid policy is in force for a day past its five minutes, and then none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) =>
        Effect.runPromise(Effect.scoped(follow(steps)).pipe(Effect.provide([TestClock.layer(), Logger.layer([])])))
      ),
      { numRuns: runs(120) }
    )
  })
})

describe("a policy whose clock jumps", () => {
  it("∀ jumps: none is in force whose reading lies five minutes or more away, in either direction, without another reading", async () => {
    const jump = fc.oneof(
      fc.constantFrom(0, 1, -1, 149_999, 150_000, 299_999, 300_000, -300_000, 47 * hour, -47 * hour, 48 * hour, -48 * hour),
      fc.integer({ min: -49 * hour, max: 49 * hour })
    )
    const seen = { back: 0, fresh: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(jump, { minLength: 1, maxLength: 20 }), (jumps) =>
        Effect.runPromise(
          Effect.gen(function* () {
            let nowMillis = 1_000 * hour
            let version = 0
            let readAt = Number.NaN
            const source = PolicySource.document({
              name: "document",
              read: async () => {
                readAt = nowMillis
                return documentOf(`v${version}`)
              }
            })
            yield* TestClock.setTime(nowMillis)
            yield* source.current
            for (const jump of jumps) {
              nowMillis = Math.max(0, nowMillis + jump)
              yield* TestClock.setTime(nowMillis)
              // Every change withdraws what was in force.
              version++
              const isFar = nowMillis < readAt || nowMillis >= readAt + 300_000
              if (isFar) expect(source.peek(nowMillis)).toBeUndefined()
              const name = nameOf(yield* source.current)
              if (isFar) expect(name).toBe(`v${version}`)
              if (jump < 0 && isFar) seen.back++
              if (!isFar) seen.fresh++
              yield* flush
              yield* flush
            }
          }).pipe(Effect.provide([TestClock.layer(), Logger.layer([])]))
        )
      ),
      { numRuns: runs(150) }
    )
    expect(Math.min(seen.back, seen.fresh)).toBeGreaterThan(runs(150) / 4)
  })
})

/** Runs the steps against a model of two facts: which good document was read last, and when. */
const follow = (steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    let document: NonNullable<Step["document"]> = { group: "first" }
    let good: { readonly group: string; readonly at: number } | undefined
    let onChange = () => {}
    const source = PolicySource.document({
      name: "document",
      read: () => {
        if ("failure" in document) return failures[document.failure]()
        good = { group: document.group, at: clock.currentTimeMillisUnsafe() }
        return Promise.resolve(documentOf(document.group))
      },
      subscribe: (changed) => {
        onChange = changed
        return () => {}
      }
    })
    const inForce = () => (good !== undefined && clock.currentTimeMillisUnsafe() - good.at <= 300_000 + 24 * hour ? good.group : undefined)
    /** Runs it to its end, which a reading that hangs brings after ten seconds. */
    const settle = <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Effect.result(effect))
        yield* flush
        if (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("10 seconds")
        yield* flush
        if (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("10 seconds")
        return yield* Fiber.join(fiber)
      })
    yield* Effect.forkScoped(source.watch)
    yield* flush

    for (const { document: next, wait, act } of steps) {
      document = next ?? document
      yield* TestClock.adjust(wait)
      yield* flush
      if (act === "reload") {
        const reloaded = yield* settle(source.reload)
        expect(Result.isSuccess(reloaded)).toBe("group" in document)
        if (Result.isSuccess(reloaded)) expect(nameOf(source.peek(clock.currentTimeMillisUnsafe()))).toBe(inForce())
      }
      if (act === "change") {
        onChange()
        yield* TestClock.adjust("10050 millis")
        yield* flush
        if ("group" in document) expect(good?.group).toBe(document.group)
      }
      if (act === "peek") {
        const peeked = nameOf(source.peek(clock.currentTimeMillisUnsafe()))
        if (peeked !== undefined) expect(peeked).toBe(inForce())
      }
      const before = good?.group
      const current: Result.Result<Policy, PolicyUnavailable> = yield* settle(source.current)
      if (Result.isFailure(current)) expect(inForce()).toBeUndefined()
      else expect([before, inForce()]).toContain(nameOf(current.success))
      // The background reload has ended, and the next one is not due yet.
      yield* flush
      yield* TestClock.adjust("10 seconds")
      yield* flush
      const settled = yield* settle(source.current)
      expect(Result.isSuccess(settled) ? nameOf(settled.success) : undefined).toBe(inForce())
    }
  })

/** Lets promises and what waits for them go on. */
const flush = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** A document in the test's hands, and what is logged of it. */
const open = (first: () => Promise<string>) => {
  const document = { read: first, reads: 0 }
  const lines: Array<string> = []
  const source = PolicySource.document({
    name: "document",
    read: () => {
      document.reads++
      return document.read()
    },
    subscribe: () => () => {}
  })
  const logger = Logger.make(({ message }) => {
    lines.push([message].flat().map(String).join(" "))
  })
  const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, Logger.layer([logger]))
  return { document, lines, source, logged }
}

describe("a source that fails", () => {
  itEffect("and never gave a policy is asked every five seconds, however many requests there are; a reload asks at once", () =>
    Effect.gen(function* () {
      const { document, lines, source, logged } = open(failures.unreachable)
      const ask = logged(Effect.flip(source.current))
      for (let second = 0; second < 20; second++) {
        for (let request = 0; request < 50; request++)
          expect(yield* ask).toMatchObject({ _tag: "PolicyUnavailable", reason: "document: ECONNREFUSED" })
        yield* TestClock.adjust("1 seconds")
      }
      expect(document.reads).toBe(4)
      expect(lines).toHaveLength(4)
      document.read = async () => documentOf("staff")
      yield* logged(source.reload)
      expect(nameOf(yield* source.current)).toBe("staff")
    })
  )

  itEffect("lets users in for a day by its last policy, then nobody: 503", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const forge = signers.with({ now: () => clock.currentTimeMillisUnsafe() })
      const { document, source, logged } = open(async () => documentOf("staff"))
      // As a layer, whose watch runs by the test's clock, too.
      const layer = CognitoAuth.layer({ ...forge.settings().options, keySource: forge.keySource(), policy: source })
      const auth = Context.get(yield* logged(Layer.build(layer)), CognitoAuth)
      const decide = (...groups: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          const headers = yield* Effect.promise(() => forge.headers({ groups }))
          return yield* logged(auth.decide({ method: "GET", target: "/", headers }, makeRoute()))
        })
      expect(yield* decide("staff")).toMatchObject({ _tag: "Admit" })
      document.read = failures.truncated
      yield* TestClock.adjust("1 days")
      expect(yield* decide("staff")).toMatchObject({ _tag: "Admit" })
      expect(yield* decide("other")).toMatchObject({ status: 403 })
      yield* TestClock.adjust("6 minutes")
      for (const group of ["staff", "other", "platform-admins"]) {
        expect(yield* decide(group)).toMatchObject({
          status: 503,
          headers: { "retry-after": "5" },
          error: { reason: "document: it is not JSON." }
        })
      }
    })
  )

  itEffect("says whether a policy stays in force", () =>
    Effect.gen(function* () {
      const { document, lines, source, logged } = open(failures.unreachable)
      yield* logged(Effect.ignore(source.reload))
      document.read = async () => documentOf("staff")
      yield* logged(source.reload)
      document.read = failures.wrong
      yield* logged(Effect.ignore(source.reload))
      expect(lines).toEqual([
        "cognito-auth: document was not loaded, no policy is in force, so no request is admitted: ECONNREFUSED",
        "cognito-auth: policy of document in force: allowed groups: added staff; allowed users: added 1",
        "cognito-auth: document was not loaded, the last valid policy stays in force: allowed_users entry 1 is not an e-mail address: expected one @ with text on both sides, and no white space."
      ])
    })
  )
})

describe("a change", () => {
  itEffect("is logged by the names of groups and the number of people", () =>
    Effect.gen(function* () {
      const { document, lines, source, logged } = open(async () =>
        JSON.stringify({ allowed_groups: ["staff", "guests"], allowed_users: ["secret1@example.com"], admin_groups: ["root"] })
      )
      yield* logged(source.reload)
      document.read = async () =>
        JSON.stringify({
          allowed_groups: ["guests", "staff", "board"],
          allowed_users: ["secret2@example.com", "secret3@example.com"],
          admin_users: ["secret4@example.com"],
          require_all: true
        })
      yield* logged(source.reload)
      document.read = async () => JSON.stringify({ allowed_groups: Array.from({ length: 100 }, (_, i) => `group-${i}`) })
      yield* logged(source.reload)
      document.read = async () => JSON.stringify({ allowed_groups: Array.from({ length: 100 }, (_, i) => `group-${99 - i}`) })
      yield* logged(source.reload)
      expect(lines.map((line) => line.replace("cognito-auth: policy of document in force: ", ""))).toEqual([
        "allowed groups: added staff, guests; allowed users: added 1; admin groups: added root",
        "allowed groups: added board; allowed users: added 2, removed 1; admin groups: removed root; admin users: added 1; require_all is true",
        expect.stringMatching(
          /^allowed groups: added group-0, .*, group-19 and 80 more, removed guests, staff, board; .*; require_all is false$/
        ),
        "the same rules"
      ])
      expect(lines.join()).not.toContain("secret")
    })
  )

  itEffect("between the first reading and the watch does not go unseen", () =>
    Effect.gen(function* () {
      const { document, source, logged } = open(async () => documentOf("old"))
      yield* logged(source.current)
      document.read = async () => documentOf("new")
      yield* Effect.forkScoped(logged(source.watch))
      yield* flush
      yield* flush
      expect(nameOf(source.peek(0))).toBe("new")
    })
  )

  itEffect("while a reading is under way is read after it", () =>
    Effect.gen(function* () {
      const { document, source, logged } = open(async () => documentOf("old"))
      let answer = (_text: string) => {}
      document.read = () => new Promise((resolve) => (answer = resolve))
      const reading = yield* Effect.forkChild(logged(source.current))
      yield* Effect.promise(() => expect.poll(() => document.reads).toBe(1))
      document.read = async () => documentOf("new")
      const reloading = yield* Effect.forkChild(logged(source.reload), { startImmediately: true })
      answer(documentOf("old"))
      yield* Fiber.join(reading)
      yield* Fiber.join(reloading)
      expect(nameOf(source.peek(0))).toBe("new")
      expect(document.reads).toBe(2)
    })
  )
})
