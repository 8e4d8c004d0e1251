/**
 * The core of every adapter: the service, and the runtime on which its requests run.
 *
 * @module
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Admit, Decision, HttpResponse } from "./answer/Decision.ts"
import { subjectOf } from "./answer/DecisionEvent.ts"
import type { Decided } from "./answer/DecisionReport.ts"
import { type Health, healthResponse } from "./answer/Health.ts"
import { makeRoute, type Route, type RouteOptions } from "./answer/Route.ts"
import { type Connection, isClosed, millisLeft, sessionResponse } from "./answer/Session.ts"
import { makeSignOut, type SignOut, type SignOutOptions } from "./answer/SignOut.ts"
import { CognitoAuth } from "./CognitoAuth.ts"
import { PolicyUnavailable } from "./errors/AuthError.ts"
import { ConfigurationError } from "./errors/ConfigurationError.ts"
import { retryMillis } from "./remote/Freshness.ts"
import { makeCrossOrigin } from "./request/CrossOrigin.ts"
import type { AuthRequest } from "./request/Request.ts"
import { requireCalled } from "./requireCalled.ts"
import { loggersOf } from "./settings/loggersOf.ts"
import type { Options } from "./settings/Options.ts"
import { processEnvironment } from "./settings/processEnvironment.ts"
import { type RunningServer, serverWarning } from "./settings/ServerOptions.ts"
import type { Principal } from "./user/Service.ts"
import { User } from "./user/User.ts"
import { makeUserMarks } from "./user/UserMarks.ts"

/** The options of every adapter's factory. */
export interface AdapterOptions extends Options {}

/** `getAuthUser` was called for a request that no guard has admitted: a bug in the app, not a refusal. */
export class NotProtected extends Data.TaggedError("NotProtected")<{ readonly message: string }> {}

/** The reason of the signal that tells an app to close a connection: its user's access token has expired. */
export class SessionExpired extends Data.TaggedError("SessionExpired")<{ readonly message: string }> {}

/** Methods that every adapter exposes to its users. */
export interface AdapterLifecycle {
  /** Resolves when the pools' keys are cached; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  readonly ready: () => Promise<void>
  /** Whether requests could be admitted now, and why not: the keys of each endpoint, and the policy, with their ages. For logs and dashboards: it names the endpoints. */
  readonly health: () => Health
  /** Reloads the policy now. If that fails, it rejects with `PolicyUnavailable`, and the last valid policy stays in force. */
  readonly reload: () => Promise<void>
  /** Stops all background work. */
  readonly dispose: () => Promise<void>
}

/** What an adapter provides about its platform. */
export interface AdapterPlatform {
  /** The adapter's name in events: `express`. */
  readonly framework?: string | undefined
  /**
   * Whether the adapter hands on services, by `decision.principal` and `principalOf`. Default `false`: it is a fault then to name their paths
   * in `services`.
   */
  readonly takesServices?: boolean | undefined
  /**
   * The server that received a request. It is called once, at the first request, to log a warning if the server's options do not
   * fit a load balancer. Absent on platforms without a server.
   */
  readonly serverOf?: ((source: object) => RunningServer | undefined) | undefined
}

/** Makes all decisions for an adapter. */
export interface AdapterRuntime extends AdapterLifecycle {
  readonly auth: CognitoAuth["Service"]
  /** Compiles a route's options. Throws `ConfigurationError`. */
  readonly route: (options?: RouteOptions) => Route
  /**
   * Decides, and calls `done` with the decision: synchronously if the keys are cached, later if one must be fetched. `source` is
   * the framework's request object: a user or a service that has been verified for it is not verified again.
   */
  readonly decide: (source: object, request: AuthRequest, route: Route, done: (decision: Decision) => void) => void
  /** Writes a warning to the log. */
  readonly warn: (message: string) => void
  /** The user that a guard has admitted with this request object. Throws `NotProtected` if there is none, and if it is a service's. */
  readonly userOf: (source: object) => User
  /** The user or the service that a guard has admitted with this request object. Throws `NotProtected` where none has. */
  readonly principalOf: (source: object) => Principal
  /** Compiles sign-out, which no page of another origin can trigger. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions) => SignOut
  /** Whether requests could be admitted now, as 200 or 503: for anybody, so without addresses and reasons. */
  readonly healthCheck: () => HttpResponse
  /** When the session ends, as JSON. */
  readonly session: (principal: Principal) => HttpResponse
  /**
   * Closes an admitted connection when its access token expires, if the decision says so. The signal is aborted one second
   * before the connection is closed, so that the app can close it in its own protocol.
   */
  readonly closeOnExpiry: (decision: Admit, connection: Connection) => AbortSignal
}

/** The time that an app has to close a connection in its own protocol. */
const closeGraceMillis = 1_000

const start = (runtime: ManagedRuntime.ManagedRuntime<CognitoAuth, ConfigurationError>) => {
  try {
    return runtime.runSync(Effect.all({ auth: CognitoAuth, clock: Clock.Clock }))
  } catch (error) {
    // An error that is thrown within a fiber has the fiber's stack.
    throw error instanceof ConfigurationError ? error.calledAt(makeAdapterRuntime) : error
  }
}

const noUser = (why: string): NotProtected => new NotProtected({ message: `This request has no user: ${why}` })
const notGuarded = "its path is one that bypass names, or its handler is not behind protect() or require()."
const serviceAsks = "a service asks. Where the guard names paths in services, use getPrincipal, which returns either."

