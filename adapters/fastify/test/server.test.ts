import { cognitoAuth, serverOptions } from "@cognito-auth/fastify"
import type { FastifyServerOptions } from "fastify"
import { expect, it } from "vitest"
import { recordLog } from "../../../testing/test/record.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, toLines } from "../../node/test/rawHttp.ts"
import { listen, makeApp, trusting } from "./app.ts"

const forge = await sharedForge()

const start = async (options: FastifyServerOptions = {}) => {
  const app = makeApp(options)
  await app.register(cognitoAuth, trusting(forge))
  app.get("/", async () => "in")
  return app
}

it("serverOptions are what Fastify takes, and reach its server", async () => {
  const { server } = await start({ ...serverOptions })
  expect([server.keepAliveTimeout, server.headersTimeout]).toEqual([75_000, 80_000])
})

it("a server with Fastify's defaults gets one line in the log, about its header limit; with serverOptions none", async () => {
  const lines = recordLog()
  const headers = toLines(await forge.headers())
  for (const options of [{ ...serverOptions }, {}]) {
    const port = await listen(await start(options))
    expect((await ask(port, { headers })).status).toBe(200)
    await ask(port, {})
  }
  const warnings = lines.filter((line) => line.includes("this server"))
  expect(warnings).toEqual([expect.stringMatching(/cognito-auth: this server .*16384 bytes.*431 .*serverOptions/)])
  expect(warnings[0]).not.toMatch(/\b502\b/)
})

it("an app that is only injected into has no server to warn of", async () => {
  const lines = recordLog()
  const app = await start()
  await app.inject({ url: "/", headers: await forge.headers() })
  expect(lines).toEqual([])
})
