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
  type Principal,
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
  type Principal,
  Provider,
  type Refusal,
  type RequireOptions,
  type RouteOptions,
  Service,
  type SignOutOptions,
  serverOptions,
  sessionExpiredCloseCode,
  User
} from "@cognito-auth/core"
export type { PrincipalUpgradeHandler, ProtectUpgrades, UserUpgradeHandler } from "./protectUpgrades.ts"

/** Handles a request with its user. On a path that `bypass` names the user is `User.anonymous`. */
export type UserHandler = (req: IncomingMessage, res: ServerResponse, user: User) => unknown

/** Handles a request with its user, or the service that asks. */
export type PrincipalHandler = (req: IncomingMessage, res: ServerResponse, principal: Principal) => unknown

type ProtectOptions = Omit<RouteOptions, "require">

/** Answers a request, protected or not. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** What `cognitoAuth` returns. */
export interface NodeAuth extends AdapterLifecycle {
  /** Lets only signed-in, authorised users through to the handler. Throws `ConfigurationError` for options that are wrong. */
  readonly protect: {
    (handler: UserHandler, options?: ProtectOptions & { readonly services?: undefined }): Handler
    /** On the paths of `services`, the handler may get a `Service` too. */
    (handler: PrincipalHandler, options: ProtectOptions): Handler
  }
  /** The same, with a requirement; inside `protect` or by itself: `auth.require({ groups: ["admins"] })(handler)`. */
  readonly require: {
    (options: RequireOptions & { readonly scopes?: undefined }): (handler: UserHandler) => Handler
    /** With `scopes`, and inside a `protect` with `services`, the handler may get a `Service` too. */
    (options: RequireOptions): (handler: PrincipalHandler) => Handler
  }
  /** The user of a protected request. Throws `NotProtected` where there is none, and where a service asks. */
  readonly getAuthUser: (req: IncomingMessage) => User
  /** The user or the service of a protected request. Throws `NotProtected` where there is neither. */
  readonly getPrincipal: (req: IncomingMessage) => Principal
  readonly protectUpgrades: ProtectUpgrades
  /** Responds with when the user's session expires, as JSON: `{"expiresAt", "expiresInSeconds"}`. Is protected itself. */
  readonly session: () => Handler
  /**
   * Responds 200 where requests could be admitted now, and 503 where they could not, as JSON: `{"status": "ready", "keys": true, "policy": true}`.
   * For the load balancer's health check. Needs no user.
   */
  readonly healthCheck: () => Handler
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
  const runtime = makeAdapterRuntime(options, { framework: "node", serverOf, takesServices: true })

  const guard =
    // Of a route that neither names services nor requires scopes, core admits users alone.
      (handler: PrincipalHandler, route: Route): Handler =>
      (req, res) =>
        runtime.decide(req, toAuthRequest(req), route, (decision) => {
          if (decision._tag !== "Admit") return toResponse(decision, res)
          setHeaders(decision.headers, res)
          if (decision.closeOnExpiry) runtime.closeOnExpiry(decision, res)
          handler(req, res, decision.principal ?? User.anonymous)
        })

  return {
    protect: (handler: UserHandler, options?: ProtectOptions) => {
      requireCalled(handler, "auth.protect", "createServer(auth.protect((req, res, user) => …))")
      requireHandler(handler, "auth.protect", "auth.protect((req, res, user) => …, { … })")
      return guard(handler as PrincipalHandler, runtime.route(options))
    },
    require: (options: RequireOptions) => {
      requireCalled(options, "auth.require", 'auth.require({ groups: ["admins"] })((req, res, user) => …)')
      const route = runtime.route({ require: options })
      return (handler: UserHandler) => {
        requireCalled(handler, "auth.require({ … })", "auth.require({ … })((req, res, user) => …)")
        requireHandler(handler, "auth.require({ … })", "auth.require({ … })((req, res, user) => …)")
        return guard(handler as PrincipalHandler, route)
      }
    },
    getAuthUser: runtime.userOf,
    getPrincipal: runtime.principalOf,
    protectUpgrades: protectUpgrades(runtime),
    session: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "auth.session", "const session = auth.session(), and session(req, res) at each request.")
      return guard((_req, res, principal) => toResponse(runtime.session(principal), res), runtime.route({ onFailure: "status" }))
    },
    signOut: (options) => {
      requireCalled(options, "auth.signOut", "const signOut = auth.signOut({ … }), and signOut(req, res) at each request.")
      const signOut = runtime.signOut(options)
      return (req, res) => toResponse(signOut(toAuthRequest(req)), res)
    },
    healthCheck: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "auth.healthCheck", "const healthCheck = auth.healthCheck(), and healthCheck(req, res) at each request.")
      return (_req, res) => toResponse(runtime.healthCheck(), res)
    },
    health: runtime.health,
    ready: runtime.ready,
    reload: runtime.reload,
    dispose: runtime.dispose
  }
}
