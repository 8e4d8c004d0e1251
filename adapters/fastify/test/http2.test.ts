/** Fastify's HTTP/2: requests that leave while a decision waits. */
import { connect, constants } from "node:http2"
import type { AddressInfo } from "node:net"
import type { KeyRef } from "@cognito-auth/core"
import { cognitoAuth } from "@cognito-auth/fastify"
import * as Effect from "effect/Effect"
import fastify from "fastify"
import { expect, it, onTestFinished, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { trusting } from "./app.ts"

const forge = await sharedForge()

/** Timers that are running in this process. */
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length

/** For real sockets on a busy machine. */
const patient = { timeout: 20_000, interval: 5 }

it("Two hundred requests that are abandoned while a key is fetched leave no timer behind.", async () => {
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
  const app = fastify({ http2: true })
  const seen = { asked: 0, closed: 0, admitted: 0 }
  app.addHook("onRequest", async (_request, reply) => {
    seen.asked++
    reply.raw.once("close", () => seen.closed++)
  })
  await app.register(cognitoAuth, trusting(forge, { keySource, closeOnExpiry: true }))
  app.addHook("onRequest", async () => void seen.admitted++)
  app.get("/", async () => "hello")
  await app.listen({ port: 0, host: "127.0.0.1" })
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  onTestFinished(async () => {
    session.destroy()
    await app.close()
  })
  const headers = await forge.headers()
  const abandoned = Array.from({ length: count }, () => session.request(headers).on("error", () => undefined))
  await vi.waitFor(() => expect(seen.asked).toBe(count), patient)
  for (const stream of abandoned) stream.close(constants.NGHTTP2_CANCEL)
  await vi.waitFor(() => expect(seen.closed).toBe(count), patient)
  const before = timers()
  release()
  await vi.waitFor(() => expect(seen.admitted).toBe(count), patient)
  expect(timers() - before).toBeLessThan(count / 10)
})
