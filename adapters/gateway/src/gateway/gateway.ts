/**
 * The gateway: a whole app behind one process. A request's way: the gateway's own paths, the guards, the upstream.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { ConfigurationError, type Decision, type Route } from "@cognito-auth/core"
import { toAuthRequest, toResponse, toSocket } from "@cognito-auth/node/adapter"
import { makeAssertions } from "../identity/Assertion.ts"
import { readingsOf } from "../target/readings.ts"
import { makeAppProxy } from "../upstream/AppProxy.ts"
import { decideAll } from "./decideAll.ts"
import { type GatewayOptions, readGatewayOptions } from "./GatewayOptions.ts"
import { makeOwnPaths } from "./OwnPaths.ts"

const sweepMillis = 100

export interface Gateway extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number
  /** Resolves once the sign-in's keys are at hand; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  readonly ready: () => Promise<void>
  /** Takes no more connections, lets answers end for `shutdownTimeout`, then cuts what is left. */
  readonly close: () => Promise<void>
}

/**
 * Starts the gateway. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Rejects with `ConfigurationError`, with every fault, also where the port is taken.
 *
 * @example
 * await using it = await gateway({ upstream: "http://127.0.0.1:7860", pathRules: ["/admin=group:admins"] })
 */
export const gateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { runtime, upstream, prefix, route, rules, assertion, onUpstream, shutdownMillis, port, host } = readGatewayOptions(options)
  const assertions = makeAssertions(assertion, Date.now)
  const proxy = makeAppProxy({ upstream, prefix, runtime, assertions, onUpstream })
  let isDraining = false
  const ownPaths = makeOwnPaths({
    jwks: assertions.jwks,
    isDraining: () => isDraining,
    keysReady: runtime.ready,
    isUpstreamUp: proxy.isUp
  })

  const routesFor = (target: string): readonly [Route, ...Array<Route>] => {
    const readings = readingsOf(target.startsWith(prefix) ? target.slice(prefix.length) : target)
    return [route, ...rules.flatMap(({ applies, route }) => (applies(readings) ? [route] : []))]
  }
  const decide = (req: IncomingMessage, isUpgrade: boolean, done: (decision: Decision) => void) => {
    const request = toAuthRequest(req, isUpgrade)
    if (rules.length === 0) runtime.decide(req, request, route, done)
    else decideAll(runtime, req, request, routesFor(request.target), done)
  }

  const sockets = new Set<Duplex>()
  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    const { method = "", url = "" } = req
    if (isDraining) res.shouldKeepAlive = false
    const own = ownPaths(method, url)
    if (own !== undefined) return void Promise.resolve(own).then((answer) => toResponse(answer, res))
    decide(req, false, (decision) => {
      if (decision._tag !== "Admit") return toResponse(decision, res)
      proxy.forward(url, req, res, decision)
    })
  }

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    // A client that leaves must not end the process.
    socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket))
    decide(req, true, (decision) => {
      if (socket.destroyed) return
      if (decision._tag !== "Admit") return toSocket(decision, socket)
      runtime.closeOnExpiry(decision, socket)
      proxy.tunnel(req.url ?? "", req, { socket, head }, decision.user)
    })
  }

  const server = createServer({
    // AWS ELB guide, "HTTP 460, 502": a target keeps idle connections for longer than the load balancer's 60 seconds.
    keepAliveTimeout: 75_000,
    // An upload takes as long as it takes: the load balancer's idle timeout ends those that have stopped.
    requestTimeout: 0,
    // AWS ELB guide: a request's head is of 64 KiB at most.
    maxHeaderSize: 65_536
  })
  server.on("request", onRequest).on("upgrade", onUpgrade)

  const drain = async (): Promise<void> => {
    isDraining = true
    const cut = setTimeout(() => {
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
    }, shutdownMillis)
    // A kept connection is idle, and can be closed, only when its answer has ended.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMillis)
    await new Promise<void>((resolve) => void server.close(() => resolve()))
    clearTimeout(cut)
    clearInterval(sweep)
    await Promise.all([proxy.close(), runtime.dispose()])
  }
  let drained: Promise<void> | undefined
  const close = () => {
    drained ??= drain()
    return drained
  }

  try {
    await new Promise<void>((resolve, reject) => void server.once("error", reject).listen(port, host, resolve))
  } catch (error) {
    await Promise.all([proxy.close(), runtime.dispose()])
    const { code } = error as NodeJS.ErrnoException
    throw ConfigurationError.of([
      { setting: "port", problem: `cannot listen on ${host}:${port}: ${code}. Stop what is there, or choose another.` }
    ])
  }
  return { port: (server.address() as AddressInfo).port, ready: runtime.ready, close, [Symbol.asyncDispose]: close }
}
