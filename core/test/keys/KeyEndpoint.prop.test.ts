/** Keys of an endpoint, over every sequence of answers, and over clocks that jump. */
import { generateKeyPairSync } from "node:crypto"
import { fromKeyObject } from "@cognito-auth/core/Key"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { type KeyEndpoint, type Keys, makeKeyEndpoint } from "../../src/keys/keyEndpoint.ts"
import { FetchFailed, type FetchFailure } from "../../src/remote/fetchText.ts"
import { successOf } from "../outcome.ts"

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const ages = { maxAgeMillis: hour, staleIfErrorMillis: 12 * hour }

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
/** The same key, parsed again each time. */
const keysOf = (...kids: ReadonlyArray<string>): Keys =>
  new Map(kids.map((kid) => [kid, successOf(fromKeyObject(kid, "ES256", publicKey))]))

type Answer = FetchFailure | "has it" | "has others"
const answers: ReadonlyArray<Answer> = ["has it", "has others", "connection", "timeout", "server", "absent", "unusable"]
const answer = fc.constantFrom(...answers)
/** How the endpoint answers from now on, and how long it is until the key is asked for. */
interface Step {
  readonly answer: Answer
  readonly wait: number
}

/** An endpoint that answers as the test says, at once. */
const open = () => {
  const script = { answer: "has it" as Answer, asked: 0 }
  const endpoint = makeKeyEndpoint({
    source: "https://keys.example",
    given: new Map(),
    ages,
    isOnDemand: false,
    unitOf: () => "unit",
    fetch: () =>
      Effect.suspend(() => {
        script.asked++
        if (script.answer === "has it") return Effect.succeed(keysOf("kid"))
        if (script.answer === "has others") return Effect.succeed(keysOf("other"))
        return Effect.fail(new FetchFailed({ reason: script.answer, kind: script.answer }))
      })
  })
  return { script, endpoint }
}

/** Lets what was started in the background end. */
const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
})

type Outcome = "used" | "unknown" | "outage"
const find = (endpoint: KeyEndpoint): Effect.Effect<Outcome> =>
  Effect.map(Effect.result(endpoint.find("kid")), (found) =>
    Result.isFailure(found) ? "outage" : found.success === undefined ? "unknown" : "used"
  )

/** The table of docs/decisions/0010-answers-of-key-endpoints.md: what the answer means for a key that was fetched so long ago. */
const meaning = (answer: Answer, age: "fresh" | "stale" | "expired"): Outcome => {
  if (answer === "has it") return "used"
  if (answer === "has others") return "unknown"
  if (age === "fresh") return "used"
  if (answer === "absent") return age === "stale" ? "outage" : "unknown"
  if (answer === "unusable") return "outage"
  return age === "stale" ? "used" : "outage"
}

const run = (effect: Effect.Effect<void>) => Effect.runPromise(effect.pipe(Effect.provide([TestClock.layer(), Logger.layer([])])))

