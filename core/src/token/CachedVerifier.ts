/**
 * The verifier of `Verify.ts`, with a cache around it. Every result is the same as without the cache.
 *
 * A token is a hit if the same string was verified within the TTL, with the key that is still in use. Its form, payload and
 * signature are not checked again. Where both tokens are hits that were verified together, only what can change between two
 * requests is checked: the clock, the keys, and the plain `sub`.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TokenError } from "../errors/AuthError.ts"
import type { VerificationKey } from "../keys/Key.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import type { RawTokens } from "../request/Headers.ts"
import { type AlbHeader, albExpiry, isSubject } from "./Claims.ts"
import { type Expected, type VerifiedClaims, verifiesAccessToken } from "./Expected.ts"
import { JoseHeaderCache } from "./JoseHeaderCache.ts"
import type { JsonObject } from "./JsonObject.ts"
import { accessForm, type Jws, readJws } from "./Jws.ts"
import { type CacheBounds, type Session, SessionCache } from "./SessionCache.ts"
import { isValidAt, type Validity } from "./Validity.ts"
import { type InspectedTokens, inspectTokens, type TokenSteps, tokenSteps, type Verifier, verifyTokens } from "./Verify.ts"

/** A token whose signature this key verified. It is few objects: the garbage collector copies each that is cached. */
interface Signed {
  readonly token: string
  readonly payload: JsonObject
  readonly ref: KeyRef
  readonly key: VerificationKey
  readonly verifiedAt: number
}

/**
 * The token that a session is found by: the access token, as it was read, so that with another of the load balancer's tokens
 * it is not read again. Where the access token is ignored, the load balancer's token, which is then beside itself.
 */
interface SignedFirst extends Signed {
  readonly jws: Jws
}

/** The load balancer's token, which passed every check together with the token that it is cached beside. */
interface SignedAlb<A> extends Signed {
  readonly validity: Validity
  readonly outcome: Result.Result<A, never>
}

