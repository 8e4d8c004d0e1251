/**
 * Step 2 of a service's request: its raw token → verified claims. The checks in order, as `errors/Check.ts` lists them; those that it has
 * in common with a user's access token are the same functions. Nothing is cached here: `CachedBearerVerifier.ts` wraps it.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TokenError } from "../errors/AuthError.ts"
import type { VerificationKey } from "../keys/Key.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import { type AccessClaims, readAccessToken } from "./AccessClaims.ts"
import { checkBearerClaims } from "./BearerClaims.ts"
import { fail } from "./claimChecks.ts"
import type { Expected } from "./Expected.ts"
import type { JsonObject } from "./JsonObject.ts"
import { bearerForm, type Jws } from "./Jws.ts"
import { checkSignature, type TokenSteps, tokenSteps } from "./Verify.ts"

/** Raw token → what can be told of it without its key. Fails where that is enough to refuse it. */
export type BearerVerifier<A> = (token: string, nowMillis: number) => Result.Result<InspectedBearer<A>, TokenError>

export interface InspectedBearer<A> {
  readonly key: KeyRef
  /** The signature, and all that must hold of what was signed. An `undefined` key is one that its endpoint does not have. */
  readonly verify: (key: VerificationKey | undefined, nowMillis: number) => Result.Result<A, TokenError>
}

/** The verifier without a cache. `use` makes of the claims what they are for. */
export const makeBearerVerifier =
  <A>(expected: Expected, use: (claims: JsonObject) => A): BearerVerifier<A> =>
  (token, nowMillis) =>
    Result.map(inspectBearer(expected, token, nowMillis), (read) => ({
      key: read.key,
      verify: (key, nowMillis) => Result.map(verifyBearer(expected, read, key, nowMillis), use)
    }))

export interface BearerRead extends AccessClaims {
  readonly jws: Jws
}

/** Every check that needs no key: a forged or an expired token is refused before a key is fetched for it. */
export const inspectBearer = (
  expected: Expected,
  token: string,
  nowMillis: number,
  steps: Pick<TokenSteps, "readJws"> = tokenSteps
): Result.Result<BearerRead, TokenError> => {
  // What tells a service's token from a user's is Cognito's alone. Of another provider's, not even the audience would be checked.
  if (expected.provider._tag !== "cognito") {
    return fail("bearer.iss", "IssuerRefused", "a Cognito user pool", "only a Cognito user pool's is verified: leave services out")
  }

  // Form and JOSE header: three segments of canonical base64url, a JSON object, alg, no crit, no b64.
  const jws = steps.readJws(token, bearerForm)
  if (Result.isFailure(jws)) return Result.fail(jws.failure)
  const payload = tokenSteps.readPayload(jws.success)
  if (Result.isFailure(payload)) return Result.fail(payload.failure)

  // kid, iss, exp.
  const claims = readAccessToken(expected, "bearer", jws.success.header, payload.success, undefined, nowMillis)
  if (Result.isFailure(claims)) return Result.fail(claims.failure)
  return Result.succeed({ jws: jws.success, key: claims.success.key, payload: payload.success })
}

/** Every check that needs the key. */
export const verifyBearer = (
  expected: Expected,
  { jws, payload }: BearerRead,
  key: VerificationKey | undefined,
  nowMillis: number
): Result.Result<JsonObject, TokenError> => {
  // The signature first: a forged claim does not choose the error.
  const signed = checkSignature("bearer", jws, key, tokenSteps)
  if (Result.isFailure(signed)) return Result.fail(signed.failure)

  // token_use, no username, no groups, client_id, sub, nbf, exp.
  const checked = checkBearerClaims(expected, payload, nowMillis)
  if (Result.isFailure(checked)) return Result.fail(checked.failure)
  return Result.succeed(payload)
}
