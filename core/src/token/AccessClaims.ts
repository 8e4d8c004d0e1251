/**
 * Step 2b, of an access token, a user's or a service's: the checks of its JOSE header and its claims. Pure: the time is an argument.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { KeyRef } from "../keys/KeySource.ts"
import type { AlbHeader } from "./Claims.ts"
import { type Checked, checkExpiry, checkNotBefore, fail, isKid, passed, refuseClient, refuseIssuer } from "./claimChecks.ts"
import type { Expected } from "./Expected.ts"
import type { JsonObject } from "./JsonObject.ts"

/** The access token's key and payload, read before its signature is verified. */
export interface AccessClaims {
  readonly key: KeyRef
  readonly payload: JsonObject
}

/** Whose access token it is: a user's, beside the load balancer's token, or a service's, alone. Each has rows of its own in `errors/Check.ts`. */
export type AccessToken = "access" | "bearer"

/** An access token's kid, issuer and expiry. `issuer` is that of the load balancer's token beside it; `undefined`: any that is configured. */
export const readAccessToken = (
  expected: Expected,
  token: AccessToken,
  header: JsonObject,
  payload: JsonObject,
  issuer: string | undefined,
  nowMillis: number
): Checked<AccessClaims> => {
  const { kid } = header
  if (!isKid(kid)) return fail(`${token}.kid`, "TokenMalformed", "a string", "its JOSE header has no kid")
  // The key URLs are configured; the token's iss only selects one of the configured issuers.
  const { iss } = payload
  const jwksUrl = typeof iss === "string" && iss === (issuer ?? iss) ? expected.issuers.get(iss) : undefined
  if (jwksUrl === undefined) return refuseIssuer(expected, `${token}.iss`)
  const inTime = checkExpiry(expected, `${token}.exp`, payload["exp"], nowMillis)
  if (Result.isFailure(inTime)) return Result.fail(inTime.failure)
  return Result.succeed({ key: { source: jwksUrl, kid }, payload })
}

/** The access token's claims, after its signature: what it is for, nbf, exp (RFC 7519 §4.1). */
export const checkAccessClaims = (expected: Expected, alb: AlbHeader, payload: JsonObject, nowMillis: number): Checked<void> => {
  const { provider } = expected
  const isForUs = provider._tag === "cognito" ? checkUse(expected, alb, payload) : checkAudience(provider.audience, payload["aud"])
  return Result.isFailure(isForUs) ? isForUs : checkTimes(expected, "access", payload, nowMillis)
}

/** nbf and exp, as of the time when the signature was verified. */
export const checkTimes = (expected: Expected, token: AccessToken, payload: JsonObject, nowMillis: number): Checked<void> => {
  const notBefore = checkNotBefore(expected, `${token}.nbf`, payload["nbf"], nowMillis)
  return Result.isFailure(notBefore) ? notBefore : checkExpiry(expected, `${token}.exp`, payload["exp"], nowMillis)
}

/** Cognito's token_use (Cognito guide, "Access token"). */
export const checkTokenUse = (token: AccessToken, payload: JsonObject): Checked<void> => {
  if (payload["token_use"] === "access") return passed
  return fail(
    `${token}.token_use`,
    "TokenUseRefused",
    "access",
    "its token_use is not access: look for a proxy or a client that puts the ID token in its place"
  )
}

/** Cognito's token_use and client_id. It has no `aud`. */
const checkUse = (expected: Expected, alb: AlbHeader, payload: JsonObject): Checked<void> => {
  const isAccess = checkTokenUse("access", payload)
  if (Result.isFailure(isAccess)) return isAccess
  // Both tokens come from one sign-in, so from one client.
  return payload["client_id"] === alb.client ? passed : refuseClient(expected, "access.client_id")
}

/** RFC 7519 §4.1.3: a string, or a list of strings that holds it. Where no audience is expected, none passes: `undefined` is no string. */
const checkAudience = (audience: string | undefined, aud: unknown): Checked<void> => {
  const named: ReadonlyArray<unknown> = Array.isArray(aud) ? aud : [aud]
  if (named.includes(audience) && named.every((each) => typeof each === "string")) return passed
  return fail(
    "access.aud",
    "ClientRefused",
    audience ?? "an audience",
    `its aud is not ${audience ?? "known"}. Compare audience (COGNITO_AUTH_AUDIENCE) with the API that the provider issues access tokens for`
  )
}
