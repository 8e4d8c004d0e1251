/**
 * The service: the pipeline with its settings, keys and policy.
 *
 * @module
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { asEffect, makePipeline, notAuthorised } from "./Authenticate.ts"
import * as Decision from "./answer/Decision.ts"
import type { Trace } from "./answer/DecisionEvent.ts"
import { type Decided, type DecisionReport, makeDecisionReport } from "./answer/DecisionReport.ts"
import { type Health, toHealth } from "./answer/Health.ts"
import { problem } from "./answer/problem.ts"
import { makeRefusalPage } from "./answer/RefusalPage.ts"
import { makeRoute, type Route } from "./answer/Route.ts"
import { type AuthError, httpMeaning, type KeySourceUnavailable, type PolicyUnavailable } from "./errors/AuthError.ts"
import { ConfigurationError } from "./errors/ConfigurationError.ts"
import { type Fork, makeObservation, type Observe, Observer } from "./events/Observe.ts"
import { isPending } from "./isPending.ts"
import { configuredKeys } from "./keys/configuredKeys.ts"
import { observedKeys, observedPolicy } from "./observedSources.ts"
import { findAuthorization } from "./request/Authorization.ts"
import { isBypassed } from "./request/Bypass.ts"
import { makeCrossOrigin } from "./request/CrossOrigin.ts"
import type { AuthRequest, HeaderFields } from "./request/Request.ts"
import { isServicePath } from "./request/ServicePaths.ts"
import { refuseTarget } from "./request/Target.ts"
import type { Options } from "./settings/Options.ts"
import { processEnvironment } from "./settings/processEnvironment.ts"
import { readSettings, type Settings } from "./settings/Settings.ts"
import type { Principal, Service } from "./user/Service.ts"
import type { User } from "./user/User.ts"

/** Authenticates headers, and decides requests of users and services. */
export class CognitoAuth extends Context.Service<
  CognitoAuth,
  {
    readonly settings: Settings
    /** The verified, authorised user of the headers; fails with the reason why there is none. */
    readonly authenticate: (headers: HeaderFields) => Effect.Effect<User, AuthError>
    /** The decision for a request on a guarded route. */
    readonly decide: (request: AuthRequest, route: Route) => Effect.Effect<Decision.Decision>
    /** The decision, or an Effect of it if a key or the policy must be awaited. `trace`: from `report.start`. */
    readonly decideNow: (
      request: AuthRequest,
      route: Route,
      nowMillis: number,
      trace?: Trace
    ) => Decision.Decision | Effect.Effect<Decision.Decision>
    /** The decision for a request whose user or service has already been verified by another guard. */
    readonly decideFor: (principal: Principal, request: AuthRequest, route: Route) => Decision.Decision
    /** The decision for a request that failed with this error. */
    readonly refuse: (error: AuthError, request: AuthRequest, route: Route) => Decision.Redirect | Decision.Refuse
    /** Who is told of events. */
    readonly observe: Observe
    /** Who is told of decisions by `decideNow` and `decideFor`, which do not report them. */
    readonly report: DecisionReport
    /** Reports that something is set up wrongly, and goes on. */
    readonly warn: (message: string) => void
    /** Whether requests could be admitted at this time, and why not: no waiting. */
    readonly health: (nowMillis: number) => Health
    /** Fetches the pools' keys before the first request. */
    readonly preload: Effect.Effect<void, KeySourceUnavailable>
    /** Reloads the policy now. If that fails, the last valid one stays in force. */
    readonly reloadPolicy: Effect.Effect<void, PolicyUnavailable>
    /** Stops the watch of the policy. The service still works. The scope of a layer does this automatically. */
    readonly dispose: Effect.Effect<void>
  }
