/** What the rate limit, the negative cache and the age of a key mean for one another. */
import { generateKeyPairSync } from "node:crypto"
import { fromKeyObject } from "@cognito-auth/core/Key"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import { type Keys, makeKeyEndpoint } from "../../src/keys/keyEndpoint.ts"
import { FetchFailed, type FetchFailure } from "../../src/remote/fetchText.ts"
import { successOf } from "../outcome.ts"

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
const keysOf = (kids: ReadonlyArray<string>): Keys => new Map(kids.map((kid) => [kid, successOf(fromKeyObject(kid, "ES256", publicKey))]))

/** An endpoint with one set of keys, which are soon too old. It answers at once, as the test says: with these kids, or with a failure. */
const open = ({ maxAgeMillis = 1_000, staleIfErrorMillis = 0, given = [] as ReadonlyArray<string>, isOnDemand = false } = {}) => {
  const server: { answers: ReadonlyArray<string> | FetchFailure; asked: number } = { answers: ["kid"], asked: 0 }
  const endpoint = makeKeyEndpoint({
    source: "https://keys.example",
    given: keysOf(given),
    ages: { maxAgeMillis, staleIfErrorMillis },
    isOnDemand,
    unitOf: () => "set",
    fetch: () =>
      Effect.suspend(() => {
        server.asked++
        const { answers } = server
        return typeof answers === "string"
          ? Effect.fail(new FetchFailed({ reason: answers, kind: answers }))
          : Effect.succeed(keysOf(answers))
      })
  })
  const find = (kid: string) => endpoint.find(kid).pipe(Effect.provide(Logger.layer([])))
  const health = Effect.map(Clock.currentTimeMillis, endpoint.health)
  const load = endpoint.load("").pipe(Effect.ignore, Effect.provide(Logger.layer([])))
  return { server, find, health, load }
}

describe("a kid that the endpoint has", () => {
  itEffect("is never taken for an unknown one, however soon its key is too old", () =>
    Effect.gen(function* () {
      const { find } = open()
      for (let times = 0; times < 3; times++) {
        expect(yield* find("kid")).toMatchObject({ kid: "kid" })
        yield* TestClock.adjust("3 seconds")
      }
    })
  )

  itEffect("and had not before, is known as soon as it comes with another's: the negative cache is not asked about cached keys", () =>
    Effect.gen(function* () {
      const { server, find } = open({ maxAgeMillis: 4_000, staleIfErrorMillis: 60_000 })
      server.answers = ["other"]
      expect(yield* find("kid")).toBeUndefined()
      server.answers = ["other", "kid"]
      yield* TestClock.adjust("1 second")
      expect(yield* find("third")).toBeUndefined()
      expect(yield* find("kid")).toMatchObject({ kid: "kid" })
      yield* TestClock.adjust("5 seconds")
      expect(yield* find("kid")).toMatchObject({ kid: "kid" })
    })
  )
})

describe("an expired key", () => {
  itEffect("is looked for at once, and after a failure within the rate limit alone", () =>
    Effect.gen(function* () {
      const { server, find } = open()
      yield* find("kid")
      yield* TestClock.adjust("10 seconds")
      server.answers = "server"
      server.asked = 0
      for (let times = 0; times < 20; times++) {
        expect(yield* Effect.flip(find("kid"))).toMatchObject({ _tag: "KeySourceUnavailable", source: "https://keys.example" })
      }
      // The first, and the token bucket's ten.
      expect(server.asked).toBe(11)
      expect((yield* Effect.flip(find("kid"))).reason).toBe("down")
    })
  )

  itEffect("that the endpoint says it does not have is not looked for again for half a minute", () =>
    Effect.gen(function* () {
      const { server, find } = open()
      yield* find("kid")
      yield* TestClock.adjust("10 seconds")
      server.answers = "absent"
      server.asked = 0
      expect(yield* find("kid")).toBeUndefined()
      yield* TestClock.adjust("6 seconds")
      expect(yield* find("kid")).toBeUndefined()
      expect(server.asked).toBe(1)
      yield* TestClock.adjust("30 seconds")
      expect(yield* find("kid")).toBeUndefined()
      expect(server.asked).toBe(2)
    })
  )
})

