import type { RequestListener } from "node:http"
import type { Settings } from "@cognito-auth/core"
import { makeAlbEndpoint } from "@cognito-auth/core/KeySourceAlb"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { expect } from "vitest"
import { ownForge } from "../../../testing/test/sharedForge.ts"
import { describeKeyEndpoint, eventually, makeScene } from "../describeKeyEndpoint.ts"
import { keySettings, openKeyServer } from "./openKeyServer.ts"

const make = (server: { readonly albKeysUrl: string }, settings: Settings["keys"]) => makeAlbEndpoint(server.albKeysUrl, settings)

describeKeyEndpoint("alb", make, "unknown")

const forge = await ownForge()
const pem = forge.keys.alb.current.publicKey.export({ type: "spki", format: "pem" }).toString()

const hour = keySettings.maxAgeMillis

const openHttp = (handle: RequestListener, ages: Partial<Settings["keys"]> = {}) =>
  Effect.map(openKeyServer(handle), (origin) => makeAlbEndpoint(`${origin}/keys`, { ...keySettings, ...ages }))

/** A server that answers every path as told, and an endpoint that fetches from it. */
const openServer = (
  answer: (request: number) => { readonly status?: number; readonly body: string } | "cut",
  ages: Partial<Settings["keys"]> = {}
) => {
  const paths: Array<string> = []
  const opened = openHttp((request, response) => {
    paths.push(request.url ?? "")
    const said = answer(paths.length)
    if (said === "cut") response.destroy()
    else response.writeHead(said.status ?? 200).end(said.body)
  }, ages)
  return Effect.map(opened, (endpoint) => ({ paths, endpoint }))
}

/** A server whose answers have no end, and how many of them their client has let go. */
const openEndless = (status: number) => {
  let closed = 0
  const opened = openHttp((_request, response) => {
    response.writeHead(status).write("-")
    response.once("close", () => {
      closed++
    })
  })
  return Effect.map(opened, (endpoint) => ({ closed: () => closed, endpoint }))
}

itEffect("A load balancer's key lies under the base URL, by its kid, each by itself.", () =>
  Effect.gen(function* () {
    const { endpoint, forge, server } = yield* makeScene("alb", make)
    const first = forge.keys.alb.current.kid
    yield* Effect.promise(() => server.rotate("alb"))
    const second = forge.keys.alb.current.kid
    expect((yield* endpoint.find(first))?.kid).toBe(first)
    expect(endpoint.peek(second, 0)).toBeUndefined()
    expect((yield* endpoint.find(second))?.kid).toBe(second)
    expect(server.requests.paths).toEqual([`/alb-keys/${first}`, `/alb-keys/${second}`])
  })
)

itEffect("A key of 8 KiB is read, and a longer one refused.", () =>
  Effect.gen(function* () {
    for (const [length, expected] of [
      [8_192, "Success"],
      [8_193, "Failure"]
    ] as const) {
      const { endpoint } = yield* openServer(() => ({ body: pem.padEnd(length, "\n") }))
      expect((yield* Effect.result(endpoint.find("kid-1")))._tag).toBe(expected)
    }
  })
)

itEffect("A connection that fails is tried once more, and no more.", () =>
  Effect.gen(function* () {
    const mended = yield* openServer((request) => (request === 1 ? "cut" : { body: pem }))
    expect((yield* mended.endpoint.find("kid-1"))?.kid).toBe("kid-1")
    expect(mended.paths).toEqual(["/keys/kid-1", "/keys/kid-1"])
    const broken = yield* openServer(() => "cut")
    expect(yield* Effect.flip(broken.endpoint.find("kid-1"))).toMatchObject({ _tag: "KeySourceUnavailable" })
    expect(broken.paths).toHaveLength(2)
  })
)

itEffect("An endpoint that cannot be asked at all is an outage like another.", () =>
  Effect.gen(function* () {
    // Fetch refuses some ports, this one among them, without a connection (Fetch Standard, "bad port").
    const endpoint = makeAlbEndpoint("http://127.0.0.1:6000/keys", keySettings)
    expect(yield* Effect.flip(endpoint.find("kid-1"))).toMatchObject({ _tag: "KeySourceUnavailable", reason: "connection failed" })
  })
)

itEffect("A response other than 200 is not retried: 403, 404 and 410 mean an unknown key, all others an outage.", () =>
  Effect.gen(function* () {
    for (const status of [403, 404, 410]) {
      const { endpoint, paths } = yield* openServer(() => ({ status, body: pem }))
      expect(yield* endpoint.find("kid-1")).toBeUndefined()
      expect(paths).toHaveLength(1)
    }
    for (const status of [201, 204, 301, 302, 304, 307, 308, 400, 401, 429, 500, 502, 503]) {
      const { endpoint, paths } = yield* openServer(() => ({ status, body: status === 204 || status === 304 ? "" : pem }))
      expect(yield* Effect.flip(endpoint.find("kid-1"))).toMatchObject({ reason: `status ${status}` })
      expect(paths).toHaveLength(1)
    }
  })
)

