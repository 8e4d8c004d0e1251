/**
 * Step 2: raw tokens → verified claims. The checks run in the order of `errors/Check.ts`: cheap checks first. Nothing is cached
 * here: `CachedVerifier.ts` is an optional wrapper.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { KeyUnknown, SignatureInvalid, TokenError } from "../errors/AuthError.ts"
import { refuse } from "../errors/refuse.ts"
import type { VerificationKey } from "../keys/Key.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import type { RawTokens } from "../request/Headers.ts"
import { type AccessClaims, checkAccessClaims, readAccessToken } from "./AccessClaims.ts"
import { type AlbHeader, albExpiry, checkAlbClaims, checkSameSubject, readAlbHeader } from "./Claims.ts"
import { type Expected, type VerifiedClaims, verifiesAccessToken } from "./Expected.ts"
import type { JsonObject } from "./JsonObject.ts"
import { accessForm, albForm, hasValidSignature, type Jws, readJws, readPayload } from "./Jws.ts"

/** Raw tokens → tokens that have passed every check without keys. Fails if one of these checks refuses them. */
export type Verifier<A> = (raw: RawTokens, nowMillis: number) => Result.Result<InspectedTokens<A>, TokenError>

/** Tokens that have passed every check without keys, and the keys that they need. */
export interface InspectedTokens<A> {
  readonly albKey: KeyRef
  /** `undefined`: none is needed, because the access token is ignored. */
  readonly accessKey: KeyRef | undefined
  /** Checks the signatures and the signed claims. `undefined` stands for a key that its endpoint does not have, or that is not needed. */
  readonly verify: (
    albKey: VerificationKey | undefined,
    accessKey: VerificationKey | undefined,
    nowMillis: number
  ) => Result.Result<A, TokenError>
}

/** The verifier without a cache. `use` converts the claims into the result. */
export const makeVerifier =
  <A>(expected: Expected, use: (claims: VerifiedClaims) => A): Verifier<A> =>
  (raw, nowMillis) =>
    Result.map(inspectTokens(expected, raw, nowMillis), (tokens) => ({
      albKey: tokens.alb.key,
      accessKey: tokens.access?.key,
      verify: (albKey, accessKey, nowMillis) => Result.map(verifyTokens(expected, tokens, albKey, accessKey, nowMillis), use)
    }))

/** The steps whose result depends only on the token and the key, not on the clock or the settings, so a cache may replace them. */
export interface TokenSteps {
  readonly readJws: typeof readJws
  readonly readPayload: typeof readPayload
  readonly hasValidSignature: (jws: Jws, key: VerificationKey) => boolean
}

export const tokenSteps: TokenSteps = { readJws, readPayload, hasValidSignature }

/** The tokens, as read before the signatures are verified. */
export interface TokensRead {
  readonly raw: RawTokens
  readonly albJws: Jws
  readonly alb: AlbHeader
  /** `undefined`: the access token is ignored. */
  readonly access: AccessRead | undefined
}

interface AccessRead extends AccessClaims {
  readonly jws: Jws
}

/** Every check that needs no key, so that most forged and all expired tokens are refused without a key fetch. */
export const inspectTokens = (
  expected: Expected,
  raw: RawTokens,
  nowMillis: number,
  steps: TokenSteps = tokenSteps
): Result.Result<TokensRead, TokenError> => {
  const hasAccess = verifiesAccessToken(expected.provider)

  // Form and JOSE header: three segments of canonical base64url, a JSON object, alg, no crit, no b64.
  const albJws = steps.readJws(raw.data, albForm)
  if (Result.isFailure(albJws)) return Result.fail(albJws.failure)
  const accessJws = hasAccess ? steps.readJws(raw.accessToken ?? "", accessForm) : undefined
  if (accessJws !== undefined && Result.isFailure(accessJws)) return Result.fail(accessJws.failure)

  // The ALB's JOSE header: kid, signer, client, iss, exp.
  const alb = readAlbHeader(expected, albJws.success.header, nowMillis)
  if (Result.isFailure(alb)) return Result.fail(alb.failure)
  if (accessJws === undefined) return Result.succeed({ raw, albJws: albJws.success, alb: alb.success, access: undefined })

  // The access token's kid, iss, exp.
  const jws = accessJws.success
  const payload = steps.readPayload(jws)
  if (Result.isFailure(payload)) return Result.fail(payload.failure)
  const access = readAccessToken(expected, jws.header, payload.success, alb.success, nowMillis)
  if (Result.isFailure(access)) return Result.fail(access.failure)
  const { key } = access.success
  return Result.succeed({ raw, albJws: albJws.success, alb: alb.success, access: { jws, key, payload: payload.success } })
}

/** Every check that needs the keys. The tokens have passed the checks that need none. */
export const verifyTokens = (
  expected: Expected,
  { raw, albJws, alb, access }: TokensRead,
  albKey: VerificationKey | undefined,
  accessKey: VerificationKey | undefined,
  nowMillis: number,
  steps: TokenSteps = tokenSteps
): Result.Result<VerifiedClaims, TokenError> => {
  // The signatures first, so that a forged claim cannot determine the error.
  const albSigned = checkSignature("alb", albJws, albKey, steps)
  if (Result.isFailure(albSigned)) return Result.fail(albSigned.failure)
  const accessSigned = access === undefined ? Result.void : checkSignature("access", access.jws, accessKey, steps)
  if (Result.isFailure(accessSigned)) return Result.fail(accessSigned.failure)

  // The ALB's payload: iss and exp, if they are repeated there.
  const payload = steps.readPayload(albJws)
  if (Result.isFailure(payload)) return Result.fail(payload.failure)
  const oidc = payload.success
  const albChecked = checkAlbClaims(expected, alb, oidc, nowMillis)
  if (Result.isFailure(albChecked)) return Result.fail(albChecked.failure)

  // The access token's token_use and client_id, or its aud; nbf, exp.
  const accessChecked = access === undefined ? Result.void : checkAccessClaims(expected, alb, access.payload, nowMillis)
  if (Result.isFailure(accessChecked)) return Result.fail(accessChecked.failure)

  // The same sub in both tokens, and in the plain header.
  const sameSubject = checkSameSubject(oidc, access?.payload, raw.identity)
  if (Result.isFailure(sameSubject)) return Result.fail(sameSubject.failure)

  const { issuer } = alb
  if (access === undefined) return Result.succeed({ oidc, access: noClaims, issuer, exp: albExpiry(alb, oidc) })
  return Result.succeed({ oidc, access: access.payload, issuer, exp: Number(access.payload["exp"]) })
}

/** Of an access token that is ignored, nothing is known. */
const noClaims: JsonObject = Object.freeze(Object.create(null))

/** The endpoint has the key, and the key signed the token. */
const checkSignature = (
  token: "alb" | "access",
  jws: Jws,
  key: VerificationKey | undefined,
  steps: TokenSteps
): Result.Result<void, KeyUnknown | SignatureInvalid> => {
  const { header } = jws.form
  if (key === undefined) {
    return refuse(
      `${token}.key`,
      "KeyUnknown",
      "a key of the configured endpoint",
      `${header} was refused: its endpoint has no key with this kid. If the keys are at another URL, set albKeysUrl or jwksUrl.`
    )
  }
  if (steps.hasValidSignature(jws, key)) return Result.void
  return refuse(
    `${token}.signature`,
    "SignatureInvalid",
    "a signature by the key with this kid over the token as received",
    `${header} was refused: its signature is wrong. The token was modified in transit, or forged.`
  )
}
