/** The three ways in which a real Gradio is protected, each with two apps: a public one, and one for administrators. */
import { once } from "node:events"
import { createServer } from "node:http"
import { gateway } from "@cognito-auth/gateway"
import type { AdapterOptions } from "@cognito-auth/gradio"
import { GradioAuth } from "@cognito-auth/gradio"
import { makeForge } from "@cognito-auth/testing"
import { type LocalAlb, type LocalAlbOptions, localAlb } from "@cognito-auth/testing/local-alb"
import express from "express"
import fastify from "fastify"
import { freePort } from "../../../../testing/test/freePort.ts"
import { type Gradio, startGradio } from "./startGradio.ts"

export const forge = await makeForge()

/** What stands in front of Gradio. */
export interface Front {
  readonly name: "gateway" | "Express" | "Fastify"
  /** Where requests go that have the load balancer's headers already. */
  readonly url: string
  /** The load balancer in front of it. */
  readonly alb: LocalAlb
  /** Both apps' logs. */
  readonly accessLog: () => ReadonlyArray<string>
  readonly close: () => Promise<void>
}

interface Served {
  readonly close: () => Promise<unknown>
}
type Serve = (options: AdapterOptions, port: number) => Promise<Served>

const atGateway =
  (gradio: Gradio): Serve =>
  (options, port) =>
    gateway({
      ...options,
      upstream: gradio.url,
      port,
      host: "127.0.0.1",
      bypass: ["/no-access"],
      pathRules: ["/admin=group:admins"],
      shutdownTimeout: "1 millis"
    })

const inExpress =
  (publicOne: Gradio, adminOne: Gradio): Serve =>
  async (options, port) => {
    const app = express()
    const auth = new GradioAuth(options)
    auth.protectApp(app, { bypass: ["/health"] })
    auth.mountGradioApp(app, { upstream: adminOne.url, path: "/admin", require: { groups: ["admins"] } })
    auth.mountGradioApp(app, { upstream: publicOne.url, path: "/" })
    const server = createServer(app)
    await once(server.listen(port, "127.0.0.1"), "listening")
    return {
      close: async () => {
        server.close().closeAllConnections()
        await auth.dispose()
      }
    }
  }

const inFastify =
  (publicOne: Gradio, adminOne: Gradio): Serve =>
  async (options, port) => {
    const app = fastify({ forceCloseConnections: true })
    const auth = new GradioAuth(options)
    auth.protectApp(app, { bypass: ["/health"] })
    auth.mountGradioApp(app, { upstream: adminOne.url, path: "/admin", require: { groups: ["admins"] } })
    auth.mountGradioApp(app, { upstream: publicOne.url, path: "/" })
    await app.listen({ port, host: "127.0.0.1" })
    return { close: () => Promise.all([app.close(), auth.dispose()]) }
  }

const front = async (
  name: Front["name"],
  serve: Serve,
  gradios: ReadonlyArray<Gradio>,
  options: Partial<LocalAlbOptions>
): Promise<Front> => {
  const port = await freePort()
  const alb = await localAlb({ forge, target: `http://127.0.0.1:${port}`, ...options })
  const served = await serve({ ...alb.settings().options, redirectUrl: `${alb.url}/no-access`, logger: false }, port)
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    alb,
    accessLog: () => gradios.flatMap((gradio) => gradio.accessLog()),
    close: async () => {
      await alb.close()
      await served.close()
    }
  }
}

export interface Stage {
  readonly fronts: ReadonlyArray<Front>
  readonly close: () => Promise<void>
}

/** Starts Gradio once, and what stands in front of it. */
export const startStage = async (options: Partial<LocalAlbOptions> = {}): Promise<Stage> => {
  const gradios = await Promise.all([startGradio("mounted"), startGradio("public"), startGradio("admin")])
  const [mounted, publicOne, adminOne] = gradios
  const fronts = await Promise.all([
    front("gateway", atGateway(mounted), [mounted], options),
    front("Express", inExpress(publicOne, adminOne), [publicOne, adminOne], options),
    front("Fastify", inFastify(publicOne, adminOne), [publicOne, adminOne], options)
  ])
  return {
    fronts,
    close: async () => {
      await Promise.all(fronts.map((each) => each.close()))
      await Promise.all(gradios.map((each) => each.close()))
    }
  }
}

/** A gateway in front of the public app alone. */
export const startGatewayStage = async (
  options: Partial<LocalAlbOptions> = {},
  more: Pick<AdapterOptions, "clockTolerance" | "tokenCache"> = {}
) => {
  const gradio = await startGradio("public")
  const serve = atGateway(gradio)
  const it = await front("gateway", (settings, port) => serve({ ...settings, ...more }, port), [gradio], options)
  return {
    ...it,
    gradio,
    close: async () => {
      await it.close()
      await gradio.close()
    }
  }
}