/** Builds the runtime. Throws `ConfigurationError` with every fault. Call it at start-up. */
export const makeAdapterRuntime = (
  options: AdapterOptions = {},
  { framework = "unknown", serverOf, takesServices = false }: AdapterPlatform = {}
): AdapterRuntime => {
  requireCalled(options, "cognitoAuth", "const auth = cognitoAuth(), and then what it returns.")
  const runtime = ManagedRuntime.make(Layer.provide(CognitoAuth.layer(options), loggersOf(options?.environment ?? processEnvironment())))
  const { auth, clock } = start(runtime)
  const { observe, report, warn } = auth
  const principals = makeUserMarks()

  let isServerChecked = serverOf === undefined
  const checkServer = (source: object): void => {
    isServerChecked = true
    const server = serverOf?.(source)
    const warning = server === undefined ? undefined : serverWarning(server)
    if (warning !== undefined) warn(warning)
  }

  /** The connections that will be closed, and their signals. */
  const expiries = new WeakMap<Connection, AbortSignal>()

  let recoveredAt = Number.NEGATIVE_INFINITY
  /** An app that is not ready gets no requests, which would fetch what is missing: its health checks do, now and then. */
  const recover = (nowMillis: number): void => {
    // Anybody may send health checks: they cause no more attempts than failures do.
    if (Math.abs(nowMillis - recoveredAt) < retryMillis) return
    recoveredAt = nowMillis
    for (const missing of [auth.preload, auth.settings.policySource.current]) runtime.runFork(Effect.ignore(missing))
  }

  const finish = (
    source: object,
    { decision, request, route, trace }: Omit<Decided, "framework" | "clock">,
    done: (decision: Decision) => void
  ): void => {
    // Spread, it would take longer than the decision.
    if (trace !== undefined || decision._tag !== "Admit") report.tell({ decision, request, route, trace, framework, clock })
    if (decision._tag === "Admit" && decision.principal !== undefined) principals.set(source, decision.principal)
    done(decision)
  }

  const { redirectUrl, provider } = auth.settings
  const routeSettings = { redirectUrl, provider, takesServices, hasAuditLog: auth.settings.observers.auditLog !== undefined }

  return {
    auth,
    route: (options) => makeRoute(options, routeSettings),
    decide: (source, request, route, done) => {
      if (!isServerChecked) checkServer(source)
      const principal = principals.get(source)
      const trace = report.start(clock, principal)
      const decision =
        principal === undefined
          ? auth.decideNow(request, route, clock.currentTimeMillisUnsafe(), trace)
          : auth.decideFor(principal, request, route)
      if (!Effect.isEffect(decision)) return finish(source, { decision, request, route, trace }, done)
      void runtime.runPromiseExit(decision).then((exit) => {
        if (Exit.isSuccess(exit)) return finish(source, { decision: exit.value, request, route, trace }, done)
        // The runtime was disposed before or while the request waited. It gets a response, and is not admitted.
        const error = PolicyUnavailable.because("the app is shutting down")
        finish(source, { decision: auth.refuse(error, request, route), request, route, trace }, done)
      })
    },
    principalOf: (source) => {
      const principal = principals.get(source)
      if (principal !== undefined) return principal
      throw noUser(notGuarded)
    },
    userOf: (source) => {
      const principal = principals.get(source)
      if (principal instanceof User) return principal
      throw noUser(principal === undefined ? notGuarded : serviceAsks)
    },
    warn,
    signOut: (options) => {
      const signOut = makeSignOut(options, auth.settings.clientIds)
      const crossOrigin = makeCrossOrigin(auth.settings.allowedOrigins)
      const route = makeRoute()
      return (request) => {
        const refused = crossOrigin.refuseAnyMethod(request)
        if (refused === undefined) return signOut(request)
        const decision = auth.refuse(refused, request, route)
        report.tell({ decision, request, route, trace: report.start(clock), framework, clock })
        return decision
      }
    },
    session: (principal) => sessionResponse(principal, clock.currentTimeMillisUnsafe()),
    closeOnExpiry: (decision, connection) => {
      const expiry = new AbortController()
      const { principal } = decision
      // For a connection that has already closed, the timer would stay until the token expires.
      if (!decision.closeOnExpiry || principal === undefined || isClosed(connection)) return expiry.signal
      // Another guard of the same request has seen to it.
      const watched = expiries.get(connection)
      if (watched !== undefined) return watched
      expiries.set(connection, expiry.signal)
      // A token may have been admitted within the clock tolerance: a minimum time avoids a loop of reconnections.
      const left = Math.max(millisLeft(principal, clock.currentTimeMillisUnsafe()), closeGraceMillis)
      const fiber = runtime.runFork(
        Effect.sleep(left).pipe(
          Effect.andThen(
            Effect.sync(() => {
              observe({
                _tag: "ConnectionClosed",
                atMillis: clock.currentTimeMillisUnsafe(),
                framework,
                ...subjectOf(principal),
                reason: "expired"
              })
              expiry.abort(new SessionExpired({ message: "The session has expired." }))
            })
          ),
          Effect.andThen(Effect.sleep(closeGraceMillis)),
          Effect.andThen(Effect.sync(() => connection.destroy()))
        )
      )
      connection.once("close", () => fiber.interruptUnsafe())
      return expiry.signal
    },
    health: () => auth.health(clock.currentTimeMillisUnsafe()),
    healthCheck: () => {
      const nowMillis = clock.currentTimeMillisUnsafe()
      const health = auth.health(nowMillis)
      if (!health.isReady) recover(nowMillis)
      return healthResponse(health)
    },
    ready: () => runtime.runPromise(auth.preload),
    reload: () => runtime.runPromise(auth.reloadPolicy),
    dispose: () => runtime.dispose()
  }
}