>()("@cognito-auth/core/CognitoAuth") {
  /**
   * Builds the service from options; missing options are read from the environment.
   *
   * Throws `ConfigurationError` with every fault. No key is fetched yet: run `preload`, or let the first request fetch it.
   * A policy file is watched from now on, with the real clock, until `dispose` is run. The watch does not keep the process alive.
   *
   * @example
   * const { authenticate } = CognitoAuth.make({ userPoolId, clientId, albArn, policy })
   * const user = await Effect.runPromise(authenticate(request.headers))
   */
  static readonly make = (options: Options = {}): CognitoAuth["Service"] => {
    const service = read(options, Effect.runFork)
    if (Result.isFailure(service)) throw service.failure.calledAt(CognitoAuth.make)
    warnOfDevMode(service.success)
    return disposableBy(service.success, Effect.runFork(service.success.settings.policySource.watch))
  }

  /** `make` as a layer. It preloads the pools' keys, and watches the policy while it is in use. */
  static readonly layer = (options: Options = {}): Layer.Layer<CognitoAuth, ConfigurationError> =>
    Layer.effect(
      CognitoAuth,
      Effect.gen(function* () {
        const runFork = Effect.runForkWith(yield* Effect.context())
        const service = yield* Effect.suspend(() => Effect.fromResult(read(options, runFork)))
        const { keys, policySource, devUser } = service.settings
        warnOfDevMode(service)
        if (keys.preload && devUser === undefined) yield* Effect.forkScoped(Effect.ignore(service.preload))
        // The policy is preloaded, too.
        const watching = yield* Effect.forkScoped(Effect.andThen(Effect.ignore(policySource.current), policySource.watch))
        return disposableBy(service, watching)
      })
    )

  /** `layer` with every setting from `process.env`: `COGNITO_AUTH_*`. */
  static readonly layerEnv: Layer.Layer<CognitoAuth, ConfigurationError> = Layer.suspend(() => CognitoAuth.layer())
}

/**
 * The verified, authorised user of the headers, with the `CognitoAuth` service in context.
 *
 * @example
 * authenticate(request.headers).pipe(Effect.provide(CognitoAuth.layerEnv))
 */
export const authenticate = (headers: HeaderFields): Effect.Effect<User, AuthError, CognitoAuth> =>
  Effect.flatMap(CognitoAuth, (auth) => auth.authenticate(headers))

/** The service with a `dispose` that interrupts this fiber. */
const disposableBy = (service: CognitoAuth["Service"], watching: Fiber.Fiber<unknown, unknown>): CognitoAuth["Service"] =>
  CognitoAuth.of({ ...service, dispose: Fiber.interrupt(watching) })

const warnOfDevMode = ({ settings, warn }: CognitoAuth["Service"]): void => {
  if (settings.devUser === undefined) return
  warn("dev mode is on: requests without sign-in headers get a mock user. The local ALB runs the production path instead.")
}

const toNobody: Fork = () => undefined

/** `authenticate` knows of none. */
const noRoute = makeRoute()

const read = (options: Options, fork: Fork): Result.Result<CognitoAuth["Service"], ConfigurationError> =>
  Result.mapBoth(readSettings(options, options?.environment ?? processEnvironment()), {
    onFailure: ConfigurationError.of,
    onSuccess: (settings) => build(settings, fork)
  })

