/**
 * The verifier of `Verify.ts`, with a cache around it. Every result is the one that it gives without.
 *
 * A token whose signature was verified a moment ago is found by its whole text, and by the key that is still in use: its
 * form, its payload and its signature need no second look. Of two tokens that were verified together, everything is known
 * but what the clock, the keys and the plain `sub` decide; those are checked on every request.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TokenError } from "../errors/AuthError.ts"
import type { VerificationKey } from "../keys/Key.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import type { RawTokens } from "../request/Headers.ts"
import { type AlbHeader, type Expected, isSubject, type VerifiedClaims } from "./Claims.ts"
import type { JsonObject } from "./JsonObject.ts"
import { accessForm, hasValidSignature, type Jws, readJws, readPayload } from "./Jws.ts"
import { type CacheBounds, type Session, SessionCache } from "./SessionCache.ts"
import { isValidAt, type Validity } from "./Validity.ts"
import { inspectTokens, type TokenSteps, type TokensRead, tokenSteps, type Verifier, verifyTokens } from "./Verify.ts"

/** A token that this key signed. Few objects are kept of it: the garbage collector copies each of them. */
interface Signed {
  readonly text: string
  readonly payload: JsonObject
  readonly ref: KeyRef
  readonly key: VerificationKey
  readonly verifiedAt: number
}

/** Cognito's, as it was read: with another of the load balancer's tokens, it is not read again. */
interface SignedAccess extends Signed {
  readonly jws: Jws
}

/** The load balancer's token, which passed every check together with the access token that it is cached beside. */
interface SignedAlb<A> extends Signed {
  readonly validity: Validity
  readonly outcome: Result.Result<A, never>
}

/** `use` is called once for as long as both tokens are cached. */
export const makeCachedVerifier = <A>(expected: Expected, bounds: CacheBounds, use: (claims: VerifiedClaims) => A): Verifier<A> => {
  const sessions = new SessionCache<SignedAccess, SignedAlb<A>>(bounds)

  /** Whether the clock, and the plain `sub`, admit tokens that were verified together before. */
  const stillHolds = ({ payload, validity }: SignedAlb<A>, { identity }: RawTokens, nowMillis: number): boolean =>
    isSubject(payload["sub"], identity) && isValidAt(validity, expected.clockToleranceMillis, nowMillis)

  const cache = (
    { raw, accessJws, alb, access }: TokensRead,
    { oidc }: VerifiedClaims,
    [albKey, accessKey]: readonly [VerificationKey, VerificationKey],
    known: { readonly session: Session<SignedAccess, SignedAlb<A>> | undefined; readonly pair: SignedAlb<A> | undefined },
    outcome: Result.Result<A, never>,
    nowMillis: number
  ): void => {
    const { session, pair } = known
    const beside = {
      text: raw.data,
      payload: oidc,
      ref: alb.key,
      key: albKey,
      verifiedAt: pair?.key === albKey ? pair.verifiedAt : nowMillis,
      validity: validityOf(alb, oidc, access.payload),
      outcome
    }
    if (session?.value.key === accessKey) sessions.addBeside(session, beside)
    else {
      const { payload, key: ref } = access
      sessions.add({ text: raw.accessToken, jws: accessJws, payload, ref, key: accessKey, verifiedAt: nowMillis }, beside)
    }
  }

  return (raw, nowMillis) => {
    const session = sessions.get(raw.accessToken, nowMillis)
    const pair = session && sessions.getBeside(session, raw.data, nowMillis)

    const inspect = () => inspectTokens(expected, raw, nowMillis, stepsKnowing(session?.value, pair))

    const verifyAnew = (
      tokens: TokensRead,
      albKey: VerificationKey | undefined,
      accessKey: VerificationKey | undefined,
      laterMillis: number
    ): Result.Result<A, TokenError> => {
      const claims = verifyTokens(expected, tokens, albKey, accessKey, laterMillis, stepsKnowing(session?.value, pair))
      if (Result.isFailure(claims)) return Result.fail(claims.failure)
      const outcome: Result.Result<A, never> = Result.succeed(use(claims.success))
      if (albKey !== undefined && accessKey !== undefined) {
        cache(tokens, claims.success, [albKey, accessKey], { session, pair }, outcome, laterMillis)
      }
      return outcome
    }

    if (session !== undefined && pair !== undefined && stillHolds(pair, raw, nowMillis)) {
      return Result.succeed({
        albKey: pair.ref,
        accessKey: session.value.ref,
        verify: (albKey, accessKey, laterMillis) => {
          // A key that is fetched again unchanged is the same object (keyEndpoint.ts); another object is another key.
          const isHit = pair.key === albKey && session.value.key === accessKey && stillHolds(pair, raw, laterMillis)
          if (isHit) return pair.outcome
          // Read as of then, as it would have been without a cache.
          return Result.flatMap(inspect(), (tokens) => verifyAnew(tokens, albKey, accessKey, laterMillis))
        }
      })
    }
    return Result.map(inspect(), (tokens) => ({
      albKey: tokens.alb.key,
      accessKey: tokens.access.key,
      verify: (albKey, accessKey, laterMillis) => verifyAnew(tokens, albKey, accessKey, laterMillis)
    }))
  }
}

/** The plain steps, without those that a cached token has passed. Each request has one token of each form. */
const stepsKnowing = (access: SignedAccess | undefined, alb: Signed | undefined): TokenSteps => {
  if (access === undefined) return tokenSteps
  const knownOf = (jws: Jws): Signed | undefined => (jws.form === accessForm ? access : alb)
  return {
    readJws: (text, form) => (form === accessForm ? Result.succeed(access.jws) : readJws(text, form)),
    readPayload: (jws) => {
      const known = knownOf(jws)
      return known === undefined ? readPayload(jws) : Result.succeed(known.payload)
    },
    hasValidSignature: (jws, key) => knownOf(jws)?.key === key || hasValidSignature(jws, key)
  }
}

/** Of tokens that passed every check: their claims have the right types. */
const validityOf = (alb: AlbHeader, oidc: JsonObject, access: JsonObject): Validity => ({
  exp: Math.min(alb.exp, Number(oidc["exp"] ?? alb.exp), Number(access["exp"])),
  nbf: access["nbf"] === undefined ? Number.NEGATIVE_INFINITY : Number(access["nbf"])
})
