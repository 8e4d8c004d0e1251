/**
 * The pipeline: read tokens → verify against cached keys → build User → authorise.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Trace } from "./answer/DecisionEvent.ts"
import { type AuthError, KeySourceUnavailable, NotAuthorised, PolicyUnavailable } from "./errors/AuthError.ts"
import type { VerificationKey } from "./keys/Key.ts"
import type { KeyRef, KeySource } from "./keys/KeySource.ts"
import type { Policy, Verdict } from "./policy/Policy.ts"
import type { PolicySource } from "./policy/PolicySource.ts"
import { RuleFailed, ruleTimeout } from "./policy/Rule.ts"
import { readAuthorization } from "./request/Authorization.ts"
import { type HeaderRules, hasNoTokens, readTokens } from "./request/Headers.ts"
import type { HeaderFields } from "./request/Request.ts"
import type { Settings } from "./settings/Settings.ts"
import { makeCachedBearerVerifier } from "./token/CachedBearerVerifier.ts"
import { makeCachedVerifier } from "./token/CachedVerifier.ts"
import { type VerifiedClaims, verifiesAccessToken } from "./token/Expected.ts"
import type { JsonObject } from "./token/JsonObject.ts"
import { type InspectedTokens, makeVerifier } from "./token/Verify.ts"
import { type InspectedBearer, makeBearerVerifier } from "./token/VerifyBearer.ts"
import { mockUser } from "./user/DevUser.ts"
import { groupsOf } from "./user/Groups.ts"
import { type Principal, Service } from "./user/Service.ts"
import { User } from "./user/User.ts"

export interface Pipeline {
  /**
   * The result, or an Effect if something must be awaited: a key, the policy, or a rule that does I/O. Nearly every request is
   * synchronous, and needs neither a promise nor a fiber.
   */
  readonly attempt: (headers: HeaderFields, nowMillis: number, trace?: Trace) => Outcome<User>
  /** The same of a service, by what its `Authorization` holds. */
  readonly attemptService: (authorization: unknown, headers: HeaderFields, nowMillis: number, trace?: Trace) => Outcome<Service>
}

type Outcome<P> = Result.Result<P, AuthError> | Effect.Effect<P, AuthError>

