import type { Server } from "node:http"
import { serverOptions } from "@cognito-auth/core"
import { type AuthEnv, cognitoAuth } from "@cognito-auth/examples/honoAdapter"
import { type BuildApp, type ContractPage, contract, onLoopback } from "@cognito-auth/testing/contract"
import { createAdaptorServer } from "@hono/node-server"
import { type Context, Hono } from "hono"
import { describe, it } from "vitest"

const build: BuildApp = (app) => {
  const auth = cognitoAuth(app.options)
  const hono = new Hono<AuthEnv>().use(auth.protect(app.guard))
  const answer = (page: ContractPage) => (c: Context<AuthEnv>) =>
    c.body(
      page.body(() => auth.getAuthUser(c)),
      200,
      { "content-type": page.type }
    )

  for (const route of app.routes) {
    if (route.require !== undefined) hono.use(route.path, auth.require(route.require))
    hono.all(route.path, answer(route))
  }
  for (const { path, type, first, options } of app.streams) {
    const open = () => new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(first)) })
    hono.get(path, auth.protect(options), (c) => c.body(open(), 200, { "content-type": type }))
  }
  hono.all(app.session, auth.session())
  hono.all(app.healthCheck, auth.healthCheck())
  for (const { path, options } of app.signOuts) hono.all(path, auth.signOut(options))
  hono.all("*", answer(app.fallback))

  const server = createAdaptorServer({ fetch: hono.fetch, serverOptions }) as Server
  auth.protectUpgrades(server, app.upgrades.handle, { bypass: app.guard.bypass, ...app.upgrades.options })
  return onLoopback(server, auth.dispose)
}

describe.concurrent("the adapter for Hono keeps the contract", () => {
  for (const { name, run } of contract(build)) it(name, run)
})