/** `use` is called once while both tokens are cached. */
export const makeCachedVerifier = <A>(expected: Expected, bounds: CacheBounds, use: (claims: VerifiedClaims) => A): Verifier<A> => {
  const sessions = new SessionCache<SignedFirst, SignedAlb<A>>(bounds)
  // One cache for each form: a header with the one's algorithm must not pass as the other's.
  const [albHeaders, accessHeaders] = [new JoseHeaderCache(), new JoseHeaderCache()]
  const hasAccess = verifiesAccessToken(expected.provider)
  const firstOf = ({ data, accessToken }: RawTokens): string => (hasAccess ? (accessToken ?? "") : data)
  const steps: TokenSteps = {
    ...tokenSteps,
    readJws: (text, form) => readJws(text, form, form === accessForm ? accessHeaders : albHeaders)
  }

  /** Whether the clock and the plain `sub` still admit tokens that were verified together. */
  const stillHolds = ({ payload, validity }: SignedAlb<A>, { identity }: RawTokens, nowMillis: number): boolean =>
    isSubject(payload["sub"], identity) && isValidAt(validity, expected.clockToleranceMillis, nowMillis)

  /** A miss: every check of the verifier, but for the steps that a cached token has passed. What passes is cached. */
  const inspect = ({ raw, session, pair }: Found<A>, nowMillis: number): Result.Result<InspectedTokens<A>, TokenError> => {
    const remaining = session === undefined ? steps : stepsAfter(steps, session.value, pair)
    const tokens = inspectTokens(expected, raw, nowMillis, remaining)
    if (Result.isFailure(tokens)) return Result.fail(tokens.failure)
    const { alb, access, albJws } = tokens.success
    return Result.succeed({
      albKey: alb.key,
      accessKey: access?.key,
      verify: (albKey, accessKey, laterMillis) => {
        const claims = verifyTokens(expected, tokens.success, albKey, accessKey, laterMillis, remaining)
        if (Result.isFailure(claims)) return Result.fail(claims.failure)
        const { oidc } = claims.success
        const outcome: Result.Result<A, never> = Result.succeed(use(claims.success))
        const firstKey = access === undefined ? albKey : accessKey
        // For the compiler: without its keys, nothing is verified.
        if (albKey === undefined || firstKey === undefined) return outcome
        albHeaders.addOf(albJws)
        const beside = {
          token: raw.data,
          payload: oidc,
          ref: alb.key,
          key: albKey,
          verifiedAt: pair?.key === albKey ? pair.verifiedAt : laterMillis,
          validity: validityOf(alb, oidc, access?.payload),
          outcome
        }
        if (session?.value.key === firstKey) sessions.addBeside(session, beside)
        else {
          if (access !== undefined) accessHeaders.addOf(access.jws)
          const { jws, payload, key: ref } = access ?? { jws: albJws, payload: oidc, key: alb.key }
          sessions.add(
            {
              token: jws.text,
              jws: { ...jws, payload: undefined, signature: undefined },
              payload,
              ref,
              key: firstKey,
              verifiedAt: laterMillis
            },
            beside
          )
        }
        return outcome
      }
    })
  }

  /** A hit on both tokens: the cached outcome, or every check where something has changed since. */
  const admit = (
    session: Session<SignedFirst, SignedAlb<A>>,
    pair: SignedAlb<A>,
    raw: RawTokens,
    nowMillis: number
  ): InspectedTokens<A> => ({
    albKey: pair.ref,
    accessKey: hasAccess ? session.value.ref : undefined,
    verify: (albKey, accessKey, laterMillis) => {
      // A key that was fetched again unchanged is the same object (keyEndpoint.ts); another object is another key.
      const isHit = pair.key === albKey && session.value.key === (hasAccess ? accessKey : albKey) && stillHolds(pair, raw, laterMillis)
      if (isHit) return pair.outcome
      // As of the time of the request, as without a cache.
      return Result.flatMap(inspect({ raw, session, pair }, nowMillis), (tokens) => tokens.verify(albKey, accessKey, laterMillis))
    }
  })

  return (raw, nowMillis) => {
    const session = sessions.get(firstOf(raw), nowMillis)
    const pair = session && sessions.getBeside(session, raw.data, nowMillis)
    const isHit = session !== undefined && pair !== undefined && stillHolds(pair, raw, nowMillis)
    return isHit ? Result.succeed(admit(session, pair, raw, nowMillis)) : inspect({ raw, session, pair }, nowMillis)
  }
}

/** What the cache holds for the tokens of a request. */
interface Found<A> {
  readonly raw: RawTokens
  readonly session: Session<SignedFirst, SignedAlb<A>> | undefined
  readonly pair: SignedAlb<A> | undefined
}

/** The steps that are left after those that a cached token has passed. Each request has at most one token of each form. */
const stepsAfter = (steps: TokenSteps, first: SignedFirst, alb: Signed | undefined): TokenSteps => {
  const cachedOf = (jws: Jws): Signed | undefined => (jws.form === accessForm ? first : alb)
  return {
    readJws: (text, form) => (form === accessForm ? Result.succeed(first.jws) : steps.readJws(text, form)),
    readPayload: (jws) => {
      const cached = cachedOf(jws)
      return cached === undefined ? steps.readPayload(jws) : Result.succeed(cached.payload)
    },
    hasValidSignature: (jws, key) => cachedOf(jws)?.key === key || steps.hasValidSignature(jws, key)
  }
}

/** Of tokens that passed every check: their claims have the right types. */
const validityOf = (alb: AlbHeader, oidc: JsonObject, access: JsonObject | undefined): Validity => ({
  exp: Math.min(albExpiry(alb, oidc), access === undefined ? Number.POSITIVE_INFINITY : Number(access["exp"])),
  nbf: access?.["nbf"] === undefined ? Number.NEGATIVE_INFINITY : Number(access["nbf"])
})
