/**
 * The load balancer's port: its own pages, and everything else, which it forwards.
 *
 * @module
 */
import { createServer, type Server } from "node:http"
import type { Socket } from "node:net"
import { serverOptions } from "@cognito-auth/core/ServerOptions"
import { onWebSocket } from "@cognito-auth/node/proxy"
import formbody from "@fastify/formbody"
import fastify, { type FastifyInstance } from "fastify"
import { controlPath } from "../control/ControlPage.ts"
import type { RequestLog } from "../RequestLog.ts"
import { answer } from "./albAnswer.ts"
import type { LoadBalancer } from "./LoadBalancer.ts"
import { readRefusal } from "./refusal.ts"
import { callbackPath, type SignIn } from "./SignIn.ts"

export interface AlbServer {
  readonly server: Server
  /** The pages, to add the control page's routes to. */
  readonly pages: FastifyInstance
  /** Closes every connection. */
  readonly close: () => Promise<void>
}

export interface AlbServerParts {
  readonly loadBalancer: LoadBalancer
  readonly signIn: SignIn
  readonly log: RequestLog
  readonly isOwnHost: (header: string | undefined) => boolean
  readonly idleTimeoutMillis: number
  readonly now: () => number
}

const isPage = (target = ""): boolean => {
  const [path = ""] = target.split("?")
  return path === callbackPath || path === controlPath || path.startsWith(`${controlPath}/`)
}

export const makeAlbServer = ({ loadBalancer, signIn, log, isOwnHost, idleTimeoutMillis, now }: AlbServerParts): AlbServer => {
  // AWS ELB guide: a request's header section is 64 KiB at most, the limit of serverOptions, too.
  const server = createServer({
    ...serverOptions,
    requestTimeout: 0,
    keepAliveTimeout: idleTimeoutMillis,
    headersTimeout: Math.ceil(idleTimeoutMillis),
    connectionsCheckingInterval: Math.ceil(Math.min(idleTimeoutMillis / 4, 5_000))
  })
  // Forwarded requests do not pass a router, which would interpret paths and methods itself.
  const pages = fastify({
    forceCloseConnections: true,
    serverFactory: (handlePage) =>
      server.on("request", (request, response) => {
        if (isPage(request.url) && isOwnHost(request.headers.host) && readRefusal(request) === undefined) handlePage(request, response)
        else void loadBalancer.handle(request, response)
      })
  })
  pages.register(formbody)
  pages.get<{ Querystring: Readonly<Record<string, unknown>> }>(callbackPath, async ({ headers, query, raw }, reply) => {
    const { host = "", cookie: cookieHeader } = headers
    const entry = log.begin(raw, now())
    const outcome = await signIn.finish({ host, query, cookieHeader })
    if ("status" in outcome) {
      Object.assign(entry, { status: outcome.status, by: "load balancer", reason: outcome.detail })
      reply.hijack()
      return answer(reply.raw, outcome.status, outcome.detail)
    }
    Object.assign(entry, { status: 302, by: "load balancer", reason: "signed in", user: outcome.session.grant.user.email })
    return reply
      .header("set-cookie", [...outcome.setCookies])
      .header("cache-control", "no-store")
      .redirect(outcome.location, 302)
  })

  // Node does not track upgraded sockets, nor those that wait for an upgrade.
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    // A connection may be passed to the server again.
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  onWebSocket(server, (request, socket, head) => loadBalancer.handleUpgrade(request, socket, head))
  return {
    server,
    pages,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await pages.close()
    }
  }
}
