/** What must hold of both kinds of key endpoint, over HTTP to a key server that misbehaves on demand. */
import { type KeyObject, randomUUID } from "node:crypto"
import type { Options, Settings } from "@cognito-auth/core"
import type { makeAlbEndpoint } from "@cognito-auth/core/KeySourceAlb"
import { readSettings } from "@cognito-auth/core/Settings"
import type { Forge, KeyOwner, KeyServer, Misbehaviour } from "@cognito-auth/testing"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import { describe, expect, vi } from "vitest"
import { ownForge } from "../../testing/test/sharedForge.ts"
import { successOf } from "./outcome.ts"

type KeyEndpoint = ReturnType<typeof makeAlbEndpoint>

const minute = 60_000
const hour = 60 * minute

interface Fixture {
  readonly forge: Forge
  readonly server: KeyServer
  readonly endpoint: KeyEndpoint
  /** The kid of the key that signs now. */
  readonly kid: () => string
  readonly fetches: () => number
}

// Shared by all tests, because generating RSA keys is slow. Every test starts from the current signing key.
const forge = await ownForge()

/** A key server of its own, which is closed with the test, and an endpoint that fetches from it. */
export const makeScene = (
  owner: KeyOwner,
  make: (server: KeyServer, settings: Settings["keys"]) => KeyEndpoint,
  keys: Options["keys"] = {}
) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => forge.serve()),
      (opened) => Effect.promise(() => opened.close())
    )
    const settings = successOf(readSettings({ ...server.settings().options, keys }, {}))
    const fixture: Fixture = {
      forge,
      server,
      endpoint: make(server, settings.keys),
      kid: () => forge.keys[owner].current.kid,
      fetches: () => server.requests.count(owner)
    }
    return fixture
  })

/** Real sockets need real time: waits until it holds, however long the test clock stands still. */
export const eventually = (check: () => void) => Effect.promise(() => vi.waitFor(check, { timeout: 10_000, interval: 5 }))

/** Lets what has arrived on sockets be read. */
export const nextTurn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

