/**
 * Gradio apps in an Express or a Fastify app, as the Python package has them in FastAPI.
 *
 * @module
 */
import type { Server } from "node:http"
import type { Duplex } from "node:stream"
import {
  type AdapterRuntime,
  type AuthRequest,
  ConfigurationError,
  makeAdapterRuntime,
  type Route,
  type RouteOptions,
  type User
} from "@cognito-auth/core"
import { Faults } from "@cognito-auth/core/ConfigurationError"
import { withPreset } from "@cognito-auth/core/Preset"
import {
  type AppProxy,
  type Assertions,
  decideAll,
  isForgetful,
  isPlainPath,
  logUpstream,
  makeAppProxy,
  makeAssertions,
  type OnUpstream,
  onWebSocket,
  proxyAnswer,
  readHeaderFilter,
  readUpstream
} from "@cognito-auth/gateway/adapter"
import { serverOf, toAuthRequest, toResponse, toSocket } from "@cognito-auth/node/adapter"
import { type Guarded, mountOf, routesInto } from "./Mount.ts"
import { type GradioAuthOptions, type MountOptions, pythonDefaults, type RequestWithHeaders } from "./Options.ts"
import { type App, onEveryRequest, onRequest, type Passage } from "./ProtectedApp.ts"

/**
 * Protects Gradio apps. Options win over the `COGNITO_AUTH_*` environment variables.
 *
 * Throws `ConfigurationError` with every fault.
 *
 * @example
 * const auth = new GradioAuth()
 * auth.protectApp(app, { bypass: ["/health"] })
 * auth.mountGradioApp(app, { upstream: "http://127.0.0.1:7861", path: "/admin", require: { groups: ["admins"] } })
 * auth.mountGradioApp(app, { upstream: "http://127.0.0.1:7860", path: "/" })
 */
export class GradioAuth {
  readonly #runtime: AdapterRuntime
  readonly #assertions: Assertions
  readonly #onUpstream: OnUpstream
  readonly #apps = new WeakMap<object, Guarded>()
  readonly #proxies: Array<AppProxy> = []
  readonly #anyUser: Route
  readonly #sockets = new Set<Duplex>()

  constructor({ assertion = {}, onUpstream = logUpstream, ...options }: GradioAuthOptions = {}) {
    this.#runtime = makeAdapterRuntime(withPreset(options, pythonDefaults), { framework: "gradio", serverOf })
    this.#assertions = makeAssertions(assertion, Date.now)
    this.#onUpstream = onUpstream
    this.#anyUser = this.#runtime.route({ closeOnExpiry: true })
  }

  /** Lets only signed-in, authorised users through to the app. Throws `ConfigurationError` for options that are wrong. */
  protectApp(app: App, options: Omit<RouteOptions, "require" | "services"> = {}): void {
    const route = this.#runtime.route(options)
    onEveryRequest(app, ({ source, request, req, settle, take }) => {
      // Node may have dropped the tokens among the fields: the user is not told to sign in again.
      if (isForgetful(req)) toResponse(proxyAnswer(431, request), take())
      else this.#runtime.decide(source, request, route, settle)
    })
    this.#guarded(app).route = this.#runtime.route({ closeOnExpiry: true, ...options })
  }

