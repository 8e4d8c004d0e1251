/**
 * What an adapter holds: the service, and the one runtime that its requests run on.
 *
 * @module
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Admit, Answer, Decision } from "./answer/Decision.ts"
import { makeRoute, type Route, type RouteOptions } from "./answer/Route.ts"
import { type Connection, isClosed, millisLeft, sessionAnswer } from "./answer/Session.ts"
import { makeSignOut, type SignOut, type SignOutOptions } from "./answer/SignOut.ts"
import { CognitoAuth } from "./CognitoAuth.ts"
import { PolicyUnavailable } from "./errors/AuthError.ts"
import { ConfigurationError } from "./errors/ConfigurationError.ts"
import { makeObserve, type ObserveOptions } from "./events/Observe.ts"
import { makeCrossOrigin } from "./request/CrossOrigin.ts"
import type { AuthRequest } from "./request/Request.ts"
import { requireCalled } from "./requireCalled.ts"
import type { Options } from "./settings/Options.ts"
import { type RunningServer, serverWarning } from "./settings/ServerOptions.ts"
import type { User } from "./user/User.ts"
import { makeUserMarks } from "./user/UserMarks.ts"

/** What every adapter's factory takes. */
export interface AdapterOptions extends Options, ObserveOptions {}

/** `getAuthUser` was asked for a request that no guard has admitted: a mistake in the app, not a refusal. */
export class NotProtected extends Data.TaggedError("NotProtected")<{ readonly message: string }> {}

/** The reason of the signal that tells an app to end a connection: its user's access token has expired. */
export class SessionExpired extends Data.TaggedError("SessionExpired")<{ readonly message: string }> {}

/** What every adapter passes on to its users. */
export interface AdapterLifecycle {
  /** Resolves once the pools' keys are at hand; rejects with `KeySourceUnavailable`. Waiting for it is optional. */
  readonly ready: () => Promise<void>
  /** Reads the policy again now; rejects with `PolicyUnavailable` where that fails, and keeps the last good one. */
  readonly reload: () => Promise<void>
  /** Ends what runs in the background. */
  readonly dispose: () => Promise<void>
}

/** What an adapter knows of its platform. */
export interface AdapterPlatform {
  /**
   * The server that a request came in on. It is asked for once, at the first request: a server that is not ready for a load
   * balancer gets a line in the log. Not for platforms without a server of their own.
   */
  readonly serverOf?: ((source: object) => RunningServer | undefined) | undefined
}

/** The engine of an adapter: it turns requests into decisions, and decides everything itself. */
export interface AdapterRuntime extends AdapterLifecycle {
  readonly auth: CognitoAuth["Service"]
  /** Compiles a route's options. Throws `ConfigurationError`. */
  readonly route: (options?: RouteOptions) => Route
  /**
   * Decides, and hands the decision on: at once where the keys are at hand, later where one must be fetched. `source` is
   * the framework's own request object: the user it was once verified for is not verified again.
   */
  readonly decide: (source: object, request: AuthRequest, route: Route, done: (decision: Decision) => void) => void
  /** Writes a warning to the log. */
  readonly warn: (message: string) => void
  /** The user that a guard has admitted with this request object. Throws `NotProtected` where none has. */
  readonly userOf: (source: object) => User
  /** Compiles sign-out, which no page of another origin can trigger. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions) => SignOut
  /** When the user's session ends, as JSON. */
  readonly session: (user: User) => Answer
  /**
   * Ends an admitted connection when its user's access token expires, if the decision says so. The signal fires first, a
   * second before the connection is cut, so that the app can say goodbye in its own protocol.
   */
  readonly closeOnExpiry: (decision: Admit, connection: Connection) => AbortSignal
}

/** How long an app has for its goodbye before its connection is cut. */
const goodbyeMillis = 1_000

const start = (runtime: ManagedRuntime.ManagedRuntime<CognitoAuth, ConfigurationError>) => {
  try {
    return runtime.runSync(Effect.all({ auth: CognitoAuth, clock: Clock.Clock }))
  } catch (error) {
    // Thrown within a fiber, it has the fiber's stack.
    throw error instanceof ConfigurationError ? error.calledAt(makeAdapterRuntime) : error
  }
}

