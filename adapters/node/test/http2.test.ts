/** Node's own HTTP/2 server, whose requests and responses look like HTTP/1's. */
import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { constants, createServer } from "node:http2"
import type { AddressInfo } from "node:net"
import type { KeyRef } from "@cognito-auth/core"
import { type AdapterOptions, cognitoAuth } from "@cognito-auth/node"
import * as Effect from "effect/Effect"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { connectHttp2 } from "./http2Client.ts"

const forge = await sharedForge()
const trusting: AdapterOptions = { ...forge.settings().options, keySource: forge.keySource(), logger: false }

type Listener = (req: IncomingMessage, res: ServerResponse) => void

/** The compat API promises HTTP/1's requests and responses. */
const serve = async (listener: Listener): Promise<number> => {
  const server = createServer((req, res) => listener(req as unknown as IncomingMessage, res as unknown as ServerResponse))
  onTestFinished(() => void server.close())
  await once(server.listen(0, "127.0.0.1"), "listening")
  return (server.address() as AddressInfo).port
}

describe("over HTTP/2", () => {
  it("nothing is bypassed whose path does not begin with a slash", async () => {
    const auth = cognitoAuth(trusting)
    onTestFinished(auth.dispose)
    const port = await serve(auth.protect((req, res) => void res.end(`bypassed ${req.url}`), { bypass: ["/", "/health"] }))
    const client = connectHttp2(port)
    for (const target of ["/", "/?x", "/health"]) {
      expect(await client.get({ ":path": target })).toEqual({ status: 200, body: `bypassed ${target}` })
    }
    // With a scheme that it does not know, the protocol leaves the form of the path open (RFC 9113 §8.3.1).
    for (const target of ["?x", "*", "health", "http://x/", "http://x/health", "x:443"]) {
      const status = target === "*" ? 400 : 401
      expect(await client.get({ ":path": target, ":scheme": "x" }), target).toMatchObject({ status })
    }
  })
})

describe("over HTTP/2, without a Host", () => {
  it("an Origin is compared with :authority", async () => {
    const auth = cognitoAuth(trusting)
    onTestFinished(auth.dispose)
    const client = connectHttp2(await serve(auth.protect((_req, res) => void res.end("ok"))))
    const post = { ":method": "POST", ":authority": "app.example", ...(await forge.headers()) }
    expect(await client.get({ ...post, origin: "https://app.example" })).toEqual({ status: 200, body: "ok" })
    expect(await client.get({ ...post, origin: "https://evil.example" })).toMatchObject({ status: 403 })
  })
})

/** Timers that are running in this process. */
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length

describe("two hundred requests that are abandoned while a key is fetched", () => {
  it("leave no timer behind, and those that stay are closed on expiry", async () => {
    const count = 200
    const held = forge.keySource()
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const keySource = {
      ...held,
      peek: () => undefined,
      find: (ref: KeyRef) =>
        Effect.andThen(
          Effect.promise(() => released),
          held.find(ref)
        )
    }
    const auth = cognitoAuth({ ...trusting, keySource })
    onTestFinished(auth.dispose)
    const seen = { asked: 0, closed: 0, handled: 0 }
    const guarded = auth.protect(
      (_req, res) => {
        seen.handled++
        res.write("hello")
      },
      { closeOnExpiry: true }
    )
    const port = await serve((req, res) => {
      seen.asked++
      res.once("close", () => seen.closed++)
      guarded(req, res)
    })
    const client = connectHttp2(port)
    const headers = await forge.headers()
    const abandoned = Array.from({ length: count }, () => client.open(headers))
    const staying = client.get(await forge.headers({ access: { claims: { exp: Math.floor(Date.now() / 1000) + 1 } } }))
    await vi.waitFor(() => expect(seen.asked).toBe(count + 1), patient)
    for (const stream of abandoned) stream.close(constants.NGHTTP2_CANCEL)
    await vi.waitFor(() => expect(seen.closed).toBe(count), patient)
    const before = timers()
    release()
    await vi.waitFor(() => expect(seen.handled).toBe(count + 1), patient)
    expect(timers() - before).toBeLessThan(count / 10)
    // The handler never ends it.
    expect(await staying).toEqual({ status: 200, body: "hello" })
    await vi.waitFor(() => expect(seen.closed).toBe(count + 1), patient)
  })
})

/** For real sockets on a busy machine. */
const patient = { timeout: 20_000, interval: 5 }