export const makePipeline = (settings: Settings, keySource: KeySource["Service"], policySource: PolicySource["Service"]): Pipeline => {
  const { tokenCache, platformAdminGroups, provider } = settings
  const readGroups = groupsOf(provider)
  /** How many users and services have been made of claims: none is while a cached one is used. */
  let made = 0
  const toUser = (claims: VerifiedClaims): User => {
    made++
    return User.fromClaims(claims, platformAdminGroups, readGroups)
  }
  const toService = (claims: JsonObject): Service => {
    made++
    return Service.fromClaims(claims)
  }
  const headerRules: HeaderRules = { ignoresAccessToken: !verifiesAccessToken(provider), subMayHoldComma: provider._tag === "oidc" }
  const inspect = tokenCache.maxEntries === 0 ? makeVerifier(settings, toUser) : makeCachedVerifier(settings, tokenCache, toUser)

  const inspectBearer =
    tokenCache.maxEntries === 0 ? makeBearerVerifier(settings, toService) : makeCachedBearerVerifier(settings, tokenCache, toService)

  const attempt: Pipeline["attempt"] = (headers, nowMillis, trace) => {
    if (settings.devUser !== undefined && hasNoTokens(headers)) {
      return authorise(mockUser(settings.devUser, platformAdminGroups, nowMillis), nowMillis, trace)
    }
    const raw = readTokens(headers, headerRules)
    if (Result.isFailure(raw)) return Result.fail(raw.failure)
    const tokens = inspect(raw.success, nowMillis)
    if (Result.isFailure(tokens)) return Result.fail(tokens.failure)
    const { albKey: albRef, accessKey: accessRef } = tokens.success
    const albKey = peekKey(albRef, nowMillis)
    const accessKey = accessRef === undefined ? undefined : peekKey(accessRef, nowMillis)
    if (albKey === undefined || (accessKey === undefined && accessRef !== undefined)) return fetchKeys(tokens.success, trace)
    return finish(tokens.success, albKey, accessKey, nowMillis, trace)
  }

  const attemptService: Pipeline["attemptService"] = (authorization, headers, nowMillis, trace) => {
    const raw = readAuthorization(authorization, headers)
    if (Result.isFailure(raw)) return Result.fail(raw.failure)
    const token = inspectBearer(raw.success, nowMillis)
    if (Result.isFailure(token)) return Result.fail(token.failure)
    const key = peekKey(token.success.key, nowMillis)
    return key === undefined ? fetchServiceKey(token.success, trace) : finishService(token.success, key, nowMillis, trace)
  }

  const finishService = (
    token: InspectedBearer<Service>,
    key: VerificationKey | undefined,
    nowMillis: number,
    trace: Trace | undefined
  ): Outcome<Service> => {
    const madeBefore = made
    const service = token.verify(key, nowMillis)
    if (Result.isFailure(service)) return Result.fail(service.failure)
    if (trace !== undefined) trace.cached = made === madeBefore
    return authoriseBy(evaluateService, service.success, nowMillis, trace)
  }

  const finish = (
    tokens: InspectedTokens<User>,
    albKey: VerificationKey | undefined,
    accessKey: VerificationKey | undefined,
    nowMillis: number,
    trace: Trace | undefined
  ): Outcome<User> => {
    const madeBefore = made
    const user = tokens.verify(albKey, accessKey, nowMillis)
    if (Result.isFailure(user)) return Result.fail(user.failure)
    if (trace !== undefined) trace.cached = made === madeBefore
    return authorise(user.success, nowMillis, trace)
  }

  const authorise = (user: User, nowMillis: number, trace: Trace | undefined): Outcome<User> =>
    authoriseBy(evaluateUser, user, nowMillis, trace)

  /** Step 4: the policy in force decides. */
  const authoriseBy = <P extends Principal>(
    evaluate: (policy: Policy, principal: P) => Outcome<P>,
    principal: P,
    nowMillis: number,
    trace: Trace | undefined
  ): Outcome<P> => {
    if (trace !== undefined) trace.principal = principal
    const policy = peekPolicy(nowMillis)
    if (policy !== undefined) return evaluate(traced(policy, trace), principal)
    return Effect.flatMap(findPolicy, (found) => asEffect(evaluate(traced(found, trace), principal)))
  }

  // A third-party source may throw, although it must not. That is an outage: the request is not admitted.
  const peekKey: KeySource["Service"]["peek"] = (ref, nowMillis) => {
    try {
      return keySource.peek(ref, nowMillis)
    } catch {
      return undefined
    }
  }
  const findKey = (ref: KeyRef): Effect.Effect<Result.Result<VerificationKey | undefined, KeySourceUnavailable>> =>
    Effect.suspend(() => keySource.find(ref)).pipe(
      Effect.catchDefect(() => Effect.fail(sourceFailed(ref.source))),
      Effect.result
    )
  const noKey = Effect.succeed(Result.succeed(undefined))
  const peekPolicy: PolicySource["Service"]["peek"] = (nowMillis) => {
    try {
      return policySource.peek(nowMillis)
    } catch {
      return undefined
    }
  }
  const findPolicy = Effect.suspend(() => policySource.current).pipe(
    Effect.catchDefect(() => Effect.fail(PolicyUnavailable.because("its source failed")))
  )

  const fetchKeys = Effect.fnUntraced(function* (tokens: InspectedTokens<User>, trace: Trace | undefined) {
    const [albKey, accessKey] = yield* Effect.all(
      [findKey(tokens.albKey), tokens.accessKey === undefined ? noKey : findKey(tokens.accessKey)],
      { concurrency: 2 }
    )
    if (Result.isFailure(albKey)) return yield* albKey.failure
    // If the load balancer's key does not exist, the request is refused, even if the other endpoint is down.
    if (Result.isFailure(accessKey) && albKey.success !== undefined) return yield* accessKey.failure
    const nowMillis = yield* Clock.currentTimeMillis
    return yield* asEffect(finish(tokens, albKey.success, Result.getOrUndefined(accessKey), nowMillis, trace))
  })

  const fetchServiceKey = Effect.fnUntraced(function* (token: InspectedBearer<Service>, trace: Trace | undefined) {
    const key = yield* Effect.flatMap(findKey(token.key), Effect.fromResult)
    const nowMillis = yield* Clock.currentTimeMillis
    return yield* asEffect(finishService(token, key, nowMillis, trace))
  })

  return { attempt, attemptService }
}

