/**
 * Step 2b, of the access token: the checks of its JOSE header and its claims. Pure: the time is an argument.
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

/** The access token's kid, issuer and expiry. `alb` is the other token of the same request. */
export const readAccessToken = (
  expected: Expected,
  header: JsonObject,
  payload: JsonObject,
  alb: AlbHeader,
  nowMillis: number
): Checked<AccessClaims> => {
  const { kid } = header
  if (!isKid(kid)) return fail("access.kid", "TokenMalformed", "a string", "its JOSE header has no kid")
  // The key URLs are configured; the token's iss only selects one of the configured issuers.
  const { iss } = payload
  const jwksUrl = typeof iss === "string" && iss === alb.issuer ? expected.issuers.get(iss) : undefined
  if (jwksUrl === undefined) return refuseIssuer(expected, "access.iss")
  const inTime = checkExpiry(expected, "access.exp", payload["exp"], nowMillis)
  if (Result.isFailure(inTime)) return Result.fail(inTime.failure)
  return Result.succeed({ key: { source: jwksUrl, kid }, payload })
}

/** The access token's claims, after its signature: what it is for, nbf, exp (RFC 7519 §4.1). */
export const checkAccessClaims = (expected: Expected, alb: AlbHeader, payload: JsonObject, nowMillis: number): Checked<void> => {
  const { provider } = expected
  const isForUs = provider._tag === "cognito" ? checkUse(expected, alb, payload) : checkAudience(provider.audience, payload["aud"])
  if (Result.isFailure(isForUs)) return isForUs
  const notBefore = checkNotBefore(expected, "access.nbf", payload["nbf"], nowMillis)
  if (Result.isFailure(notBefore)) return notBefore
  return checkExpiry(expected, "access.exp", payload["exp"], nowMillis)
}

/** Cognito's token_use and client_id (Cognito guide, "Access token"). It has no `aud`. */
const checkUse = (expected: Expected, alb: AlbHeader, payload: JsonObject): Checked<void> => {
  if (payload["token_use"] !== "access") {
    return fail(
      "access.token_use",
      "TokenUseRefused",
      "access",
      "its token_use is not access: look for a proxy that puts the ID token in its place"
    )
  }
  // Both tokens come from one sign-in, so from one client.
  return payload["client_id"] === alb.client ? passed : refuseClient(expected, "access.client_id")
}

/** RFC 7519 §4.1.3: a string, or a list of strings that holds it. */
const checkAudience = (audience: string | undefined, aud: unknown): Checked<void> => {
  const named: ReadonlyArray<unknown> = Array.isArray(aud) ? aud : [aud]
  if (audience !== undefined && named.includes(audience) && named.every((each) => typeof each === "string")) return passed
  return fail(
    "access.aud",
    "ClientRefused",
    audience ?? "an audience",
    `its aud is not ${audience ?? "known"}. Compare audience (COGNITO_AUTH_AUDIENCE) with the API that the provider issues access tokens for`
  )
}