describe("a cached key", () => {
  it("∀ answers of its endpoint, ∀ times: used, unknown or an outage by the table", async () => {
    const seen = new Set<string>()
    // Each answer about a key of each age, however few the runs.
    const every = answers.map((each): [Array<Step>] => [
      [hour / 2, hour, 14 * hour].flatMap((wait) => [
        { answer: "has it", wait: 14 * hour },
        { answer: each, wait }
      ])
    ])
    // Long enough for a rate limit or a negative cache to be over.
    const wait = fc.oneof(
      fc.constantFrom(30 * second, hour / 2, hour, 12 * hour, 13 * hour),
      fc.integer({ min: 30 * second, max: 14 * hour })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ answer, wait }), { minLength: 1, maxLength: 20 }), (steps) =>
        run(
          Effect.gen(function* () {
            const { script, endpoint } = open()
            expect(yield* find(endpoint)).toBe("used")
            let fetchedAt: number | undefined = 0
            for (const { answer, wait } of steps) {
              script.answer = answer
              yield* TestClock.adjust(wait)
              const nowMillis = yield* Clock.currentTimeMillis
              const asked = script.asked
              // What the first one starts in the background has been answered when the second one asks.
              yield* find(endpoint)
              yield* settle
              const outcome = yield* find(endpoint)
              yield* settle
              const age = fetchedAt === undefined ? Number.POSITIVE_INFINITY : nowMillis - fetchedAt
              const state = age < hour ? "fresh" : age <= 13 * hour ? "stale" : "expired"
              if (age < hour / 2) {
                expect([outcome, script.asked]).toEqual(["used", asked])
                continue
              }
              expect(script.asked).toBeGreaterThan(asked)
              expect(outcome).toBe(meaning(answer, state))
              if (answer === "has it") fetchedAt = nowMillis
              if (answer === "has others") fetchedAt = undefined
              seen.add(`${answer}, ${state}`)
            }
          })
        )
      ),
      { examples: every, numRuns: every.length + runs(300) }
    )
    // Every cell of the table was met.
    expect(answers.flatMap((each) => ["fresh", "stale", "expired"].filter((state) => !seen.has(`${each}, ${state}`)))).toEqual([])
  })

  it("∀ clock that jumps: none is used whose fetch lies more than maxAge away, in either direction, without a fetch", async () => {
    const jump = fc.oneof(
      fc.constantFrom(0, 1, -1, 4_999, 5_000, hour, -hour, 47 * hour, 48 * hour, -48 * hour),
      fc.integer({ min: -49 * hour, max: 49 * hour })
    )
    const seen = { back: 0, used: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ answer, jump }), { minLength: 1, maxLength: 20 }), (steps) =>
        run(
          Effect.gen(function* () {
            const { script, endpoint } = open()
            let nowMillis = 1_000 * hour
            let fetchedAt = nowMillis
            /** Since the last fetch that succeeded: whether another has been tried, and how the last one ended. */
            let lastFailure: Answer | undefined
            yield* TestClock.setTime(nowMillis)
            yield* find(endpoint)
            for (const { answer, jump } of steps) {
              script.answer = answer
              nowMillis = Math.max(0, nowMillis + jump)
              yield* TestClock.setTime(nowMillis)
              const isFar = nowMillis < fetchedAt || nowMillis >= fetchedAt + hour
              if (jump < 0 && isFar) seen.back++
              const before = script.asked
              const peeked = endpoint.peek("kid", nowMillis)
              // Without a wait, it is fresh, or its endpoint is known to be down.
              if (peeked !== undefined && isFar) expect(["connection", "timeout", "server"]).toContain(lastFailure)
              const outcome = yield* find(endpoint)
              yield* settle
              const isAsked = script.asked > before
              if (outcome === "used" && isFar) {
                expect(isAsked || lastFailure !== undefined).toBe(true)
                seen.used++
              }
              if (isAsked) {
                lastFailure = answer === "has it" || answer === "has others" ? undefined : answer
                if (lastFailure === undefined) fetchedAt = nowMillis
              }
            }
            // However wrong it was: once the clock stands still and the endpoint answers, what was withdrawn is out of use.
            script.answer = "has others"
            for (const later of [0, 30 * second]) {
              yield* TestClock.setTime(nowMillis + hour + later)
              yield* find(endpoint)
              yield* settle
            }
            expect(yield* find(endpoint)).not.toBe("used")
          })
        )
      ),
      { numRuns: runs(300) }
    )
    expect(Math.min(seen.back, seen.used)).toBeGreaterThan(runs(300) / 10)
  })

  it("∀ clock that was wrong: one that was withdrawn is in use for no longer than maxAge after that is corrected", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -49 * hour, max: 49 * hour }), fc.nat({ max: 60 }), (ahead, late) =>
        run(
          Effect.gen(function* () {
            const { script, endpoint } = open()
            const right = 1_000 * hour
            yield* TestClock.setTime(right + ahead)
            yield* find(endpoint)
            script.answer = "has others"
            // Asked every minute from then on, by a clock that is right.
            yield* TestClock.setTime(right + late * second)
            let used = 0
            for (let round = 0; round < 62; round++) {
              if ((yield* find(endpoint)) === "used") used = round
              yield* settle
              yield* TestClock.adjust("1 minute")
            }
            expect(used).toBeLessThanOrEqual(60)
          })
        )
      ),
      { numRuns: runs(200) }
    )
  })
})

describe("a key that is fetched again", () => {
  it("∀ answers and times: the same key stays the same object", async () => {
    const jump = fc.integer({ min: 0, max: 2 * hour })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ answer: fc.constantFrom<Answer>("has it", "server", "absent"), jump }), { maxLength: 20 }),
        (steps) =>
          run(
            Effect.gen(function* () {
              const { script, endpoint } = open()
              const first = yield* Effect.orDie(endpoint.find("kid"))
              for (const { answer, jump } of steps) {
                script.answer = answer
                yield* TestClock.adjust(jump)
                const found = yield* Effect.result(endpoint.find("kid"))
                yield* settle
                if (Result.isSuccess(found) && found.success !== undefined) expect(found.success).toBe(first)
              }
            })
          )
      ),
      { numRuns: runs(200) }
    )
  })
})

describe("an endpoint that has no usable answer", () => {
  /** What is logged by the Effects of a test, at a time. */
  const logged = (effect: (lines: ReadonlyArray<string>) => Effect.Effect<void>) => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push([message].flat().join(" ")))
    return Effect.runPromise(effect(lines).pipe(Effect.provide([TestClock.layer(), Logger.layer([logger])])))
  }
  const reasonOf = (endpoint: KeyEndpoint) =>
    Effect.map(Effect.orDie(Effect.flip(endpoint.find("kid"))), ({ reason, message }) => [reason, message])

  it("is an outage for the same reason until it is asked again", () =>
    logged(() =>
      Effect.gen(function* () {
        const { script, endpoint } = open()
        yield* find(endpoint)
        script.answer = "unusable"
        yield* TestClock.adjust(2 * hour)
        const first = yield* reasonOf(endpoint)
        expect(first).toEqual(["unusable", expect.stringMatching(/https:\/\/keys\.example.*unusable/)])
        expect(yield* reasonOf(endpoint)).toEqual(first)
        expect(script.asked).toBe(2)
      })
    ))

  it("is said to have none in the log, unless it has never had the key: anybody can ask for one that does not exist", () =>
    logged((lines) =>
      Effect.gen(function* () {
        const { script, endpoint } = open()
        script.answer = "absent"
        expect(yield* find(endpoint)).toBe("unknown")
        expect(lines).toEqual([])
        script.answer = "has it"
        yield* TestClock.adjust(minute)
        expect(yield* find(endpoint)).toBe("used")
        script.answer = "absent"
        yield* TestClock.adjust(2 * hour)
        expect(yield* find(endpoint)).toBe("outage")
        expect(lines).toEqual(["cognito-auth: no keys from https://keys.example: absent"])
      })
    ))
})