/** Builds the runtime. Throws `ConfigurationError` with every fault, so at start-up. */
export const makeAdapterRuntime = (options: AdapterOptions = {}, { serverOf }: AdapterPlatform = {}): AdapterRuntime => {
  requireCalled(options, "cognitoAuth", "const auth = cognitoAuth(), and then what it returns.")
  const runtime = ManagedRuntime.make(CognitoAuth.layer(options))
  const { auth, clock } = start(runtime)
  const warn = (message: string): void => void runtime.runFork(Effect.logWarning(message))
  const observe = makeObserve(options, warn, () => clock.currentTimeMillisUnsafe())
  const users = makeUserMarks()

  let isServerChecked = serverOf === undefined
  const checkServer = (source: object): void => {
    isServerChecked = true
    const server = serverOf?.(source)
    const warning = server === undefined ? undefined : serverWarning(server)
    if (warning !== undefined) warn(warning)
  }

  const finish = (source: object, decision: Decision, done: (decision: Decision) => void): void => {
    observe(decision)
    if (decision._tag === "Admit" && decision.user !== undefined) users.set(source, decision.user)
    done(decision)
  }

  return {
    auth,
    route: (options) => makeRoute(options, auth.settings),
    decide: (source, request, route, done) => {
      if (!isServerChecked) checkServer(source)
      const user = users.get(source)
      const decision =
        user === undefined ? auth.decideNow(request, route, clock.currentTimeMillisUnsafe()) : auth.decideFor(user, request, route)
      // As `isEffect` asks; which is called from everywhere, and so never compiled for this.
      if (!(Effect.TypeId in decision)) return finish(source, decision, done)
      void runtime.runPromiseExit(decision).then((exit) => {
        if (Exit.isSuccess(exit)) return finish(source, exit.value, done)
        // Disposed of while the request waited, or before: it is answered, and nobody is let in.
        const error = PolicyUnavailable.because("the app is shutting down")
        finish(source, auth.refuse(error, request, route), done)
      })
    },
    userOf: (source) => {
      const user = users.get(source)
      if (user !== undefined) return user
      throw new NotProtected({
        message: "This request has no user: its path is one that bypass names, or its handler is not behind protect() or require()."
      })
    },
    warn,
    signOut: (options) => {
      const signOut = makeSignOut(options, auth.settings.clientIds)
      const crossOrigin = makeCrossOrigin(auth.settings.allowedOrigins)
      const route = makeRoute()
      return (request) => {
        const refused = crossOrigin.refuseAnyMethod(request)
        if (refused === undefined) return signOut(request)
        const answer = auth.refuse(refused, request, route)
        observe(answer)
        return answer
      }
    },
    session: (user) => sessionAnswer(user, clock.currentTimeMillisUnsafe()),
    closeOnExpiry: (decision, connection) => {
      const expiry = new AbortController()
      const { user } = decision
      // A connection that closed while the decision was made would hold the timer until the token expires.
      if (!decision.closeOnExpiry || user === undefined || isClosed(connection)) return expiry.signal
      // A token within the clock tolerance has been admitted: it gets a moment, rather than a loop of reconnecting.
      const left = Math.max(millisLeft(user, clock.currentTimeMillisUnsafe()), goodbyeMillis)
      const fiber = runtime.runFork(
        Effect.sleep(left).pipe(
          Effect.andThen(Effect.sync(() => expiry.abort(new SessionExpired({ message: "The session has expired." })))),
          Effect.andThen(Effect.sleep(goodbyeMillis)),
          Effect.andThen(Effect.sync(() => connection.destroy()))
        )
      )
      connection.once("close", () => fiber.interruptUnsafe())
      return expiry.signal
    },
    ready: () => runtime.runPromise(auth.preload),
    reload: () => runtime.runPromise(auth.reloadPolicy),
    dispose: () => runtime.dispose()
  }
}
