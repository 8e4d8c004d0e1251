/**
 * cognito-auth for raw `node:http` servers: requests and upgrades.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import {
  type AdapterLifecycle,
  type AdapterOptions,
  makeAdapterRuntime,
  type RequireOptions,
  type Route,
  type RouteOptions,
  requireCalled,
  requireHandler,
  type SignOutOptions,
  User
} from "@cognito-auth/core"
import { type ProtectUpgrades, protectUpgrades } from "./protectUpgrades.ts"
import { serverOf } from "./serverOf.ts"
import { toAuthRequest } from "./toAuthRequest.ts"
import { setHeaders, toResponse } from "./toResponse.ts"

export {
  type AdapterOptions,
  ConfigurationError,
  gdsIdea,
  NotProtected,
  Policy,
  type Preset,
  Provider,
  type Refusal,
  type RequireOptions,
  type RouteOptions,
  type SignOutOptions,
  serverOptions,
  sessionExpiredCloseCode,
  User
} from "@cognito-auth/core"
export type { ProtectUpgrades, UserUpgradeHandler } from "./protectUpgrades.ts"

/** Handles a request with its user. On a path that `bypass` names the user is `User.anonymous`. */
export type UserHandler = (req: IncomingMessage, res: ServerResponse, user: User) => unknown

/** Answers a request, protected or not. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** What `cognitoAuth` returns. */
export interface NodeAuth extends AdapterLifecycle {
  /** Lets only signed-in, authorised users through to the handler. Throws `ConfigurationError` for options that are wrong. */
  readonly protect: (handler: UserHandler, options?: Omit<RouteOptions, "require">) => Handler
  /** The same, with a requirement; inside `protect` or by itself: `auth.require({ groups: ["admins"] })(handler)`. */
  readonly require: (options: RequireOptions) => (handler: UserHandler) => Handler
  /** The user of a protected request. Throws `NotProtected` where there is none. */
  readonly getAuthUser: (req: IncomingMessage) => User
  readonly protectUpgrades: ProtectUpgrades
  /** Responds with when the user's session expires, as JSON: `{"expiresAt", "expiresInSeconds"}`. Is protected itself. */
  readonly session: () => Handler
  /** Signs out: expires the ALB's session cookie and goes to Cognito's logout. Needs no user. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions) => Handler
}

/**
 * Guards a `node:http` server. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Throws `ConfigurationError` with every fault.
 *
 * @example
 * const auth = cognitoAuth()
 * const app = auth.protect((req, res, user) => res.end(user.email), { bypass: ["/health"] })
 * createServer(serverOptions, app).listen(3000)
 */
export const cognitoAuth = (options: AdapterOptions = {}): NodeAuth => {
  const runtime = makeAdapterRuntime(options, { serverOf })

  const guard =
    (handler: UserHandler, route: Route): Handler =>
    (req, res) =>
      runtime.decide(req, toAuthRequest(req), route, (decision) => {
        if (decision._tag !== "Admit") return toResponse(decision, res)
        setHeaders(decision.headers, res)
        if (decision.closeOnExpiry) runtime.closeOnExpiry(decision, res)
        handler(req, res, decision.user ?? User.anonymous)
      })

  return {
    protect: (handler, options) => {
      requireCalled(handler, "auth.protect", "createServer(auth.protect((req, res, user) => …))")
      requireHandler(handler, "auth.protect", "auth.protect((req, res, user) => …, { … })")
      return guard(handler, runtime.route(options))
    },
    require: (options) => {
      requireCalled(options, "auth.require", 'auth.require({ groups: ["admins"] })((req, res, user) => …)')
      const route = runtime.route({ require: options })
      return (handler) => {
        requireCalled(handler, "auth.require({ … })", "auth.require({ … })((req, res, user) => …)")
        requireHandler(handler, "auth.require({ … })", "auth.require({ … })((req, res, user) => …)")
        return guard(handler, route)
      }
    },
    getAuthUser: runtime.userOf,
    protectUpgrades: protectUpgrades(runtime),
    session: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "auth.session", "const session = auth.session(), and session(req, res) at each request.")
      return guard((_req, res, user) => toResponse(runtime.session(user), res), runtime.route({ onFailure: "status" }))
    },
    signOut: (options) => {
      requireCalled(options, "auth.signOut", "const signOut = auth.signOut({ … }), and signOut(req, res) at each request.")
      const signOut = runtime.signOut(options)
      return (req, res) => toResponse(signOut(toAuthRequest(req)), res)
    },
    ready: runtime.ready,
    reload: runtime.reload,
    dispose: runtime.dispose
  }
}
