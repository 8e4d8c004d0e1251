/**
 * cognito-auth for Fastify 5: a plugin that protects the scope it is registered in.
 *
 * @module
 */
import type { AdapterOptions, AdapterRuntime, Principal, RequireOptions, Route, RouteOptions, SignOutOptions } from "@cognito-auth/core"
import { makeAdapterRuntime, requireCalled, User } from "@cognito-auth/core"
import {
  type PrincipalUpgradeHandler,
  protectUpgrades,
  serverOf,
  type UpgradeOptions,
  type UserUpgradeHandler,
  type UserUpgradeOptions
} from "@cognito-auth/node/adapter"
import type { FastifyPluginAsync, HTTPMethods } from "fastify"
import fp from "fastify-plugin"
import { expiries, expiryOf } from "./authExpiry.ts"
import { explainMissingDecorators } from "./explainMissingDecorators.ts"
import { type RequestLike, toAuthRequest } from "./toAuthRequest.ts"
import { type ReplyLike, setHeaders, toLastReply, toReply } from "./toReply.ts"

export type { AdapterOptions, Preset, Principal, Refusal, RequireOptions, RouteOptions, SignOutOptions } from "@cognito-auth/core"
export { ConfigurationError, gdsIdea, NotProtected, Policy, Provider, Service, sessionExpiredCloseCode, User } from "@cognito-auth/core"
export type { PrincipalUpgradeHandler, UserUpgradeHandler } from "@cognito-auth/node/adapter"
export { serverOptions } from "./serverOptions.ts"

/** The settings, and the options of the scope's guard. */
export interface FastifyAuthOptions extends AdapterOptions, Omit<RouteOptions, "require"> {}

/** What a guard reads of a request, and sets on it. */
export type GuardedRequest = RequestLike & { user: User }

/** An `onRequest` hook, for the routes of any server, schema and type provider. */
export type GuardHook = (request: GuardedRequest, reply: ReplyLike, done: () => void) => void

/** A route without its path: `app.route({ url: "/sign-out", ...app.cognitoAuth.signOut({ … }) })`. */
export interface AuthRoute {
  method: HTTPMethods | Array<HTTPMethods>
  onRequest: GuardHook
  handler: (request: GuardedRequest, reply: ReplyLike) => void
}

/** What the plugin adds to its scope, in addition to `requireAuth`. */
export interface FastifyAuth extends Pick<AdapterRuntime, "health" | "ready" | "reload"> {
  /**
   * A hook that guards one route more closely than its scope: `{ onRequest: app.cognitoAuth.protect({ closeOnExpiry: true }) }`
   * for an event stream. Throws `ConfigurationError` for options that are wrong.
   */
  readonly protect: (options?: RouteOptions) => GuardHook
  /** The user of a protected request. Throws `NotProtected` if there is none, as on a path that `bypass` names, or where a service asks. */
  readonly getAuthUser: (request: GuardedRequest) => User
  /** The user or the service of a protected request. Throws `NotProtected` if there is neither. */
  readonly getPrincipal: (request: GuardedRequest) => Principal
  /** A route that tells when the user's session ends, as JSON: `{"expiresAt", "expiresInSeconds"}`. Protects itself. */
  readonly session: () => AuthRoute
  /**
   * A route that responds 200 where requests could be admitted now, and 503 where they could not, as JSON:
   * `{"status": "ready", "keys": true, "policy": true}`. For the load balancer's health check: name its path in `bypass`.
   */
  readonly healthCheck: () => Omit<AuthRoute, "onRequest">
  /** A route that signs out, of the load balancer and of Cognito. It needs no user: name its path in `bypass`. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions) => AuthRoute
  /**
   * For WebSockets without @fastify/websocket: lets only upgrades of signed-in, authorised users through to the handler,
   * wherever on the server. Throws `ConfigurationError` where the server has another `upgrade` listener.
   */
  readonly protectUpgrades: {
    (handler: UserUpgradeHandler, options?: UserUpgradeOptions): () => void
    /** On the paths of `services`, the handler may get a `Service` too. */
    (handler: PrincipalUpgradeHandler, options: UpgradeOptions): () => void
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** The verified, authorised user; `User.anonymous` on a path that `bypass` names, and where a service asks. Only in the plugin's scope is there one. */
    readonly user: User
    /** Fires when the user's access token expires, a second before the connection is cut. Never where `closeOnExpiry` is off. */
    readonly authExpiry: AbortSignal
  }
  interface FastifyInstance {
    /** A hook for one route: `{ onRequest: app.requireAuth({ groups: ["admins"] }) }`. Throws `ConfigurationError`. */
    requireAuth: (options: RequireOptions) => GuardHook
    cognitoAuth: FastifyAuth
  }
}

