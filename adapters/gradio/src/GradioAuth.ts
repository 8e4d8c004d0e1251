/**
 * Gradio apps within an Express or a Fastify app, as the Python package has them within FastAPI.
 *
 * @module
 */
import type { Server } from "node:http"
import type { Duplex } from "node:stream"
import {
  type AdapterOptions,
  type AdapterRuntime,
  type AuthRequest,
  ConfigurationError,
  type Fault,
  gdsIdea,
  type HeaderFields,
  makeAdapterRuntime,
  type Preset,
  type RequireOptions,
  type Route,
  type RouteOptions,
  type User
} from "@cognito-auth/core"
import { withPreset } from "@cognito-auth/core/Preset"
import {
  type AppProxy,
  type AssertionOptions,
  type Assertions,
  decideAll,
  type HeaderFilterOptions,
  isForgetful,
  isPlainPath,
  logUpstream,
  makeAppProxy,
  makeAssertions,
  type OnUpstream,
  onWebSocket,
  proxyAnswer,
  readHeaderFilter,
  readUpstream,
  type UpstreamOptions
} from "@cognito-auth/gateway/adapter"
import { serverOf, toAuthRequest, toResponse, toSocket } from "@cognito-auth/node/adapter"
import { type Guarded, mountOf, routesInto } from "./Mount.ts"
import { type App, onEveryRequest, onRequest, type Passage } from "./ProtectedApp.ts"

/**
 * The settings of cognito-auth, the Python package's three among them: `policy`, `redirectUrl`, `region`. Here `redirectUrl` has a
 * default, that package's `https://gds-idea.click/401.html`; `false` is for none.
 */
export interface GradioAuthOptions extends AdapterOptions {
  /** What the signed assertion says of itself. The `aud` is the upstream's origin by default. */
  readonly assertion?: AssertionOptions | undefined
  /** Told when an upstream begins to fail, and when it answers again. Default: a line of the log for each. */
  readonly onUpstream?: OnUpstream | undefined
}

export interface MountOptions extends UpstreamOptions, HeaderFilterOptions {
  /** Where the Gradio app appears: `/` or `/admin`. It is taken off what the upstream gets. */
  readonly path: string
  /** What its users must be beyond what the policy asks. `undefined` is a fault: it would require nothing. */
  readonly require?: RequireOptions
}

/** As much of a request as signing in depends on: Express's, Fastify's, `node:http`'s, or a Fetch `Request`. */
export interface RequestWithHeaders {
  readonly headers: HeaderFields
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly raw?: { readonly headers: HeaderFields } | undefined
}

/** What the page of the Python package documents for its class of this name. Below options, environment and any other preset. */
const pythonDefaults: Preset = { preset: "GradioAuth", redirectUrl: gdsIdea.redirectUrl }

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
    this.#runtime = makeAdapterRuntime(withPreset(options, pythonDefaults), { serverOf })
    this.#assertions = makeAssertions(assertion, Date.now)
    this.#onUpstream = onUpstream
    this.#anyUser = this.#runtime.route({ closeOnExpiry: true })
  }

  /** Lets only signed-in, authorised users through to the app. Throws `ConfigurationError` for options that are wrong. */
  protectApp(app: App, options: Omit<RouteOptions, "require"> = {}): void {
    const route = this.#runtime.route(options)
    onEveryRequest(app, ({ source, request, req, settle, take }) => {
      // Who asks may be among what Node has forgotten: nobody is told to sign in again.
      if (isForgetful(req)) toResponse(proxyAnswer(431, request), take())
      else this.#runtime.decide(source, request, route, settle)
    })
    this.#guarded(app).route = this.#runtime.route({ closeOnExpiry: true, ...options })
  }

  /**
   * Shows a Gradio app, which runs as a process of its own, under a path of this one. Only signed-in, authorised users reach it,
   * with `protectApp` or without. Of several apps the one with the longest path counts, whatever their order.
   *
   * Throws `ConfigurationError` for options that are wrong.
   */
  mountGradioApp(app: App, options: MountOptions): void {
    const { path, require, strip, pass, ...upstreamOptions } = options
    const faults: Array<Fault> = []
    if (!isPlainPath(path)) faults.push({ setting: "path", problem: 'expected a plain path, as "/admin".' })
    const upstream = readUpstream(upstreamOptions, (fault) => faults.push(fault))
    const filter = readHeaderFilter({ strip, pass }, (fault) => faults.push(fault))
    if (faults.length > 0) throw ConfigurationError.of(faults)
    // Named and undefined, it is a setting that is missing: the route has that as a fault.
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
   * Lets WebSockets into the app's mounted Gradio apps, too: of signed-in users who may use them, until the session ends. `server`
   * is the one that the app listens on: Fastify's `app.server`, or what `createServer` made of the Express app. It has no other
   * upgrades: below no mounted path, they are 404.
   *
   * Throws `ConfigurationError` where the server has another `upgrade` listener.
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

  /** The user of a request: verified already, or else now. Rejects with an `AuthError`; never redirects. */
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

  /** The keys of the assertions that the upstreams get, as a JWK Set: for a path that `bypass` names. */
  jwks(): string {
    return this.#assertions.jwks()
  }

  /** Resolves once the pools' keys are at hand; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  ready(): Promise<void> {
    return this.#runtime.ready()
  }

  /** Reads the policy again now; rejects with `PolicyUnavailable` where that fails, and keeps the last good one. */
  reload(): Promise<void> {
    return this.#runtime.reload()
  }

  /** Ends what runs in the background, and the connections to the Gradio apps. */
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

  /** The way of a request into the Gradio app that it is for, if there is one. */
  #enter(guarded: Guarded, { source, request, req, settle, pass, take, fail }: Passage): void {
    const { target } = request
    const mount = mountOf(guarded, target)
    if (mount === undefined) {
      pass()
      return
    }
    decideAll(this.#runtime, source, request, routesInto(guarded, mount, target), (decision) => {
      if (decision._tag !== "Admit") return settle(decision)
      if (req.readableDidRead) return fail(new Error("The request's body has been read: mount Gradio apps before what parses bodies."))
      mount.proxy.forward(target, req, take(), decision)
    })
  }
}