const build = (given: Settings, fork: Fork): CognitoAuth["Service"] => {
  const observation = makeObservation(given.observers, fork)
  const { observe } = observation
  const decisions = makeDecisionReport(observation)
  const observed = Effect.provideService(Observer, observe)
  const warn = (message: string): void =>
    void fork(Effect.map(Clock.currentTimeMillis, (atMillis) => observe({ _tag: "Warned", atMillis, message })))
  const settings: Settings = { ...given, policySource: observedPolicy(given.policySource, observed) }
  const keySource = observedKeys(given.keySource ?? configuredKeys(given), observed)
  const crossOrigin = makeCrossOrigin(settings.allowedOrigins)
  const { attempt, attemptService } = makePipeline(settings, keySource, settings.policySource)

  const failure = { redirectUrl: settings.redirectUrl, refusalPage: makeRefusalPage(settings.refusalPage, warn) }
  const refuse: CognitoAuth["Service"]["refuse"] = (error, request, route) => Decision.fail(error, request, failure, route.onFailure)
  /** No service follows a redirect to a page for people, or reads one. */
  const refuseService = (error: AuthError, request: AuthRequest) => Decision.fail(error, request, failure, "status")

  const admit = (principal: Principal, user: User | undefined, request: AuthRequest, route: Route): Decision.Admit =>
    Decision.admit(principal, user, {
      closeOnExpiry: route.closeOnExpiry ?? request.upgrade === true,
      isMock: settings.devUser !== undefined && principal.issuer === settings.devUser.issuer
    })

  const decideForUser = (user: User, request: AuthRequest, route: Route): Decision.Decision =>
    route.requirement === undefined || route.requirement.isMetBy(user)
      ? admit(user, user, request, route)
      : refuse(notAuthorised(route.requirement.describe), request, route)

  /** A guard that neither names the path in its own `services` nor requires scopes is for users alone: its handler never gets a service. */
  const decideForService = (service: Service, request: AuthRequest, route: Route): Decision.Decision => {
    const { bypass, services, requirement } = route
    if (isBypassed(bypass, request.target, request.routedTarget)) return Decision.bypassed
    const isAdmitted = requirement?.isMetBy(service) ?? isServicePath(services, request.target, request.routedTarget)
    if (isAdmitted) return admit(service, undefined, request, route)
    return refuseService(notAuthorised(requirement?.describe ?? "users", requirement?.scopes ?? []), request)
  }

  const decideOn = (outcome: Result.Result<User, AuthError>, request: AuthRequest, route: Route): Decision.Decision =>
    Result.isSuccess(outcome) ? decideForUser(outcome.success, request, route) : refuse(outcome.failure, request, route)

  const decideOnService = (outcome: Result.Result<Service, AuthError>, request: AuthRequest, route: Route): Decision.Decision =>
    Result.isSuccess(outcome) ? decideForService(outcome.success, request, route) : refuseService(outcome.failure, request)

  const decideNow: CognitoAuth["Service"]["decideNow"] = (request, route, nowMillis, trace) => {
    const malformed = refuseTarget(request)
    if (malformed !== undefined) return refuse(malformed, request, route)
    if (isBypassed(route.bypass, request.target, request.routedTarget)) return Decision.bypassed
    // Behind the bypass: a path without a user has no session to abuse.
    const refused = crossOrigin.refuse(request, route.crossOriginAllowed)
    if (refused !== undefined) return refuse(refused, request, route)
    const authorization = route.services.length === 0 ? undefined : findAuthorization(route.services, request)
    if (authorization !== undefined) {
      const service = attemptService(authorization, request.headers, nowMillis, trace)
      if (!isPending(service)) return decideOnService(service, request, route)
      return Effect.map(Effect.result(service), (settled) => decideOnService(settled, request, route))
    }
    const outcome = attempt(request.headers, nowMillis, trace)
    if (!isPending(outcome)) return decideOn(outcome, request, route)
    return Effect.map(Effect.result(outcome), (settled) => decideOn(settled, request, route))
  }

  /** Reports a decision that no adapter asked for. Its caller gets every refusal, so it is not written to Effect's loggers, too. */
  const tellHere = (decided: Omit<Decided, "framework" | "fork">): Effect.Effect<void> =>
    Effect.sync(() => decisions.tell({ ...decided, framework: "effect", fork: toNobody }))

  return CognitoAuth.of({
    settings,
    observe,
    report: decisions,
    warn,
    authenticate: (headers) =>
      Effect.clockWith((clock) => {
        const trace = decisions.start(clock)
        const tell = (decision: Decision.Decision) =>
          tellHere({ decision, request: { method: "", target: "", headers }, route: noRoute, trace, clock })
        return asEffect(attempt(headers, clock.currentTimeMillisUnsafe(), trace)).pipe(
          Effect.tap((user) => tell(Decision.admit(user, user, { closeOnExpiry: false, isMock: false }))),
          Effect.tapError((error) => tell({ _tag: "Refuse", ...problem(error), status: httpMeaning[error._tag].status, error }))
        )
      }),
    decideNow,
    decideFor: (principal, request, route) =>
      principal._tag === "User" ? decideForUser(principal, request, route) : decideForService(principal, request, route),
    refuse,
    decide: (request, route) =>
      Effect.clockWith((clock) => {
        const trace = decisions.start(clock)
        const decision = decideNow(request, route, clock.currentTimeMillisUnsafe(), trace)
        return Effect.tap(Effect.isEffect(decision) ? decision : Effect.succeed(decision), (settled) =>
          tellHere({ decision: settled, request, route, trace, clock })
        )
      }),
    // Dev mode needs no keys.
    health: (nowMillis) =>
      toHealth(settings.devUser === undefined ? keySource.health?.(nowMillis) : [], settings.policySource.health?.(nowMillis)),
    preload: keySource.preload,
    reloadPolicy: settings.policySource.reload,
    dispose: Effect.void
  })
}