explainMissingDecorators()

const plugin: FastifyPluginAsync<FastifyAuthOptions> = async (
  app,
  { bypass, services, crossOrigin, onFailure, closeOnExpiry, name, audit, ...options }
) => {
  requireCalled(app, "cognitoAuth", "await app.register(cognitoAuth, { … })")
  const runtime = makeAdapterRuntime(options, { framework: "fastify", serverOf, takesServices: true })
  app.addHook("onClose", runtime.dispose)

  const guard =
    (route: Route): GuardHook =>
    (request, reply, done) => {
      const asked = toAuthRequest(request)
      runtime.decide(request, asked, route, (decision) => {
        if (decision._tag !== "Admit") return (asked.upgrade ? toLastReply : toReply)(decision, reply)
        setHeaders(decision.headers, reply)
        // Guards add up: another one, of this scope or of one around it, may have admitted the request before.
        request.user = decision.user ?? request.user ?? User.anonymous
        if (decision.closeOnExpiry) expiries.set(request, runtime.closeOnExpiry(decision, reply.raw))
        done()
      })
    }
  const protect: FastifyAuth["protect"] = (options) => {
    requireCalled(options, "app.cognitoAuth.protect", "{ onRequest: app.cognitoAuth.protect() }")
    return guard(runtime.route({ onFailure, closeOnExpiry, ...options }))
  }

  if (!app.hasDecorator("cognitoAuth")) {
    app.decorateRequest("user", null, [])
    app.decorateRequest("authExpiry", { getter: expiryOf })
  }
  app.decorate("requireAuth", (require: RequireOptions) => {
    requireCalled(require, "app.requireAuth", '{ onRequest: app.requireAuth({ groups: ["admins"] }) }')
    return protect({ require })
  })
  app.decorate("cognitoAuth", {
    protect,
    getAuthUser: runtime.userOf,
    getPrincipal: runtime.principalOf,
    session: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "app.cognitoAuth.session", 'app.route({ url: "/session", ...app.cognitoAuth.session() })')
      return {
        method: "GET",
        onRequest: protect({ onFailure: "status" }),
        handler: (request, reply) => toReply(runtime.session(runtime.principalOf(request)), reply)
      }
    },
    signOut: (options) => {
      requireCalled(options, "app.cognitoAuth.signOut", 'app.route({ url: "/sign-out", ...app.cognitoAuth.signOut({ … }) })')
      const signOut = runtime.signOut(options)
      const answer = (request: RequestLike, reply: ReplyLike) => toReply(signOut(toAuthRequest(request)), reply)
      // As a hook: a form is posted with a content type that Fastify has no parser for.
      return { method: app.supportedMethods, onRequest: answer, handler: answer }
    },
    protectUpgrades: (handler: UserUpgradeHandler, options?: UpgradeOptions) =>
      protectUpgrades(runtime)(app.server, handler as PrincipalUpgradeHandler, options ?? {}),
    healthCheck: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "app.cognitoAuth.healthCheck", 'app.route({ url: "/health", ...app.cognitoAuth.healthCheck() })')
      return { method: "GET", handler: (_request, reply) => toReply(runtime.healthCheck(), reply) }
    },
    health: runtime.health,
    ready: runtime.ready,
    reload: runtime.reload
  } satisfies FastifyAuth)
  app.addHook("onRequest", protect({ bypass, services, crossOrigin, name, audit }))
}

/**
 * Lets only signed-in, authorised users through to the routes of the scope it is registered in, of the scopes within, and
 * to what is not found there. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Registering rejects with `ConfigurationError`, with every fault.
 *
 * @example
 * await app.register(cognitoAuth, { bypass: ["/health"] })
 * app.get("/", async (request) => `Hello ${request.user.email}`)
 * app.get("/admin", { onRequest: app.requireAuth({ groups: ["admins"] }) }, handler)
 */
export const cognitoAuth: FastifyPluginAsync<FastifyAuthOptions> = fp(plugin, { name: "@cognito-auth/fastify", fastify: "5.x" })

/** @alias The default export is for `@fastify/autoload` and `fastify-cli`, which look for one. */
export default cognitoAuth
