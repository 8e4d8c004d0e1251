/**
 * The service: the pipeline with its settings, keys and policy, ready for requests.
 *
 * @module
 */
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { AuthError, KeySourceUnavailable } from "./AuthError.ts"
import { makePipeline, notAuthorised } from "./Authenticate.ts"
import { isBypassed } from "./Bypass.ts"
import { ConfigurationError } from "./ConfigurationError.ts"
import * as Decision from "./Decision.ts"
import { processEnvironment } from "./internal/environment.ts"
import { makeKeySource } from "./internal/keySource.ts"
import type { AuthRequest, HeaderFields } from "./Request.ts"
import type { Route } from "./Route.ts"
import { type Options, readSettings, type Settings } from "./Settings.ts"
import type { User } from "./User.ts"

/** Takes requests' headers to users, and requests to decisions. */
export class CognitoAuth extends Context.Service<
  CognitoAuth,
  {
    readonly settings: Settings
    /** The verified, authorised user of the headers, or the reason why there is none. */
    readonly authenticate: (headers: HeaderFields) => Effect.Effect<User, AuthError>
    /** The answer to a request on a guarded route. */
    readonly decide: (request: AuthRequest, route: Route) => Effect.Effect<Decision.Decision>
    /** `decide` without waiting: `undefined` where a key must be fetched first. */
    readonly decideNow: (request: AuthRequest, route: Route, nowMillis: number) => Decision.Decision | undefined
    /** The answer on a further route to a request whose user is verified already. */
    readonly decideFor: (user: User, request: AuthRequest, route: Route) => Decision.Decision
    /** Fetches the pools' keys before the first request. */
    readonly preload: Effect.Effect<void, KeySourceUnavailable>
  }
>()("@cognito-auth/core/CognitoAuth") {
  /**
   * Builds the service from options; what they leave out is read from the environment.
   *
   * Throws `ConfigurationError` with every fault. Nothing is fetched yet: run `preload`, or let the first request do it.
   *
   * @example
   * const { authenticate } = CognitoAuth.make({ userPoolId, clientId, albArn, policy })
   * const user = await Effect.runPromise(authenticate(request.headers))
   */
  static readonly make = (options: Options = {}): CognitoAuth["Service"] => {
    const service = read(options)
    if (Result.isFailure(service)) throw service.failure
    return service.success
  }

  /** `make` as a layer; the pools' keys are fetched in the background as it is built. */
  static readonly layer = (options: Options = {}): Layer.Layer<CognitoAuth, ConfigurationError> =>
    Layer.effect(
      CognitoAuth,
      Effect.flatMap(
        Effect.suspend(() => Effect.fromResult(read(options))),
        (service) =>
          service.settings.keys.preload ? Effect.as(Effect.forkDetach(Effect.ignore(service.preload)), service) : Effect.succeed(service)
      )
    )

  /** `layer` with every setting from the environment: `COGNITO_AUTH_*` of `process.env`. */
  static readonly layerEnv: Layer.Layer<CognitoAuth, ConfigurationError> = Layer.suspend(() => CognitoAuth.layer())
}

/**
 * The verified, authorised user of the headers, by the `CognitoAuth` in context.
 *
 * @example
 * authenticate(request.headers).pipe(Effect.provide(CognitoAuth.layerEnv))
 */
export const authenticate = (headers: HeaderFields): Effect.Effect<User, AuthError, CognitoAuth> =>
  Effect.flatMap(CognitoAuth, (auth) => auth.authenticate(headers))

const read = (options: Options): Result.Result<CognitoAuth["Service"], ConfigurationError> =>
  Result.mapBoth(readSettings(options, options?.environment ?? processEnvironment()), {
    onFailure: ConfigurationError.of,
    onSuccess: build
  })

const build = (settings: Settings): CognitoAuth["Service"] => {
  const keySource = settings.keySource ?? makeKeySource(settings)
  const { attempt, authenticate } = makePipeline(settings, keySource, settings.policySource)

  const decideFor = (user: User, request: AuthRequest, route: Route): Decision.Decision =>
    route.requirement === undefined || route.requirement.isMetBy(user)
      ? Decision.admit(user, route.closeOnExpiry ?? request.upgrade === true)
      : Decision.fail(notAuthorised(route.requirement.describe), request, settings.redirectUrl, route.onFailure)

  const decideOn = (outcome: Result.Result<User, AuthError>, request: AuthRequest, route: Route): Decision.Decision =>
    Result.isSuccess(outcome)
      ? decideFor(outcome.success, request, route)
      : Decision.fail(outcome.failure, request, settings.redirectUrl, route.onFailure)

  const decideNow = (request: AuthRequest, route: Route, nowMillis: number): Decision.Decision | undefined => {
    const { target, routedTarget = target } = request
    if (isBypassed(route.bypass, target) && isBypassed(route.bypass, routedTarget)) return Decision.bypassed
    const outcome = attempt(request.headers, nowMillis)
    return Result.isResult(outcome) ? decideOn(outcome, request, route) : undefined
  }

  return CognitoAuth.of({
    settings,
    authenticate,
    decideNow,
    decideFor,
    decide: (request, route) =>
      Effect.clockWith((clock: Clock.Clock) => {
        const decision = decideNow(request, route, clock.currentTimeMillisUnsafe())
        if (decision !== undefined) return Effect.succeed(decision)
        return Effect.map(Effect.result(authenticate(request.headers)), (outcome) => decideOn(outcome, request, route))
      }),
    preload: keySource.preload
  })
}
