/**
 * The verifier of `VerifyBearer.ts`, with a cache around it. Every result is the same as without the cache.
 *
 * The cache is another than the users': a user's access token, verified and cached, is still unknown as a service's.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TokenError } from "../errors/AuthError.ts"
import type { VerificationKey } from "../keys/Key.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import type { Expected } from "./Expected.ts"
import { JoseHeaderCache } from "./JoseHeaderCache.ts"
import type { JsonObject } from "./JsonObject.ts"
import { readJws } from "./Jws.ts"
import { type CacheBounds, SessionCache } from "./SessionCache.ts"
import { isValidAt, type Validity } from "./Validity.ts"
import { type BearerVerifier, type InspectedBearer, inspectBearer, verifyBearer } from "./VerifyBearer.ts"

/** A token that passed every check, with the key that verified it. */
interface SignedBearer<A> {
  readonly token: string
  readonly ref: KeyRef
  readonly key: VerificationKey
  readonly verifiedAt: number
  readonly validity: Validity
  readonly outcome: Result.Result<A, never>
}

/** `use` is called once while a token is cached. */
export const makeCachedBearerVerifier = <A>(expected: Expected, bounds: CacheBounds, use: (claims: JsonObject) => A): BearerVerifier<A> => {
  const tokens = new SessionCache<SignedBearer<A>, never>(bounds)
  const headers = new JoseHeaderCache()
  const steps: { readonly readJws: typeof readJws } = { readJws: (text, form) => readJws(text, form, headers) }

  const inspect = (token: string, nowMillis: number): Result.Result<InspectedBearer<A>, TokenError> => {
    const read = inspectBearer(expected, token, nowMillis, steps)
    if (Result.isFailure(read)) return Result.fail(read.failure)
    const { jws, key: ref } = read.success
    return Result.succeed({
      key: ref,
      verify: (key, laterMillis) => {
        const claims = verifyBearer(expected, read.success, key, laterMillis)
        if (Result.isFailure(claims)) return Result.fail(claims.failure)
        const outcome: Result.Result<A, never> = Result.succeed(use(claims.success))
        // For the compiler: without its key, nothing is verified.
        if (key === undefined) return outcome
        headers.addOf(jws)
        tokens.add({ token, ref, key, verifiedAt: laterMillis, validity: validityOf(claims.success), outcome })
        return outcome
      }
    })
  }

  /** A hit: the cached outcome, or every check where the key or the clock has changed since. */
  const admit = (cached: SignedBearer<A>, nowMillis: number): InspectedBearer<A> => ({
    key: cached.ref,
    verify: (key, laterMillis) => {
      // A key that was fetched again unchanged is the same object (keyEndpoint.ts); another object is another key.
      const isHit = cached.key === key && isValidAt(cached.validity, expected.clockToleranceMillis, laterMillis)
      if (isHit) return cached.outcome
      // As of the time of the request, as without a cache.
      return Result.flatMap(inspect(cached.token, nowMillis), (read) => read.verify(key, laterMillis))
    }
  })

  return (token, nowMillis) => {
    const cached = tokens.get(token, nowMillis)?.value
    const isHit = cached !== undefined && isValidAt(cached.validity, expected.clockToleranceMillis, nowMillis)
    return isHit ? Result.succeed(admit(cached, nowMillis)) : inspect(token, nowMillis)
  }
}

/** Of a token that passed every check: its claims have the right types. */
const validityOf = ({ exp, nbf }: JsonObject): Validity => ({
  exp: Number(exp),
  nbf: Number(nbf ?? Number.NEGATIVE_INFINITY)
})
