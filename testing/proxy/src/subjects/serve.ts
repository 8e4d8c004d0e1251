/** node serve.js <file>: one of our own subjects, on all of its routes, as its users would start it. */
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { gateway } from "@cognito-auth/gateway"
import { GradioAuth, Policy } from "@cognito-auth/gradio"
import { makeForge } from "@cognito-auth/testing"
import { localAlb } from "@cognito-auth/testing/local-alb"
import express from "express"
import fastify from "fastify"
import type { OwnSubject } from "../Case.ts"
import { readyLine, type Served } from "./Served.ts"
import { limitSeconds, type Route } from "./Subject.ts"

const [, , file = ""] = process.argv
const { name, address, routes, auth }: Served = JSON.parse(await readFile(file, "utf8"))

// One set of keys serves all the local load balancers.
const forge = await makeForge()
const host = address
const upstreamOf = ({ upstreamPort }: Route) => `http://${address}:${upstreamPort}`
const ours = { ...auth, policy: Policy.anyUser, onRefusal: () => undefined, onUpstream: () => undefined }
// The servers are the app's own: as large heads as a load balancer passes, and time limits as the profile has them.
const serverOptions = ({ profile }: Route) => ({
  maxHeaderSize: 65_536,
  headersTimeout: limitSeconds[profile] * 1_000,
  connectionsCheckingInterval: 100,
  keepAliveTimeout: 75_000
})
const mount = (route: Route) => {
  const gradio = new GradioAuth(ours)
  return { gradio, mounted: { upstream: upstreamOf(route), path: "/", timeout: `${limitSeconds[route.profile]} seconds` as const } }
}

type Start = (route: Route) => Promise<() => Promise<unknown>>

const starts: Readonly<Record<OwnSubject, Start>> = {
  gateway: async (route) => {
    const { port, profile } = route
    const it = await gateway({
      ...ours,
      upstream: upstreamOf(route),
      host,
      port,
      bypass: ["/open"],
      timeout: `${limitSeconds[profile]} seconds`,
      headersTimeout: `${limitSeconds[profile]} seconds`
    })
    return it.close
  },
  express: async (route) => {
    const { gradio, mounted } = mount(route)
    const app = express()
    gradio.protectApp(app, { bypass: ["/open"] })
    gradio.mountGradioApp(app, mounted)
    const server = createServer(serverOptions(route), app)
    gradio.forwardUpgrades(app, server)
    await new Promise<void>((resolve) => void server.listen(route.port, host, resolve))
    return () => gradio.dispose()
  },
  fastify: async (route) => {
    const { gradio, mounted } = mount(route)
    const app = fastify({ http: serverOptions(route), keepAliveTimeout: 75_000 })
    gradio.protectApp(app, { bypass: ["/open"] })
    gradio.mountGradioApp(app, mounted)
    gradio.forwardUpgrades(app, app.server)
    await app.listen({ port: route.port, host })
    return () => gradio.dispose()
  },
  alb: async (route) => {
    const it = await localAlb({
      target: upstreamOf(route),
      host,
      hosts: ["app.example"],
      port: route.port,
      cognitoPort: 0,
      keysPort: 0,
      rules: [{ path: "*", action: "forward" }],
      idleTimeout: `${limitSeconds[route.profile]} seconds`,
      forge
    })
    return it.close
  }
}

const closes = await Promise.all(routes.map(starts[name]))
process.once("SIGTERM", async () => {
  await Promise.all(closes.map((close) => close()))
  process.exit(0)
})
// It does not outlive who started it, even one that was killed.
process.stdin.once("end", () => process.exit(1)).resume()
console.log(readyLine)