export const asEffect = <P>(outcome: Outcome<P>): Effect.Effect<P, AuthError> =>
  Result.isResult(outcome) ? Effect.fromResult(outcome) : outcome

const traced = (policy: Policy, trace: Trace | undefined): Policy => {
  try {
    if (trace !== undefined) trace.rule = policy.describe
  } catch {
    // A third-party policy: what is wrong with it is found where it decides.
  }
  return policy
}

const evaluateUser = (policy: Policy, user: User): Outcome<User> => {
  try {
    const verdict = policy.evaluate(user)
    return Effect.isEffect(verdict) ? evaluateLate(verdict, (settled) => conclude(policy, user, settled)) : conclude(policy, user, verdict)
  } catch (cause) {
    return Result.fail(ruleUnavailable(cause))
  }
}

/** A policy that knows of users alone admits no service. */
const evaluateService = (policy: Policy, service: Service): Outcome<Service> => {
  try {
    const verdict = policy.evaluateService?.(service) ?? nobody
    const settle = ({ allowed }: Verdict) => (allowed === true ? Result.succeed(service) : Result.fail(notAuthorised(policy.describe, [])))
    return Effect.isEffect(verdict) ? evaluateLate(verdict, settle) : settle(verdict)
  } catch (cause) {
    return Result.fail(ruleUnavailable(cause))
  }
}

const nobody: Verdict = { allowed: false, isAppAdmin: false }

const evaluateLate = <P>(
  verdict: Effect.Effect<Verdict, unknown>,
  settle: (verdict: Verdict) => Result.Result<P, NotAuthorised>
): Effect.Effect<P, AuthError> =>
  verdict.pipe(
    Effect.timeoutOrElse({ duration: ruleTimeout, orElse: () => Effect.fail("timeout") }),
    Effect.catchCause((cause) => Effect.fail(ruleUnavailable(Cause.squash(cause)))),
    Effect.flatMap((settled) => Effect.fromResult(settle(settled)))
  )

const ruleUnavailable = (cause: unknown) =>
  PolicyUnavailable.because(
    cause === "timeout" ? `no verdict within ${ruleTimeout}` : cause instanceof RuleFailed ? cause.message : "a rule failed"
  )

const conclude = (policy: Policy, user: User, { allowed, isAppAdmin }: Verdict): Result.Result<User, NotAuthorised> => {
  if (allowed !== true) return Result.fail(notAuthorised(policy.describe))
  return Result.succeed(isAppAdmin ? user.asAppAdmin() : user)
}

/** `requiredScopes` where a service was refused. */
export const notAuthorised = (required: string, requiredScopes?: ReadonlyArray<string>): NotAuthorised =>
  new NotAuthorised({
    required,
    ...(requiredScopes === undefined ? {} : { requiredScopes }),
    message: `The ${requiredScopes === undefined ? "user" : "service"} is signed in, but not allowed: the policy admits ${required}.`
  })

const sourceFailed = (source: string): KeySourceUnavailable =>
  new KeySourceUnavailable({
    source,
    reason: "the key source failed",
    retryAfterSeconds: 5,
    message: `The key source failed for ${source}.`
  })
