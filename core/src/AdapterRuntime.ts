/**
 * What an adapter holds: the service, and the one runtime that its requests run on.
 *
 * @module
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { AuthError } from "./AuthError.ts"
import { CognitoAuth } from "./CognitoAuth.ts"
import type { Decision } from "./Decision.ts"
import { makeRefusalLog } from "./internal/RefusalLog.ts"
import type { AuthRequest } from "./Request.ts"
import { makeRoute, type Route, type RouteOptions } from "./Route.ts"
import type { Options } from "./Settings.ts"
import type { User } from "./User.ts"

/** What every adapter's factory takes. */
export interface AdapterOptions extends Options {
  /**
   * Told of every refusal, with the evidence. Default: a log line for the first of a kind, and a count of its like every
   * ten seconds; never a token or a claim.
   */
  readonly onRefusal?: ((error: AuthError) => void) | undefined
}

/** The engine of an adapter: it turns requests into decisions, and decides everything itself. */
export interface AdapterRuntime {
  readonly auth: CognitoAuth["Service"]
  /** Compiles a route's options. Throws `ConfigurationError`. */
  readonly route: (options?: RouteOptions) => Route
  /**
   * Decides, and hands the decision on: at once where the keys are at hand, later where one must be fetched. `user` is
   * the request's user, if an earlier route has verified it.
   */
  readonly decide: (request: AuthRequest, route: Route, user: User | undefined, done: (decision: Decision) => void) => void
  /** Resolves once the keys are at hand; rejects if their endpoint is down. Waiting for it is optional. */
  readonly ready: () => Promise<void>
  /** Ends what runs in the background. */
  readonly dispose: () => Promise<void>
}

/** Builds the runtime. Throws `ConfigurationError` with every fault, so at start-up. */
export const makeAdapterRuntime = (options: AdapterOptions = {}): AdapterRuntime => {
  const runtime = ManagedRuntime.make(CognitoAuth.layer(options))
  const { auth, clock } = runtime.runSync(Effect.all({ auth: CognitoAuth, clock: Clock.Clock }))
  const log = makeRefusalLog((message) => runtime.runFork(Effect.logWarning(message)))
  const onRefusal = options.onRefusal ?? ((error: AuthError) => log(error, clock.currentTimeMillisUnsafe()))

  return {
    auth,
    route: makeRoute,
    decide: (request, route, user, done) => {
      const finish = (decision: Decision) => {
        if (decision._tag !== "Admit") onRefusal(decision.error)
        done(decision)
      }
      const decision =
        user === undefined ? auth.decideNow(request, route, clock.currentTimeMillisUnsafe()) : auth.decideFor(user, request, route)
      if (decision !== undefined) finish(decision)
      else void runtime.runPromise(auth.decide(request, route)).then(finish)
    },
    ready: () => runtime.runPromise(auth.preload),
    dispose: () => runtime.dispose()
  }
}
