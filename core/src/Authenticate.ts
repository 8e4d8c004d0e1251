/**
 * The pipeline: extract → verify against cached keys → build User → authorise.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type AuthError, KeySourceUnavailable, NotAuthorised, PolicyUnavailable } from "./AuthError.ts"
import { readTokens } from "./Headers.ts"
import type { VerificationKey } from "./Key.ts"
import type { KeyRef, KeySource } from "./KeySource.ts"
import type { PolicySource } from "./PolicySource.ts"
import type { HeaderFields } from "./Request.ts"
import type { Settings } from "./Settings.ts"
import { User } from "./User.ts"
import { inspect, type ReadTokens, verify } from "./Verify.ts"

export interface Pipeline {
  /**
   * The user, at once; or the tokens, where a key must be fetched first. This is the path of nearly every request: it
   * needs neither a promise nor a fiber.
   */
  readonly attempt: (headers: HeaderFields, nowMillis: number) => Result.Result<User, AuthError> | ReadTokens
  /** The user, fetching keys where it must. */
  readonly authenticate: (headers: HeaderFields) => Effect.Effect<User, AuthError>
}

export const makePipeline = (settings: Settings, keySource: KeySource["Service"], policySource: PolicySource["Service"]): Pipeline => {
  const attempt: Pipeline["attempt"] = (headers, nowMillis) => {
    const raw = readTokens(headers)
    if (Result.isFailure(raw)) return Result.fail(raw.failure)
    const tokens = inspect(settings, raw.success, nowMillis)
    if (Result.isFailure(tokens)) return Result.fail(tokens.failure)
    const albKey = peek(tokens.success.alb.key, nowMillis)
    const accessKey = peek(tokens.success.access.key, nowMillis)
    if (albKey === undefined || accessKey === undefined) return tokens.success
    return finish(tokens.success, albKey, accessKey, nowMillis)
  }

  const finish = (
    tokens: ReadTokens,
    albKey: VerificationKey | undefined,
    accessKey: VerificationKey | undefined,
    nowMillis: number
  ): Result.Result<User, AuthError> => {
    const claims = verify(settings, tokens, albKey, accessKey, nowMillis)
    if (Result.isFailure(claims)) return Result.fail(claims.failure)
    return authorise(policySource, User.fromClaims(claims.success, settings.platformAdminGroups))
  }

  // A source of somebody else's may break its promise not to throw; that is an outage, and lets nobody in.
  const peek: KeySource["Service"]["peek"] = (ref, nowMillis) => {
    try {
      return keySource.peek(ref, nowMillis)
    } catch {
      return undefined
    }
  }
  const find = (ref: KeyRef): Effect.Effect<Result.Result<VerificationKey | undefined, KeySourceUnavailable>> =>
    Effect.suspend(() => keySource.find(ref)).pipe(
      Effect.catchDefect(() => Effect.fail(sourceFailed(ref.source))),
      Effect.result
    )

  const fetchAndFinish = Effect.fnUntraced(function* (tokens: ReadTokens) {
    const [albKey, accessKey] = yield* Effect.all([find(tokens.alb.key), find(tokens.access.key)], { concurrency: 2 })
    const nowMillis = yield* Effect.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
    if (Result.isFailure(albKey)) return yield* albKey.failure
    // A load balancer's key that does not exist refuses the request, whatever the state of the other endpoint.
    if (Result.isFailure(accessKey) && albKey.success !== undefined) return yield* accessKey.failure
    return yield* Effect.fromResult(finish(tokens, albKey.success, Result.getOrUndefined(accessKey), nowMillis))
  })

  return {
    attempt,
    authenticate: (headers) =>
      Effect.clockWith((clock) => {
        const outcome = attempt(headers, clock.currentTimeMillisUnsafe())
        return Result.isResult(outcome) ? Effect.fromResult(outcome) : fetchAndFinish(outcome)
      })
  }
}

/** Step 4: the policy in force decides. */
const authorise = (policySource: PolicySource["Service"], user: User): Result.Result<User, NotAuthorised | PolicyUnavailable> => {
  try {
    const policy = policySource.current()
    if (policy === undefined) return Result.fail(policyUnavailable("none was ever loaded"))
    const { allowed, isAppAdmin } = policy.evaluate(user)
    if (allowed !== true) return Result.fail(notAuthorised(policy.describe))
    return Result.succeed(isAppAdmin ? user.asAppAdmin() : user)
  } catch {
    // A source or a rule of somebody else's may break its promise not to throw; that is an outage, and lets nobody in.
    return Result.fail(policyUnavailable("a rule threw"))
  }
}

export const notAuthorised = (required: string): NotAuthorised =>
  new NotAuthorised({ required, message: `The user is signed in, but not allowed: the policy admits ${required}.` })

const policyUnavailable = (reason: string): PolicyUnavailable =>
  new PolicyUnavailable({
    reason,
    retryAfterSeconds: 5,
    message: `The policy cannot be applied: ${reason}. Nobody is let in until it can.`
  })

const sourceFailed = (source: string): KeySourceUnavailable =>
  new KeySourceUnavailable({
    source,
    reason: "the key source failed",
    retryAfterSeconds: 5,
    message: `The key source failed for ${source}.`
  })
