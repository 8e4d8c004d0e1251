/** Our own subjects, each as its users would start it. */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { AdapterOptions } from "@cognito-auth/core"
import { gateway } from "@cognito-auth/gateway"
import { GradioAuth, Policy } from "@cognito-auth/gradio"
import { makeForge } from "@cognito-auth/testing"
import { localAlb } from "@cognito-auth/testing/local-alb"
import express from "express"
import fastify from "fastify"
import type { OwnSubject } from "../Case.ts"

/** One of them between a port and an upstream. */
export interface OwnStage {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly upstream: string
  /** Every time limit that it has. */
  readonly seconds: number
  /** Options that trust the forge, but for the policy. */
  readonly auth: AdapterOptions
}

export interface Started {
  readonly port: number
  readonly close: () => Promise<unknown>
}

// One set of keys serves all the local load balancers.
const forge = await makeForge()

/** Every signed-in user is admitted; `/open` needs no sign-in. */
const optionsOf = ({ auth }: OwnStage) => ({ ...auth, policy: Policy.anyUser, logger: false as const, onUpstream: () => undefined })
const open = { bypass: ["/open"] }

// The servers are the app's own: as large heads as a load balancer passes.
const serverOptions = ({ seconds }: OwnStage) => ({
  maxHeaderSize: 65_536,
  headersTimeout: seconds * 1_000,
  connectionsCheckingInterval: 100,
  keepAliveTimeout: 75_000
})
const mount = (stage: OwnStage) => ({
  gradio: new GradioAuth(optionsOf(stage)),
  mounted: { upstream: stage.upstream, path: "/", timeout: `${stage.seconds} seconds` as const }
})
const portOf = (server: Server): number => (server.address() as AddressInfo).port

export const startOwn: Readonly<Record<OwnSubject, (stage: OwnStage) => Promise<Started>>> = {
  gateway: async (stage) => {
    const { upstream, host, port, seconds } = stage
    const limit = `${seconds} seconds` as const
    return gateway({ ...optionsOf(stage), ...open, upstream, host, port, timeout: limit, headersTimeout: limit })
  },
  express: async (stage) => {
    const { gradio, mounted } = mount(stage)
    const app = express()
    gradio.protectApp(app, open)
    gradio.mountGradioApp(app, mounted)
    const server = createServer(serverOptions(stage), app)
    gradio.forwardUpgrades(app, server)
    await new Promise<void>((resolve) => void server.listen(stage.port, stage.host, resolve))
    return { port: portOf(server), close: () => gradio.dispose() }
  },
  fastify: async (stage) => {
    const { gradio, mounted } = mount(stage)
    const app = fastify({ http: serverOptions(stage), keepAliveTimeout: 75_000 })
    gradio.protectApp(app, open)
    gradio.mountGradioApp(app, mounted)
    gradio.forwardUpgrades(app, app.server)
    await app.listen({ port: stage.port, host: stage.host })
    return { port: portOf(app.server), close: () => gradio.dispose() }
  },
  alb: async ({ upstream, host, port, seconds }) => {
    const { url, close } = await localAlb({
      target: upstream,
      host,
      hosts: ["app.example"],
      port,
      cognitoPort: 0,
      keysPort: 0,
      rules: [{ path: "*", action: "forward" }],
      idleTimeout: `${seconds} seconds`,
      forge
    })
    return { port: Number(new URL(url).port), close }
  }
}
