/**
 * cognito-auth for raw `node:http` servers: requests and upgrades.
 *
 * @module
 */
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http"
import type { Server as HttpsServer } from "node:https"
import type { Duplex } from "node:stream"
import {
  type AdapterOptions,
  ConfigurationError,
  makeAdapterRuntime,
  type RequireOptions,
  type Route,
  type RouteOptions,
  type SignOutOptions,
  User
} from "@cognito-auth/core"
import { toAuthRequest } from "./toAuthRequest.ts"
import { setHeaders, toResponse, toSocket } from "./toResponse.ts"

export {
  type AdapterOptions,
  ConfigurationError,
  NotProtected,
  Policy,
  type RequireOptions,
  type RouteOptions,
  type SignOutOptions,
  sessionExpiredCloseCode,
  User
} from "@cognito-auth/core"

/** Handles a request with its user. On a path that `bypass` names the user is `User.anonymous`. */
export type UserHandler = (req: IncomingMessage, res: ServerResponse, user: User) => unknown

/**
 * Handles an upgrade with its user, on a socket that is untouched. `expiry` fires when the user's access token expires, a
 * second before the socket is cut: a WebSocket then closes with `sessionExpiredCloseCode`.
 */
export type UserUpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer, user: User, expiry: AbortSignal) => unknown

/** Answers a request, protected or not. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** What `cognitoAuth` returns. */
export interface NodeAuth {
  /** Lets only signed-in, authorised users through to the handler. Throws `ConfigurationError` for options that are wrong. */
  readonly protect: (handler: UserHandler, options?: Omit<RouteOptions, "require">) => Handler
  /** The same, with a requirement of its own; inside `protect` or by itself: `auth.require({ groups: ["admins"] })(handler)`. */
  readonly require: (options: RequireOptions) => (handler: UserHandler) => Handler
  /** The user of a protected request. Throws `NotProtected` where there is none. */
  readonly getAuthUser: (req: IncomingMessage) => User
  /**
   * Lets only upgrades of signed-in, authorised users through: WebSockets never pass a request handler. A refused one
   * gets an HTTP status, and its socket is destroyed. Returns a function that takes the guard off again.
   *
   * Throws `ConfigurationError` where the server has another `upgrade` listener, which would get every upgrade too.
   */
  readonly protectUpgrades: (
    server: HttpServer | HttpsServer,
    handler: UserUpgradeHandler,
    options?: Omit<RouteOptions, "onFailure">
  ) => () => void
  /** Answers with when the user's session ends, as JSON: `{"expiresAt", "expiresInSeconds"}`. Protects itself. */
  readonly session: () => Handler
  /** Signs out: expires the ALB's session cookie and goes to Cognito's logout. Needs no user. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions) => Handler
  /** Resolves once the pools' keys are at hand; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  readonly ready: () => Promise<void>
  /** Ends what runs in the background. */
  readonly dispose: () => Promise<void>
}

/**
 * Guards a `node:http` server. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Throws `ConfigurationError` with every fault.
 *
 * @example
 * const auth = cognitoAuth()
 * createServer(auth.protect((req, res, user) => res.end(user.email), { bypass: ["/health"] })).listen(3000)
 */
export const cognitoAuth = (options: AdapterOptions = {}): NodeAuth => {
  const runtime = makeAdapterRuntime(options)

  const guard =
    (handler: UserHandler, route: Route): Handler =>
    (req, res) =>
      runtime.decide(req, toAuthRequest(req), route, (decision) => {
        if (decision._tag !== "Admit") return toResponse(decision, res)
        setHeaders(decision.headers, res)
        runtime.closeOnExpiry(decision, res)
        handler(req, res, decision.user ?? User.anonymous)
      })

  return {
    protect: (handler, options) => guard(handler, runtime.route(options)),
    require: (options) => {
      const route = runtime.route({ require: options })
      return (handler) => guard(handler, route)
    },
    getAuthUser: runtime.userOf,
    protectUpgrades: (server, handler, options) => {
      const route = runtime.route(options)
      if (server.listenerCount("upgrade") > 0) {
        throw ConfigurationError.of([
          {
            setting: "protectUpgrades",
            problem:
              'the server has another "upgrade" listener, which would answer unprotected. Remove it; with ws, use { noServer: true }.'
          }
        ])
      }
      const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
        // Until somebody has taken the socket over, a client that leaves must not end the process.
        const ignore = () => {}
        socket.on("error", ignore)
        runtime.decide(req, toAuthRequest(req, true), route, (decision) => {
          if (socket.destroyed) return
          if (decision._tag !== "Admit") return toSocket(decision, socket)
          socket.off("error", ignore)
          handler(req, socket, head, decision.user ?? User.anonymous, runtime.closeOnExpiry(decision, socket))
        })
      }
      server.on("upgrade", onUpgrade)
      return () => server.off("upgrade", onUpgrade)
    },
    session: () => guard((_req, res, user) => toResponse(runtime.session(user), res), runtime.route({ onFailure: "status" })),
    signOut: (options) => {
      const signOut = runtime.signOut(options)
      return (req, res) => toResponse(signOut(toAuthRequest(req)), res)
    },
    ready: runtime.ready,
    dispose: runtime.dispose
  }
}
