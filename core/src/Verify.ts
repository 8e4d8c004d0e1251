/**
 * Step 2: raw tokens → verified claims: form, JOSE headers, keys, signatures, claims, subject; cheap before dear.
 *
 * @module
 */
import * as Result from "effect/Result"
import { KeyUnknown, SignatureInvalid, type TokenError } from "./AuthError.ts"
import {
  type AccessClaims,
  type AlbHeader,
  checkAccessClaims,
  checkAlbClaims,
  checkSameSubject,
  readAccessToken,
  readAlbHeader
} from "./Claims.ts"
import type { RawTokens } from "./Headers.ts"
import type { JsonObject } from "./internal/json.ts"
import { accessForm, albForm, hasValidSignature, type Jws, readJws, readPayload } from "./Jws.ts"
import type { VerificationKey } from "./Key.ts"
import type { Settings } from "./Settings.ts"

/** The claims of both tokens, after every check. Objects without a prototype. */
export interface VerifiedClaims {
  /** The payload of the ALB's token. */
  readonly oidc: JsonObject
  /** The payload of Cognito's access token. */
  readonly access: JsonObject
}

/** Both tokens, in order as far as can be told without keys; and which keys they need. */
export interface ReadTokens {
  readonly alb: AlbHeader
  readonly access: AccessClaims
  readonly albJws: Jws
  readonly accessJws: Jws
  readonly identity: string | undefined
}

/** Everything that can refuse a token before a key is fetched. */
export const inspect = (settings: Settings, raw: RawTokens, nowMillis: number): Result.Result<ReadTokens, TokenError> => {
  const albJws = readJws(raw.data, albForm)
  if (Result.isFailure(albJws)) return Result.fail(albJws.failure)
  const accessJws = readJws(raw.accessToken, accessForm)
  if (Result.isFailure(accessJws)) return Result.fail(accessJws.failure)
  const alb = readAlbHeader(settings, albJws.success.header, nowMillis)
  if (Result.isFailure(alb)) return Result.fail(alb.failure)
  const payload = readPayload(accessJws.success)
  if (Result.isFailure(payload)) return Result.fail(payload.failure)
  const access = readAccessToken(settings, accessJws.success.header, payload.success, alb.success, nowMillis)
  if (Result.isFailure(access)) return Result.fail(access.failure)
  return Result.succeed({
    alb: alb.success,
    access: access.success,
    albJws: albJws.success,
    accessJws: accessJws.success,
    identity: raw.identity
  })
}

/** The signatures, and all that must hold of what was signed. An `undefined` key is one that its endpoint does not have. */
export const verify = (
  settings: Settings,
  tokens: ReadTokens,
  albKey: VerificationKey | undefined,
  accessKey: VerificationKey | undefined,
  nowMillis: number
): Result.Result<VerifiedClaims, TokenError> => {
  const { alb, access, albJws, accessJws } = tokens
  const albSigned = checkSignature(albJws, albKey)
  if (albSigned !== undefined) return Result.fail(albSigned)
  const accessSigned = checkSignature(accessJws, accessKey)
  if (accessSigned !== undefined) return Result.fail(accessSigned)
  const oidc = readPayload(albJws)
  if (Result.isFailure(oidc)) return Result.fail(oidc.failure)
  const albChecked = checkAlbClaims(settings, alb, oidc.success, nowMillis)
  if (Result.isFailure(albChecked)) return Result.fail(albChecked.failure)
  const accessChecked = checkAccessClaims(settings, alb, access.payload, nowMillis)
  if (Result.isFailure(accessChecked)) return Result.fail(accessChecked.failure)
  const same = checkSameSubject(oidc.success, access.payload, tokens.identity)
  if (Result.isFailure(same)) return Result.fail(same.failure)
  return Result.succeed({ oidc: oidc.success, access: access.payload })
}

const checkSignature = (jws: Jws, key: VerificationKey | undefined): KeyUnknown | SignatureInvalid | undefined => {
  const { header } = jws.form
  if (key === undefined) {
    return new KeyUnknown({
      header,
      check: "kid",
      expected: "a key of the configured endpoint",
      message: `${header} was refused: its endpoint has no key of this kid. If the load balancer's keys lie elsewhere, set albKeysUrl or jwksUrl.`
    })
  }
  if (hasValidSignature(jws, key)) return undefined
  return new SignatureInvalid({
    header,
    check: "signature",
    expected: `a signature by the key of this kid over the text as it was sent`,
    message: `${header} was refused: its signature is wrong. The token was changed on its way, or forged.`
  })
}
