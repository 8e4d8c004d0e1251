/**
 * cognito-auth for Express 5 and 4: middleware, routes, whole apps and upgrades.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import {
  type AdapterLifecycle,
  type AdapterOptions,
  type User as AuthUser,
  makeAdapterRuntime,
  type Principal,
  type RequireOptions,
  type Route,
  type RouteOptions,
  requireCalled,
  type SignOutOptions
} from "@cognito-auth/core"
import { type ProtectUpgrades, protectUpgrades, serverOf, setHeaders, toResponse } from "@cognito-auth/node/adapter"
import type { Handler, Middleware } from "./Middleware.ts"
import { asGuard, asOwnAnswer, openRoutesWarning } from "./openRoutes.ts"
import { type ExpressApp, protectApp } from "./protectApp.ts"
import { toAuthRequest } from "./toAuthRequest.ts"

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
export type { PrincipalUpgradeHandler, ProtectUpgrades, UserUpgradeHandler } from "@cognito-auth/node/adapter"
export type { Handler, Middleware } from "./Middleware.ts"
export type { ExpressApp } from "./protectApp.ts"

export type ProtectOptions = Omit<RouteOptions, "require">

/** Makes `app.use(auth.protect)`, without the call, a compile error. */
type NoMore = ReadonlyArray<never>

/** What `cognitoAuth` returns. */
export interface ExpressAuth extends AdapterLifecycle {
  /**
   * For a part of an app, a router, a path or a route: lets only signed-in, authorised users through, and sets `req.user`.
   * Routes that are registered before it stay open; it logs them at its first request. For a whole app use
   * `protectApp`. `bypass` names paths as the client sends them, including the path that a router is mounted on. Throws
   * `ConfigurationError` for wrong options.
   */
  readonly protect: (options?: ProtectOptions, ...none: NoMore) => Middleware
  /** The same with a requirement, behind `protect` or by itself: `app.get("/admin", auth.require({ groups: "admins" }), …)`. */
  readonly require: (options: RequireOptions, ...none: NoMore) => Middleware
  /** The user of a protected request. Throws `NotProtected` where there is none, and where a service asks: `req.user` is `undefined` then. */
  readonly getAuthUser: (req: IncomingMessage) => AuthUser
  /** The user or the service of a protected request. Throws `NotProtected` where there is neither. */
  readonly getPrincipal: (req: IncomingMessage) => Principal
  /**
   * Protects the whole app: it runs before all routes and middleware, whether they are registered before or after it. Throws
   * `ConfigurationError` for wrong options, and if `app` is not an Express application.
   */
  readonly protectApp: (app: ExpressApp, options?: ProtectOptions) => void
  readonly protectUpgrades: ProtectUpgrades
  /** Responds with when the user's session expires, as JSON: `{"expiresAt", "expiresInSeconds"}`. Is protected itself. */
  readonly session: (...none: NoMore) => Handler
  /**
   * Responds 200 where requests could be admitted now, and 503 where they could not, as JSON: `{"status": "ready", "keys": true, "policy": true}`.
   * For the load balancer's health check. Needs no user.
   */
  readonly healthCheck: (...none: NoMore) => Handler
  /** Signs out: expires the ALB's session cookie and goes to Cognito's logout. Needs no user. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions, ...none: NoMore) => Handler
}

/**
 * Guards an Express app. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Throws `ConfigurationError` with every fault.
 *
 * @example
 * const auth = cognitoAuth()
 * auth.protectApp(app, { bypass: ["/health"] })
 * app.get("/", (req, res) => res.send(`Hello ${auth.getAuthUser(req).email}`))
 * app.get("/admin", auth.require({ groups: ["admins"] }), handler)
 * createServer(serverOptions, app).listen(3000)
 */
export const cognitoAuth = (options: AdapterOptions = {}): ExpressAuth => {
  const runtime = makeAdapterRuntime(options, { framework: "express", serverOf, takesServices: true })

  const guard =
    (route: Route): Middleware =>
    (req, res, next) =>
      runtime.decide(req, toAuthRequest(req), route, (decision) => {
        if (decision._tag !== "Admit") return toResponse(decision, res)
        setHeaders(decision.headers, res)
        if (decision.closeOnExpiry) runtime.closeOnExpiry(decision, res)
        req.user = decision.user
        next()
      })

  /** A guard whose position in the app matters: at its first request, when everything is registered, it checks what is registered before it. */
  const placedGuard = (route: Route): Middleware => {
    const admit = guard(route)
    let isPlaceChecked = false
    const placed: Middleware = (req, res, next) => {
      if (!isPlaceChecked) {
        isPlaceChecked = true
        const warning = openRoutesWarning(req, placed, route)
        if (warning !== undefined) runtime.warn(warning)
      }
      admit(req, res, next)
    }
    return asGuard(placed)
  }

  return {
    protect: (options) => {
      requireCalled(options, "auth.protect", "app.use(auth.protect())")
      return placedGuard(runtime.route(options))
    },
    require: (options) => {
      requireCalled(options, "auth.require", 'app.get("/admin", auth.require({ groups: ["admins"] }), handler)')
      return placedGuard(runtime.route({ require: options }))
    },
    getAuthUser: runtime.userOf,
    getPrincipal: runtime.principalOf,
    protectApp: (app, options) => {
      requireCalled(app, "auth.protectApp", "auth.protectApp(app)")
      protectApp(app, guard(runtime.route(options)))
    },
    protectUpgrades: protectUpgrades(runtime),
    session: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "auth.session", 'app.get("/session", auth.session())')
      const admitted = guard(runtime.route({ onFailure: "status" }))
      return asOwnAnswer((req, res) => admitted(req, res, () => toResponse(runtime.session(runtime.principalOf(req)), res)))
    },
    signOut: (options) => {
      requireCalled(options, "auth.signOut", 'app.all("/sign-out", auth.signOut({ cognitoDomain, logoutUri }))')
      const signOut = runtime.signOut(options)
      return asOwnAnswer((req, res) => toResponse(signOut(toAuthRequest(req)), res))
    },
    healthCheck: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "auth.healthCheck", 'app.get("/health", auth.healthCheck())')
      return asOwnAnswer((_req, res) => toResponse(runtime.healthCheck(), res))
    },
    health: runtime.health,
    ready: runtime.ready,
    reload: runtime.reload,
    dispose: runtime.dispose
  }
}