describe("the health of an endpoint", () => {
  const source = "https://keys.example"

  itEffect("is how many keys are cached, how old they are, and whether they may be used", () =>
    Effect.gen(function* () {
      const { server, find, health } = open({ staleIfErrorMillis: 9_000 })
      const none = { source, of: "issuer", keys: 0, ageMillis: undefined, lastFailure: undefined, isUsable: false }
      expect(yield* health).toEqual(none)
      server.answers = ["kid", "other"]
      yield* find("kid")
      yield* TestClock.adjust("600 millis")
      expect(yield* health).toEqual({ ...none, keys: 2, ageMillis: 600, isUsable: true })
      yield* TestClock.adjust("9400 millis")
      expect(yield* health).toMatchObject({ ageMillis: 10_000, isUsable: true })
      yield* TestClock.adjust("1 millis")
      expect(yield* health).toMatchObject({ keys: 2, isUsable: false })
    })
  )

  itEffect("has the reason of the last failure until a fetch succeeds; that there is no such kid is none", () =>
    Effect.gen(function* () {
      const { server, find, health } = open()
      server.answers = "absent"
      yield* find("kid")
      expect((yield* health).lastFailure).toBeUndefined()
      server.answers = "timeout"
      yield* Effect.flip(find("another"))
      expect((yield* health).lastFailure).toBe("timeout")
      server.answers = ["kid"]
      yield* find("third")
      expect((yield* health).lastFailure).toBeUndefined()
    })
  )

  itEffect("is good without any key where keys are fetched when they are needed, but for five seconds after that failed", () =>
    Effect.gen(function* () {
      const { server, find, health } = open({ isOnDemand: true })
      expect(yield* health).toMatchObject({ of: "signer", isUsable: true })
      server.answers = "server"
      yield* Effect.flip(find("kid"))
      expect((yield* health).isUsable).toBe(false)
      yield* TestClock.adjust("4999 millis")
      expect((yield* health).isUsable).toBe(false)
      yield* TestClock.adjust("1 millis")
      expect(yield* health).toMatchObject({ isUsable: true, lastFailure: "server" })
    })
  )

  itEffect("is bad where the endpoint says that it has no keys any more, whether or not it may be asked again", () =>
    Effect.gen(function* () {
      const { server, find, health } = open({ staleIfErrorMillis: 600_000 })
      yield* find("kid")
      yield* TestClock.adjust("2 seconds")
      expect((yield* health).isUsable).toBe(true)
      server.answers = "unusable"
      yield* Effect.flip(find("kid"))
      for (const later of ["0 millis", "5 seconds", "1 minute"] as const) {
        yield* TestClock.adjust(later)
        expect((yield* health).isUsable).toBe(false)
      }
    })
  )

  itEffect("is good with configured keys, however old and whatever fails", () =>
    Effect.gen(function* () {
      const { health } = open({ given: ["kid"] })
      yield* TestClock.adjust("100 days")
      expect(yield* health).toEqual({ source, of: "issuer", keys: 1, ageMillis: undefined, lastFailure: undefined, isUsable: true })
    })
  )

  itEffect("is restored by loading keys again, which fetches none that may be used", () =>
    Effect.gen(function* () {
      const { server, health, load } = open()
      yield* load
      yield* load
      expect(server.asked).toBe(1)
      yield* TestClock.adjust("2 seconds")
      expect((yield* health).isUsable).toBe(false)
      yield* load
      expect([server.asked, (yield* health).isUsable]).toEqual([2, true])
      const configured = open({ given: ["kid"] })
      yield* configured.load
      expect(configured.server.asked).toBe(0)
    })
  )
})

describe("a stale key", () => {
  itEffect("is used after an outage even where the process stood still for seconds between the failure and its look at the clock", () =>
    Effect.gen(function* () {
      const { server, find } = open({ staleIfErrorMillis: 600_000 })
      yield* find("kid")
      yield* TestClock.adjust("2 seconds")
      server.answers = "connection"
      const clock = yield* Clock.Clock
      let nowMillis = clock.currentTimeMillisUnsafe()
      const standing: Clock.Clock = Object.assign(Object.create(clock), { currentTimeMillisUnsafe: () => (nowMillis += 6_000) })
      expect(yield* Effect.provideService(find("kid"), Clock.Clock, standing)).toMatchObject({ kid: "kid" })
    })
  )
})