  /**
   * Mounts a Gradio app, which runs as a separate process, under a path of this app. Only signed-in, authorised users reach it,
   * with or without `protectApp`. Of several apps the one with the longest matching path wins, in any order.
   *
   * Throws `ConfigurationError` for options that are wrong.
   */
  mountGradioApp(app: App, options: MountOptions): void {
    const { path, require, strip, pass, ...upstreamOptions } = options
    const faults = new Faults()
    if (!isPlainPath(path)) faults.add("path", 'expected a plain path, as "/admin".')
    const upstream = readUpstream(upstreamOptions, faults.add)
    const filter = readHeaderFilter({ strip, pass }, faults.add)
    faults.throwIfAny()
    // Present but undefined, it is a missing setting: the route reports that as a fault.
    const route = "require" in options ? this.#runtime.route({ require: options.require, closeOnExpiry: true }) : undefined
    const prefix = path.replace(/\/$/, "")
    const guarded = this.#guarded(app)
    if (guarded.mounts.length === 0) onRequest(app, (passage) => this.#enter(guarded, passage))
    const proxy = makeAppProxy({
      upstream,
      filter,
      prefix,
      runtime: this.#runtime,
      assertions: this.#assertions,
      onUpstream: this.#onUpstream,
      ownsMessages: false
    })
    guarded.mounts.push({ prefix, route, proxy })
    guarded.mounts.sort((a, b) => b.prefix.length - a.prefix.length)
    this.#proxies.push(proxy)
  }

  /**
   * Forwards WebSockets to the app's mounted Gradio apps: those of authorised users, until the session ends. `server`
   * is the app's server: Fastify's `app.server`, or the result of `createServer` with the Express app. It can have no other
   * upgrades: outside the mounted paths, they are 404.
   *
   * Throws `ConfigurationError` if the server has another `upgrade` listener.
   */
  forwardUpgrades(app: App, server: Server): void {
    if (server.listenerCount("upgrade") > 0) {
      const problem = 'the server has another "upgrade" listener, which would answer unprotected. Remove it.'
      throw ConfigurationError.of([{ setting: "forwardUpgrades", problem }])
    }
    const guarded = this.#guarded(app)
    onWebSocket(server, (req, socket, head) => {
      this.#sockets.add(socket)
      socket.on("error", () => socket.destroy()).once("close", () => this.#sockets.delete(socket))
      const request = toAuthRequest(req, true)
      const mount = mountOf(guarded, request.target)
      const routes = mount === undefined ? ([this.#anyUser] as const) : routesInto(guarded, mount, request.target)
      decideAll(this.#runtime, req, request, routes, (decision) => {
        if (socket.destroyed) return
        if (decision._tag !== "Admit") return toSocket(decision, socket)
        if (mount === undefined) return toSocket(proxyAnswer(404, request), socket)
        this.#runtime.closeOnExpiry(decision, socket)
        mount.proxy.tunnel(request.target, req, { socket, head }, decision.user)
      })
    })
  }

  /** The verified user of a request; verifies it if that has not been done. Rejects with an `AuthError`; never redirects. */
  getAuthUser(request: RequestWithHeaders): Promise<User> {
    const asked: AuthRequest = {
      method: request.method ?? "GET",
      target: request.url ?? "/",
      headers: request.raw?.headers ?? request.headers
    }
    return new Promise((resolve, reject) => {
      this.#runtime.decide(request, asked, this.#anyUser, (decision) => {
        if (decision._tag !== "Admit") reject(decision.error)
        else if (decision.user !== undefined) resolve(decision.user)
      })
    })
  }

  /** The keys of the assertions that the upstreams receive, as a JWK Set: for a path that `bypass` names. */
  jwks(): string {
    return this.#assertions.jwks()
  }

  /** Whether requests could be admitted now, and why not: keys and policy, with their ages. */
  health(): ReturnType<AdapterRuntime["health"]> {
    return this.#runtime.health()
  }

  /** Resolves once the pools' keys are loaded; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  ready(): Promise<void> {
    return this.#runtime.ready()
  }

  /** Reads the policy again now; rejects with `PolicyUnavailable` where that fails, and keeps the last valid one. */
  reload(): Promise<void> {
    return this.#runtime.reload()
  }

  /** Stops background work, and closes the connections to the Gradio apps. */
  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const proxy of this.#proxies) proxy.close()
    await this.#runtime.dispose()
  }

  #guarded(app: object): Guarded {
    const known = this.#apps.get(app) ?? { route: this.#anyUser, mounts: [] }
    this.#apps.set(app, known)
    return known
  }

  /** Forwards a request to its Gradio app, if there is one. */
  #enter(guarded: Guarded, { source, request, req, settle, pass, take, fail }: Passage): void {
    const { target } = request
    const mount = mountOf(guarded, target)
    if (mount === undefined) {
      pass()
      return
    }
    decideAll(this.#runtime, source, request, routesInto(guarded, mount, target), (decision) => {
      if (decision._tag !== "Admit") return settle(decision)
      if (req.readableDidRead) return fail(new Error("The request's body has been read: mount Gradio apps before body parsers."))
      mount.proxy.forward(target, req, take(), decision)
    })
  }
}
