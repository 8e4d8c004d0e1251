/**
 * The gateway: a process in front of a whole app. A request passes the gateway's own paths, the guards, the upstream.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { ConfigurationError, type Decision, type Route } from "@cognito-auth/core"
import { maxTargetLength } from "@cognito-auth/core/Target"
import { toAuthRequest, toResponse, toSocket } from "@cognito-auth/node/adapter"
import { isForgetful, onWebSocket } from "@cognito-auth/node/proxy"
import * as Effect from "effect/Effect"
import { makeAssertions } from "../identity/Assertion.ts"
import { readingsOf } from "../target/readings.ts"
import { makeAppProxy } from "../upstream/AppProxy.ts"
import { proxyAnswer } from "../upstream/UpstreamFailure.ts"
import { trackConnections } from "./connections.ts"
import { decideAll } from "./decideAll.ts"
import { type GatewayOptions, readGatewayOptions } from "./GatewayOptions.ts"
import { makeOwnPaths } from "./OwnPaths.ts"

/** The longest interval at which header time limits are checked. */
const longestCheckMillis = 5_000
/** Without requests, the end of an outage is not noticed: after so long it is assumed. */
const outageMillis = 10_000

export interface Gateway extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number
  /** Resolves once the sign-in's keys are cached; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  readonly ready: () => Promise<void>
  /** Reads the policy again now; rejects with `PolicyUnavailable` where that fails, and keeps the last valid one. */
  readonly reload: () => Promise<void>
  /** Accepts no more connections, lets responses end for `shutdownTimeout`, then closes the rest. */
  readonly close: () => Promise<void>
}

/**
 * Starts the gateway. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Rejects with `ConfigurationError`, with every fault, also if the port is taken.
 *
 * @example
 * await using it = await gateway({ upstream: "http://127.0.0.1:7860", pathRules: ["/admin=group:admins"] })
 */
export const gateway = async (options: GatewayOptions): Promise<Gateway> => {
  const settings = readGatewayOptions(options)
  const { runtime, upstream, prefix, route, rules, filter, assertion, onUpstream, readyPath, headersMillis, shutdownMillis } = settings
  const assertions = makeAssertions(assertion, Date.now)
  const proxy = makeAppProxy({ upstream, filter, prefix, runtime, assertions, onUpstream, ownsMessages: true })
  let isDraining = false
  /** When the last request was answered 503 because of keys or policy, if no request has been admitted since. */
  let outageAt = Number.NEGATIVE_INFINITY
  const ownPaths = makeOwnPaths({
    jwks: assertions.jwks,
    isDraining: () => isDraining,
    keysReady: runtime.ready,
    policyReady: () => Effect.runPromise(runtime.auth.settings.policySource.current),
    hasOutage: () => performance.now() - outageAt < outageMillis,
    isUpstreamUp: () => proxy.isUp(readyPath)
  })

  const routesFor = (target: string): readonly [Route, ...Array<Route>] => {
    const readings = readingsOf(target.startsWith(prefix) ? target.slice(prefix.length) : target)
    return [route, ...rules.flatMap(({ applies, route }) => (applies(readings) ? [route] : []))]
  }
  const decide = (req: IncomingMessage, isUpgrade: boolean, done: (decision: Decision) => void) => {
    const request = toAuthRequest(req, isUpgrade)
    const settle = (decision: Decision) => {
      if (decision._tag === "Refuse" && decision.status === 503) outageAt = performance.now()
      else if (decision._tag === "Admit" && decision.user !== undefined) outageAt = Number.NEGATIVE_INFINITY
      done(decision)
    }
    // A target that core refuses is not checked by rules.
    if (rules.length === 0 || request.target.length > maxTargetLength) runtime.decide(req, request, route, settle)
    else decideAll(runtime, req, request, routesFor(request.target), settle)
  }

  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    const { method = "", url = "" } = req
    if (isDraining) res.shouldKeepAlive = false
    // Node may have dropped the tokens among the fields: the user is not told to sign in again.
    if (isForgetful(req)) return toResponse(proxyAnswer(431, toAuthRequest(req)), res)
    const own = ownPaths(method, url)
    if (own !== undefined) return void Promise.resolve(own).then((answer) => toResponse(answer, res))
    decide(req, false, (decision) => {
      if (decision._tag !== "Admit") return toResponse(decision, res)
      proxy.forward(url, req, res, decision)
    })
  }

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    connections.leave(socket)
    // A client that disconnects must not end the process.
    socket.on("error", () => socket.destroy())
    if (isForgetful(req)) return toSocket(proxyAnswer(431, toAuthRequest(req)), socket)
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
    // AWS ELB guide: a request's header section is 64 KiB at most.
    maxHeaderSize: 65_536,
    headersTimeout: Math.ceil(headersMillis),
    connectionsCheckingInterval: Math.ceil(Math.min(headersMillis / 4, longestCheckMillis)),
    // An upload may take any time while bytes arrive. (Unless `headersTimeout` is given, this would switch that off, too.)
    requestTimeout: 0
  })
  // A connection without bytes in either direction for so long is abandoned, for example an endless body that is not read. The limits
  // of forwarded requests are shorter.
  server.timeout = 2 * upstream.timeoutMillis
  const connections = trackConnections(server)
  onWebSocket(server, onUpgrade)
  server.on("request", onRequest)
  // All listeners for requests receive these, too. The upstream answers the expectation.
  server.on("checkContinue", (req, res) => server.emit("request", req, res))

  const drain = async (): Promise<void> => {
    isDraining = true
    await connections.drain(shutdownMillis)
    proxy.close()
    await runtime.dispose()
  }
  let drained: Promise<void> | undefined
  const close = () => {
    drained ??= drain()
    return drained
  }

  const { port, host } = settings
  try {
    await new Promise<void>((resolve, reject) => void server.once("error", reject).listen(port, host, resolve))
  } catch (error) {
    proxy.close()
    await runtime.dispose()
    const { code } = error as NodeJS.ErrnoException
    throw ConfigurationError.of([
      { setting: "port", problem: `cannot listen on ${host}:${port}: ${code}. Stop what is there, or choose another.` }
    ])
  }
  return { port: (server.address() as AddressInfo).port, ready: runtime.ready, reload: runtime.reload, close, [Symbol.asyncDispose]: close }
}