itEffect(
  "A 403, 404 or 410 for a cached key leaves it in use until its maxAge; then it is an outage, and unknown once stale-if-error is over.",
  () =>
    Effect.gen(function* () {
      for (const status of [403, 404, 410]) {
        const answers: Array<number> = [200]
        const { endpoint, paths } = yield* openServer(() => ({ status: answers.at(-1) ?? 200, body: pem }), {
          staleIfErrorMillis: 2 * hour
        })
        yield* TestClock.setTime(0)
        const key = yield* endpoint.find("kid-1")
        expect(key?.kid).toBe("kid-1")
        answers.push(status)
        for (const at of [hour / 2, hour - 10_000]) {
          yield* TestClock.setTime(at)
          expect(yield* endpoint.find("kid-1")).toBe(key)
          // Once the attempt has failed, it is time for another five seconds later. Until then, its time-out would go on.
          yield* eventually(() => {
            expect(paths).toHaveLength(at === hour / 2 ? 2 : 3)
            expect(endpoint.peek("kid-1", at + 5_000)).toBeUndefined()
          })
          expect(endpoint.peek("kid-1", at)).toBe(key)
        }
        for (const at of [hour + 10_000, 3 * hour]) {
          yield* TestClock.setTime(at)
          expect(yield* Effect.flip(endpoint.find("kid-1"))).toMatchObject({ _tag: "KeySourceUnavailable", reason: `status ${status}` })
        }
        // Nobody can make it ask more often than every five seconds.
        const asked = paths.length
        for (let request = 0; request < 10; request++) yield* Effect.flip(endpoint.find("kid-1"))
        expect(paths).toHaveLength(asked)
        yield* TestClock.setTime(3 * hour + 1)
        expect(yield* endpoint.find("kid-1")).toBeUndefined()
        expect(paths).toHaveLength(asked + 1)
      }
    })
)

itEffect("A key past its age is used after a 5xx or a lost connection, and after no other answer.", () =>
  Effect.gen(function* () {
    for (const [answer, isUsed] of [
      ["cut", true],
      [{ status: 500, body: "" }, true],
      [{ status: 599, body: "" }, true],
      [{ status: 200, body: "<html>" }, false],
      [{ status: 302, body: "" }, false],
      [{ status: 401, body: "" }, false],
      [{ status: 429, body: "" }, false]
    ] as const) {
      const { endpoint } = yield* openServer((request) => (request === 1 ? { body: pem } : answer), { staleIfErrorMillis: hour })
      yield* TestClock.setTime(0)
      const key = yield* endpoint.find("kid-1")
      yield* TestClock.setTime(hour)
      const outcome = yield* Effect.result(endpoint.find("kid-1"))
      if (isUsed) expect(outcome).toMatchObject({ success: key })
      else expect(outcome).toMatchObject({ failure: { _tag: "KeySourceUnavailable" } })
    }
  })
)

itEffect("A flood of forged kids does not use up the look-up of a key that was held, however long ago.", () =>
  Effect.gen(function* () {
    const { endpoint } = yield* openServer((request) => (request === 1 || request > 11 ? { body: pem } : { status: 403, body: "" }))
    yield* TestClock.setTime(0)
    expect((yield* endpoint.find("kid-1"))?.kid).toBe("kid-1")
    yield* TestClock.setTime(30 * hour)
    for (let index = 0; index < 20; index++) expect(yield* endpoint.find(`forged-${index}`)).toBeUndefined()
    expect((yield* endpoint.find("kid-1"))?.kid).toBe("kid-1")
  })
)

itEffect("The body of a response without a key is not awaited: its connection is released.", () =>
  Effect.gen(function* () {
    for (const status of [404, 500]) {
      const { closed, endpoint } = yield* openEndless(status)
      yield* Effect.ignore(endpoint.find("kid-1"))
      yield* eventually(() => expect(closed()).toBe(1))
    }
  })
)

itEffect("An endpoint that makes keys up fills no memory: of more than 256, the oldest is let go.", () =>
  Effect.gen(function* () {
    const { endpoint } = yield* openServer(() => ({ body: pem }))
    for (let index = 0; index <= 256; index++) {
      yield* TestClock.adjust("2 seconds")
      expect((yield* endpoint.find(`kid-${index}`))?.kid).toBe(`kid-${index}`)
    }
    const now = 257 * 2_000
    expect(endpoint.peek("kid-0", now)).toBeUndefined()
    expect(endpoint.peek("kid-1", now)?.kid).toBe("kid-1")
    expect(endpoint.peek("kid-256", now)?.kid).toBe("kid-256")
  })
)
