import { cognitoAuth } from "@cognito-auth/fastify"
import type { FastifyServerOptions } from "fastify"
import fastify from "fastify"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, type HeaderLines } from "../../node/test/rawHttp.ts"
import { listen, trusting } from "./app.ts"
import { describeRouters } from "./bypassRouters.ts"

const forge = await sharedForge()

// The guard reads the target as it was sent, whatever its router makes of it: Fastify's own, and the kindest that there is.
// All sixteen are in bypass.nightly.ts.
describeRouters([{}, { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, useSemicolonDelimiter: true, caseSensitive: false }])

describe("an app that rewrites its URLs", () => {
  const rewriting = async (rewriteUrl: FastifyServerOptions["rewriteUrl"] & {}, bypass: Array<string>) => {
    const app = fastify({ rewriteUrl, forceCloseConnections: true })
    await app.register(cognitoAuth, trusting(forge, { bypass }))
    app.get("/health", async () => "ok")
    app.get("/admin", async () => "secret")
    return { app, port: await listen(app) }
  }

  it("by what a header says lets nobody in by it, in either direction", async () => {
    const { app, port } = await rewriting((req) => String(req.headers["x-original-url"] ?? req.url), ["/health"])
    const saying = (url: string): HeaderLines => [["x-original-url", url]]
    expect((await ask(port, { target: "/health", headers: saying("/admin") })).status).toBe(401)
    expect((await ask(port, { target: "/admin", headers: saying("/health") })).status).toBe(401)
    expect((await ask(port, { target: "/health" })).body).toBe("ok")
    await app.close()
  })

  it("by a prefix bypasses a path that is named as it is sent and as it is routed", async () => {
    const strip = (req: { url?: string | undefined }) => req.url?.replace(/^\/app\//, "/") ?? "/"
    const both = await rewriting(strip, ["/app/health", "/health"])
    expect((await ask(both.port, { target: "/app/health" })).body).toBe("ok")
    expect((await ask(both.port, { target: "/app/admin" })).status).toBe(401)
    await both.app.close()
    for (const one of ["/app/health", "/health"]) {
      const { app, port } = await rewriting(strip, [one])
      expect((await ask(port, { target: "/app/health" })).status, one).toBe(401)
      await app.close()
    }
  })
})
