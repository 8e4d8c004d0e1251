/**
 * Step 2b, of the ALB's token: the checks of its JOSE header and its claims, and that all headers name one user. Pure: the time is an argument.
 *
 * The checks before the signatures are verified can only refuse a token, never admit it. They avoid the key fetch and the
 * signature check for a forged or expired token.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { KeyRef } from "../keys/KeySource.ts"
import { type Checked, checkExpiry, fail, isNumericDate, list, passed, refuseClient, refuseIssuer } from "./claimChecks.ts"
import type { Expected } from "./Expected.ts"
import type { JsonObject } from "./JsonObject.ts"

/** The checked members of the ALB's JOSE header. They are signed together with the payload. */
export interface AlbHeader {
  readonly key: KeyRef
  readonly issuer: string
  readonly client: string
  readonly exp: number
}

// The kid becomes part of the key's URL; a UUID cannot change the path (AWS ELB guide: the kid of an ALB is a UUID).
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The ALB's JOSE header: kid, signer, client, issuer and expiry. */
export const readAlbHeader = (expected: Expected, header: JsonObject, nowMillis: number): Checked<AlbHeader> => {
  const { kid, signer, client, iss } = header
  if (typeof kid !== "string" || !uuid.test(kid)) {
    return fail("alb.kid", "TokenMalformed", "a UUID", "its kid is not a UUID, which the kid of every load balancer's key is")
  }
  // ALBeast: the ALBs of all AWS customers sign with the same keys; only the signer identifies the load balancer.
  const keysUrl = typeof signer === "string" ? expected.signers.get(signer) : undefined
  if (keysUrl === undefined) {
    const arns = list(expected.signers.keys())
    return fail(
      "alb.signer",
      "SignerRefused",
      arns,
      `it was not signed by the load balancer ${arns}. If that one is yours, add its ARN to albArn (COGNITO_AUTH_ALB_ARN)`
    )
  }
  if (typeof client !== "string" || !expected.clientIds.has(client)) return refuseClient(expected, "alb.client")
  if (typeof iss !== "string" || !expected.issuers.has(iss)) return refuseIssuer(expected, "alb.iss")
  const { exp } = header
  if (!isNumericDate(exp)) return fail("alb.exp", "TokenMalformed", "a number of seconds", "its JOSE header has no exp")
  const inTime = checkExpiry(expected, "alb.exp", exp, nowMillis)
  if (Result.isFailure(inTime)) return Result.fail(inTime.failure)
  return Result.succeed({ key: { source: keysUrl, kid }, issuer: iss, client, exp })
}

/** The ALB's payload, after its signature: if it repeats `iss` and `exp`, the issuer is the same and it has not expired. */
export const checkAlbClaims = (expected: Expected, alb: AlbHeader, payload: JsonObject, nowMillis: number): Checked<void> => {
  // Tokens of 2018 have exp and iss in the JOSE header only.
  if ("iss" in payload && payload["iss"] !== alb.issuer) return refuseIssuer(expected, "alb.payload.iss")
  if ("exp" in payload) {
    const inTime = checkExpiry(expected, "alb.payload.exp", payload["exp"], nowMillis)
    if (Result.isFailure(inTime)) return inTime
  }
  return checkExpiry(expected, "alb.exp", alb.exp, nowMillis)
}

/** The first `exp` of the ALB's token, which passed its checks: of its JOSE header, and of its payload where that has one. */
export const albExpiry = (alb: AlbHeader, payload: JsonObject): number => Math.min(alb.exp, Number(payload["exp"] ?? alb.exp))

/** The `sub` is the same in both tokens, and in the plain header if it was sent. `access` is `undefined` if that token is ignored. */
export const checkSameSubject = (oidc: JsonObject, access: JsonObject | undefined, identity: string | undefined): Checked<void> => {
  const { sub } = oidc
  if (typeof sub !== "string" || sub === "") return fail("subject.alb", "TokenMalformed", "a string", "it has no sub")
  if (access !== undefined && access["sub"] !== sub) {
    return fail("subject.access", "SubjectMismatch", "the sub of x-amzn-oidc-data", "its user is not the user of x-amzn-oidc-data")
  }
  if (!isSubject(sub, identity)) {
    return fail("subject.identity", "SubjectMismatch", "the sub of x-amzn-oidc-data", "its user is not the user of x-amzn-oidc-data")
  }
  return passed
}

/** Whether the plain header, if it was sent, has this `sub`. */
export const isSubject = (sub: unknown, identity: string | undefined): boolean => identity === undefined || identity === sub
