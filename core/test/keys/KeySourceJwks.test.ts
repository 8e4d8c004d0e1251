import type { Settings } from "@cognito-auth/core"
import { makeJwksEndpoint } from "@cognito-auth/core/KeySourceJwks"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { expect } from "vitest"
import { ownForge } from "../../../testing/test/sharedForge.ts"
import { describeKeyEndpoint, eventually, makeScene, nextTurn } from "../describeKeyEndpoint.ts"
import { keySettings, openKeyServer } from "./openKeyServer.ts"

const make = (server: { readonly jwksUrl: string }, settings: Settings["keys"]) => makeJwksEndpoint(server.jwksUrl, settings)

describeKeyEndpoint("cognito", make, "outage")

const forge = await ownForge()
const jwks = JSON.stringify(forge.givenKeys().jwks)
const { kid } = forge.keys.cognito.current

const openServer = (body: string) =>
  Effect.map(
    openKeyServer((_request, response) => void response.end(body)),
    (origin) => makeJwksEndpoint(`${origin}/jwks.json`, keySettings)
  )

itEffect("A pool's keys are fetched together.", () =>
  Effect.gen(function* () {
    const { endpoint, forge, server, fetches } = yield* makeScene("cognito", make)
    const first = forge.keys.cognito.current.kid
    yield* Effect.promise(() => server.rotate("cognito"))
    const second = forge.keys.cognito.current.kid
    expect((yield* endpoint.find(first))?.kid).toBe(first)
    expect(endpoint.peek(second, 0)?.kid).toBe(second)
    expect(fetches()).toBe(1)
  })
)

itEffect("A key that was withdrawn from the set is unknown after the next fetch.", () =>
  Effect.gen(function* () {
    const { endpoint, forge, server } = yield* makeScene("cognito", make)
    const old = forge.keys.cognito.current.kid
    const key = yield* endpoint.find(old)
    yield* Effect.promise(() => server.rotate("cognito"))
    server.withdraw(old)
    expect(yield* endpoint.find(old)).toBe(key)
    yield* TestClock.adjust("30 minutes")
    expect(yield* endpoint.find(old)).toBe(key)
    let found = key
    for (let round = 0; found !== undefined && round < 1_000; round++) {
      found = yield* endpoint.find(old)
      yield* nextTurn
    }
    expect(found).toBeUndefined()
    const { kid } = forge.keys.cognito.current
    expect((yield* endpoint.find(kid))?.kid).toBe(kid)
  })
)

itEffect("A missing key set makes no kid unknown: a cached key is used until its maxAge, and then it is an outage, however long.", () =>
  Effect.gen(function* () {
    const { endpoint, fetches, forge, server } = yield* makeScene("cognito", make)
    const { kid } = forge.keys.cognito.current
    const key = yield* endpoint.find(kid)
    yield* Effect.promise(() => server.misbehave("404"))
    expect(yield* Effect.flip(endpoint.find("another"))).toMatchObject({ _tag: "KeySourceUnavailable" })
    yield* TestClock.adjust("59 minutes")
    expect(yield* endpoint.find(kid)).toBe(key)
    // Once the attempt has failed, it is time for another five seconds later. Until then, its time-out would go on.
    yield* eventually(() => {
      expect(fetches()).toBe(3)
      expect(endpoint.peek(kid, 59 * 60_000 + 5_000)).toBeUndefined()
    })
    for (const wait of ["1 minute", "1 hour", "13 hours", "30 days"] as const) {
      yield* TestClock.adjust(wait)
      expect(yield* Effect.flip(endpoint.find(kid))).toMatchObject({ reason: "there is no key set (status 404)" })
    }
    yield* Effect.promise(() => server.behave())
    yield* TestClock.adjust("5 seconds")
    expect((yield* endpoint.find(kid))?.kid).toBe(kid)
  })
)

itEffect("A set of 64 KiB is read, and a longer one refused.", () =>
  Effect.gen(function* () {
    for (const [length, expected] of [
      [65_536, "Success"],
      [65_537, "Failure"]
    ] as const) {
      const endpoint = yield* openServer(jwks.padEnd(length, " "))
      expect((yield* Effect.result(endpoint.find(kid)))._tag).toBe(expected)
    }
  })
)

itEffect("A set that is none, or has no usable key, is an outage: nobody is signed out by it.", () =>
  Effect.gen(function* () {
    for (const [body, reason] of [
      ["", "not JSON"],
      ["<html>", "not JSON"],
      ["null", "not a JWK Set"],
      ["1", "not a JWK Set"],
      ["[]", "not a JWK Set"],
      ["{}", "not a JWK Set"],
      ['{"keys":{}}', "not a JWK Set"],
      ['{"keys":[]}', "no usable key in the set"],
      [`{"keys":[null,1,{"kty":"RSA"}]}`, "no usable key in the set"],
      [jwks.replaceAll('"sig"', '"enc"'), "no usable key in the set"]
    ] as const) {
      const endpoint = yield* openServer(body)
      expect(yield* Effect.flip(endpoint.find(kid))).toMatchObject({ _tag: "KeySourceUnavailable", reason })
    }
  })
)

itEffect("The usable keys of a set are read, and its other keys are ignored.", () =>
  Effect.gen(function* () {
    const set = JSON.parse(jwks) as { readonly keys: ReadonlyArray<object> }
    const endpoint = yield* openServer(JSON.stringify({ keys: [{ kty: "oct", kid: "oct", k: "AAAA" }, null, ...set.keys] }))
    expect((yield* endpoint.find(kid))?.kid).toBe(kid)
    expect(yield* endpoint.find("oct")).toBeUndefined()
  })
)

itEffect("A thousand unknown kids are cached, and the oldest is evicted for another.", () =>
  Effect.gen(function* () {
    const { endpoint, server, fetches } = yield* makeScene("cognito", make)
    const strange = (count: number) => Array.from({ length: count }, () => endpoint.find(crypto.randomUUID()))
    yield* endpoint.find("first")
    yield* endpoint.find("first")
    expect(fetches()).toBe(1)
    // Single-flight: a thousand waiting requests use one permit of the rate limit.
    yield* Effect.promise(() => server.misbehave("slow", { delay: "200 millis" }))
    yield* Effect.all(strange(999), { concurrency: "unbounded" })
    yield* endpoint.find("first")
    expect(fetches()).toBe(2)
    yield* Effect.all(strange(1), { concurrency: "unbounded" })
    yield* endpoint.find("first")
    expect(fetches()).toBe(4)
  })
)