export const describeKeyEndpoint = (
  owner: KeyOwner,
  make: (server: KeyServer, settings: Settings["keys"]) => KeyEndpoint,
  /** What its 404 says of a kid that is not held: that it is unknown, or nothing. A withdrawn key has one of its own, or none. */
  of404: "unknown" | "outage"
): void => {
  const open = (keys?: Options["keys"]) => makeScene(owner, make, keys)
  const misbehave = (server: KeyServer, how: Misbehaviour) => Effect.promise(() => server.misbehave(how, { delay: "10 seconds" }))
  const behave = (server: KeyServer) => Effect.promise(() => server.behave())
  const hasOwn404 = of404 === "unknown"
  /** A key past its age that the endpoint does not have: an answer of its own may be a proxy's; a set without it is the pool's word. */
  const expectWithdrawn = (endpoint: KeyEndpoint, kid: string) =>
    Effect.gen(function* () {
      const outcome = yield* Effect.result(endpoint.find(kid))
      if (hasOwn404) expect(outcome).toMatchObject({ failure: { _tag: "KeySourceUnavailable", reason: "status 403" } })
      else expect(outcome).toMatchObject({ success: undefined })
    })
  /** A kid that nobody has. An ALB's is a UUID. */
  const strangeKid = () => randomUUID()

  describe("keys", () => {
    itEffect("are fetched once, at their first use, and are cached from then on", () =>
      Effect.gen(function* () {
        const { forge, endpoint, kid, fetches } = yield* open()
        expect(endpoint.peek(kid(), 0)).toBeUndefined()
        const key = yield* endpoint.find(kid())
        expect(key?.key.equals(forge.keys[owner].current.publicKey)).toBe(true)
        expect(endpoint.peek(kid(), 0)).toBe(key)
        expect(yield* endpoint.find(kid())).toBe(key)
        expect(fetches()).toBe(1)
      })
    )

    itEffect("are fetched once for a thousand who wait", () =>
      Effect.gen(function* () {
        const { endpoint, kid, fetches } = yield* open()
        const keys = yield* Effect.all(
          Array.from({ length: 1_000 }, () => endpoint.find(kid())),
          { concurrency: "unbounded" }
        )
        expect(new Set(keys).size).toBe(1)
        expect(keys[0]?.kid).toBe(kid())
        expect(fetches()).toBe(1)
      })
    )

    itEffect("are fetched for the second who waits, although the first has left", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        yield* Effect.promise(() => server.misbehave("slow", { delay: "200 millis" }))
        const first = yield* Effect.forkChild(endpoint.find(kid()))
        yield* eventually(() => expect(fetches()).toBe(1))
        const second = yield* Effect.forkChild(endpoint.find(kid()))
        yield* Fiber.interrupt(first)
        expect((yield* Fiber.join(second))?.kid).toBe(kid())
        expect(fetches()).toBe(1)
      })
    )

    itEffect("that are configured are used without a fetch, and never expire; others are fetched", () =>
      Effect.gen(function* () {
        const { forge, server } = yield* open()
        const given = successOf(readSettings({ ...server.settings().options, keys: forge.givenKeys() }, {})).keys
        const givenKid = forge.keys[owner].current.kid
        yield* Effect.promise(() => server.rotate(owner))
        const endpoint = make(server, given)
        yield* endpoint.load(givenKid)
        yield* TestClock.adjust("365 days")
        const now = yield* Clock.currentTimeMillis
        expect(endpoint.peek(givenKid, now)?.kid).toBe(givenKid)
        expect((yield* endpoint.find(givenKid))?.kid).toBe(givenKid)
        expect(server.requests.count()).toBe(0)
        const rotated = forge.keys[owner].current.kid
        expect((yield* endpoint.find(rotated))?.kid).toBe(rotated)
        expect(server.requests.count()).toBe(1)
        yield* misbehave(server, "500")
        yield* TestClock.adjust("365 days")
        expect((yield* endpoint.find(givenKid))?.kid).toBe(givenKid)
      })
    )

    itEffect("can be fetched ahead, and are not fetched ahead twice", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        yield* misbehave(server, "500")
        expect(yield* Effect.flip(endpoint.load(kid()))).toMatchObject({ _tag: "KeySourceUnavailable", reason: "status 500" })
        yield* behave(server)
        yield* endpoint.load(kid())
        yield* endpoint.load(kid())
        expect(endpoint.peek(kid(), 0)?.kid).toBe(kid())
        expect(fetches()).toBe(2)
      })
    )
  })

  describe("a key that grows old", () => {
    itEffect("is fetched again in the background, from half its age on, and nobody waits for it", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        const key = yield* endpoint.find(kid())
        yield* TestClock.adjust("1799 seconds")
        expect(endpoint.peek(kid(), hour / 2 - 1_000)).toBe(key)
        yield* TestClock.adjust("1 seconds")
        yield* misbehave(server, "never")
        // `peek` returns nothing, so that the request starts the fetch; `find` returns the key immediately.
        expect(endpoint.peek(kid(), hour / 2)).toBeUndefined()
        expect(yield* endpoint.find(kid())).toBe(key)
        yield* eventually(() => expect(fetches()).toBe(2))
        expect(endpoint.peek(kid(), hour / 2)).toBe(key)
        expect(yield* endpoint.find(kid())).toBe(key)
        expect(fetches()).toBe(2)
      })
    )

    itEffect("is fresh again after that", () =>
      Effect.gen(function* () {
        const { endpoint, kid, fetches } = yield* open()
        const key = yield* endpoint.find(kid())
        yield* TestClock.adjust("45 minutes")
        yield* endpoint.find(kid())
        // Fetched at 45 minutes, it would otherwise be stale by now. It is the same key, so it is the same object.
        yield* eventually(() => expect(endpoint.peek(kid(), 74 * minute)).toBe(key))
        expect(fetches()).toBe(2)
      })
    )

    itEffect("past its age is fetched before it is used", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        const old = kid()
        yield* endpoint.find(old)
        yield* Effect.promise(() => server.rotate(owner))
        server.withdraw(old)
        yield* TestClock.adjust("1 hour")
        expect(endpoint.peek(old, hour)).toBeUndefined()
        yield* expectWithdrawn(endpoint, old)
        expect(fetches()).toBe(2)
      })
    )

    itEffect("was fetched while the clock was ahead: it is fetched before it is used once that is corrected", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open({ staleIfError: "2 hours" })
        yield* TestClock.setTime(48 * hour)
        const old = kid()
        const key = yield* endpoint.find(old)
        yield* TestClock.setTime(minute)
        expect(endpoint.peek(old, minute)).toBeUndefined()
        expect(yield* endpoint.find(old)).toBe(key)
        expect(fetches()).toBe(2)
        // The same while the endpoint is down: it is stale from when that was noticed.
        yield* TestClock.setTime(48 * hour)
        yield* endpoint.find(old)
        yield* misbehave(server, "500")
        yield* TestClock.setTime(minute)
        expect(yield* endpoint.find(old)).toBe(key)
        expect(fetches()).toBe(4)
        yield* TestClock.setTime(2 * hour + minute + 1)
        expect(yield* Effect.flip(endpoint.find(old))).toMatchObject({ _tag: "KeySourceUnavailable" })
        yield* behave(server)
        yield* Effect.promise(() => server.rotate(owner))
        server.withdraw(old)
        expect(yield* endpoint.find(old)).toBeUndefined()
      })
    )

    itEffect("of another age is as old as the settings have it", () =>
      Effect.gen(function* () {
        const { endpoint, kid } = yield* open({ maxAge: "10 seconds" })
        const key = yield* endpoint.find(kid())
        expect(endpoint.peek(kid(), 4_999)).toBe(key)
        expect(endpoint.peek(kid(), 5_000)).toBeUndefined()
      })
    )
  })

  describe("while the endpoint is down", () => {
    itEffect("keys are used past their age for as long as the settings have it, then it is an outage, and it mends itself", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server } = yield* open({ maxAge: "1 hour", staleIfError: "2 hours" })
        const key = yield* endpoint.find(kid())
        yield* misbehave(server, "down")
        for (const at of [hour / 2, hour, hour + 1, 2 * hour, 3 * hour]) {
          yield* TestClock.setTime(at)
          expect(yield* endpoint.find(kid())).toBe(key)
        }
        yield* TestClock.setTime(3 * hour + 1)
        expect(endpoint.peek(kid(), 3 * hour + 1)).toBeUndefined()
        expect(yield* Effect.flip(endpoint.find(kid()))).toMatchObject({
          _tag: "KeySourceUnavailable",
          reason: "connection failed (ECONNREFUSED)",
          retryAfterSeconds: 5
        })
        yield* behave(server)
        expect((yield* endpoint.find(kid()))?.kid).toBe(kid())
      })
    )

    itEffect("nobody waits for it twice, and it is asked every five seconds", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        const key = yield* endpoint.find(kid())
        yield* misbehave(server, "500")
        yield* TestClock.adjust("1 hour")
        expect(yield* endpoint.find(kid())).toBe(key)
        expect(fetches()).toBe(2)
        for (let request = 0; request < 100; request++) expect(yield* endpoint.find(kid())).toBe(key)
        const now = yield* Clock.currentTimeMillis
        expect(endpoint.peek(kid(), now)).toBe(key)
        expect(endpoint.peek(kid(), now + 4_999)).toBe(key)
        expect(fetches()).toBe(2)
        yield* TestClock.adjust("5 seconds")
        expect(endpoint.peek(kid(), now + 5_000)).toBeUndefined()
        expect(yield* endpoint.find(kid())).toBe(key)
        yield* eventually(() => expect(fetches()).toBe(3))
      })
    )

    itEffect("a clock that was set back does not keep it from being asked", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        const key = yield* endpoint.find(kid())
        yield* misbehave(server, "500")
        yield* TestClock.setTime(45 * minute)
        expect(yield* endpoint.find(kid())).toBe(key)
        // Only when the attempt has failed is the key used on, and is it time for another a minute later.
        yield* eventually(() => {
          expect(endpoint.peek(kid(), 45 * minute)).toBe(key)
          expect(endpoint.peek(kid(), 46 * minute)).toBeUndefined()
        })
        yield* TestClock.setTime(40 * minute)
        expect(endpoint.peek(kid(), 40 * minute)).toBeUndefined()
        expect(yield* endpoint.find(kid())).toBe(key)
        yield* eventually(() => expect(fetches()).toBe(3))
      })
    )

    itEffect("it says so in the log, with the endpoint and the reason", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server } = yield* open()
        yield* misbehave(server, "500")
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => {
          lines.push([message].flat().map(String).join(" "))
        })
        yield* Effect.provide(Effect.ignore(endpoint.find(kid())), Logger.layer([logger]))
        expect(lines).toEqual([`cognito-auth: no keys from ${owner === "alb" ? server.albKeysUrl : server.jwksUrl}: status 500`])
      })
    )

    itEffect("it is not asked for every forged kid, and none of them counts as unknown", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        const key = yield* endpoint.find(kid())
        server.requests.clear()
        yield* misbehave(server, "500")
        const outcomes = yield* Effect.all(
          Array.from({ length: 1_000 }, () => Effect.flip(endpoint.find(strangeKid()))),
          { concurrency: 50 }
        )
        expect(new Set(outcomes.map(({ _tag }) => _tag))).toEqual(new Set(["KeySourceUnavailable"]))
        expect(fetches()).toBeLessThanOrEqual(10)
        expect(endpoint.peek(kid(), 0)).toBe(key)
      })
    )
  })

  describe("unknown kids", () => {
    itEffect("cause a handful of fetches, ten thousand of them, and push no key out", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        const key = yield* endpoint.find(kid())
        server.requests.clear()
        const outcomes = yield* Effect.all(
          Array.from({ length: 10_000 }, () => endpoint.find(strangeKid())),
          { concurrency: 100 }
        )
        expect(outcomes.every((outcome) => outcome === undefined)).toBe(true)
        expect(fetches()).toBeGreaterThan(0)
        expect(fetches()).toBeLessThanOrEqual(10)
        expect(endpoint.peek(kid(), 0)?.key.equals(key?.key as KeyObject)).toBe(true)
        expect((yield* endpoint.find(kid()))?.kid).toBe(kid())
      })
    )

    itEffect("are fetched one every two seconds after the first ten, and ten again after a pause", () =>
      Effect.gen(function* () {
        const { endpoint, fetches } = yield* open()
        const ask = (times: number) => Effect.forEach(Array.from({ length: times }), () => endpoint.find(strangeKid()))
        yield* ask(20)
        expect(fetches()).toBe(10)
        yield* TestClock.adjust("1999 millis")
        yield* ask(5)
        expect(fetches()).toBe(10)
        yield* TestClock.adjust("1 millis")
        yield* ask(5)
        expect(fetches()).toBe(11)
        yield* TestClock.adjust("4 seconds")
        yield* ask(5)
        expect(fetches()).toBe(13)
        yield* TestClock.adjust("1 hour")
        yield* ask(20)
        expect(fetches()).toBe(23)
      })
    )

    itEffect("push no key out however patiently they come", () =>
      Effect.gen(function* () {
        const { endpoint, kid } = yield* open()
        const { key } = (yield* endpoint.find(kid())) ?? {}
        for (let index = 0; index < 300; index++) {
          yield* TestClock.adjust("2 seconds")
          expect(yield* endpoint.find(strangeKid())).toBeUndefined()
        }
        expect(endpoint.peek(kid(), yield* Clock.currentTimeMillis)?.key.equals(key as KeyObject)).toBe(true)
      })
    )

    itEffect("are cached as unknown for 30 seconds, and looked up again afterwards", () =>
      Effect.gen(function* () {
        const { forge, endpoint, server, fetches } = yield* open()
        yield* Effect.promise(() => server.rotate(owner))
        const late = forge.keys[owner].current
        server.withdraw(late.kid)
        expect(yield* endpoint.find(late.kid)).toBeUndefined()
        expect(fetches()).toBe(1)
        for (const at of [1, 10_000, 29_999]) {
          yield* TestClock.setTime(at)
          expect(yield* endpoint.find(late.kid)).toBeUndefined()
        }
        expect(fetches()).toBe(1)
        yield* TestClock.setTime(30_000)
        expect(yield* endpoint.find(late.kid)).toBeUndefined()
        expect(fetches()).toBe(2)
      })
    )

    itEffect("are looked for again where the clock was set back", () =>
      Effect.gen(function* () {
        const { endpoint, fetches } = yield* open()
        yield* TestClock.setTime(hour)
        const kids = Array.from({ length: 10 }, strangeKid)
        for (const kid of kids) yield* endpoint.find(kid)
        yield* endpoint.find(strangeKid())
        expect(fetches()).toBe(10)
        yield* TestClock.setTime(hour / 2)
        for (const kid of kids) yield* endpoint.find(kid)
        expect(fetches()).toBe(11)
        yield* TestClock.adjust("2 seconds")
        for (const kid of kids) yield* endpoint.find(kid)
        expect(fetches()).toBe(12)
      })
    )

    itEffect("do not stand in the way of one that was rotated in", () =>
      Effect.gen(function* () {
        const { endpoint, kid, server, fetches } = yield* open()
        yield* endpoint.find(kid())
        yield* endpoint.find(strangeKid())
        yield* Effect.promise(() => server.rotate(owner))
        server.requests.clear()
        expect((yield* endpoint.find(kid()))?.kid).toBe(kid())
        expect(fetches()).toBe(1)
      })
    )
  })

  describe("an endpoint that misbehaves", () => {
    const outages: ReadonlyArray<readonly [Misbehaviour, string | RegExp]> = [
      ["slow", "timeout"],
      ["never", "timeout"],
      ["500", "status 500"],
      ["garbage", owner === "alb" ? "not one PEM public key" : "not JSON"],
      ["truncated", /^connection failed/],
      ["endless", /^longer than \d+ bytes$/],
      ["redirect", "status 302"],
      ["wrong-content", owner === "alb" ? "not one PEM public key" : "not JSON"],
      ["down", "connection failed (ECONNREFUSED)"]
    ]

    for (const [how, reason] of outages) {
      itEffect(`is an outage, and found to be well again: ${how}`, () =>
        Effect.gen(function* () {
          const { endpoint, kid, server, fetches } = yield* open()
          yield* misbehave(server, how)
          const waiting = yield* Effect.forkChild(Effect.flip(endpoint.find(kid())))
          if (reason === "timeout") {
            yield* eventually(() => expect(fetches()).toBe(1))
            yield* TestClock.adjust("2999 millis")
            expect(waiting.pollUnsafe()).toBeUndefined()
            yield* TestClock.adjust("1 millis")
          }
          const failure = yield* Fiber.join(waiting)
          expect(failure).toMatchObject({ _tag: "KeySourceUnavailable", source: owner === "alb" ? server.albKeysUrl : server.jwksUrl })
          if (typeof reason === "string") expect(failure.reason).toBe(reason)
          else expect(failure.reason).toMatch(reason)
          expect(failure.message).toContain(failure.source)
          expect(server.requests.paths.filter((path) => path.startsWith("/redirected"))).toEqual([])
          yield* behave(server)
          expect((yield* endpoint.find(kid()))?.kid).toBe(kid())
        })
      )
    }

    itEffect(`with a 404 is ${of404 === "unknown" ? "one that has no such key" : "an outage: a pool always has a key set"}`, () =>
      Effect.gen(function* () {
        const { endpoint, kid, server } = yield* open()
        yield* misbehave(server, "404")
        if (of404 === "unknown") expect(yield* endpoint.find(kid())).toBeUndefined()
        else expect(yield* Effect.flip(endpoint.find(kid()))).toMatchObject({ reason: "there is no key set (status 404)" })
      })
    )
  })
}
