/**
 * Step 2b: the checks of the JOSE headers and the claims. Pure: the time is an argument.
 *
 * The checks before the signatures are verified can only refuse a token, never admit it. They avoid the key fetch and the
 * signature check for a forged or expired token.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TokenError } from "../errors/AuthError.ts"
import { type CheckId, checks, type RefusalTag } from "../errors/Check.ts"
import { refuse } from "../errors/refuse.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import type { JsonObject } from "./JsonObject.ts"
import { hasExpired, isNotYetValid } from "./Validity.ts"

/** The expected values of tokens. They come from the configuration, never from a token. */
export interface Expected {
  /** The only signers accepted, each with the base URL of its keys. */
  readonly signers: ReadonlyMap<string, string>
  /** The only issuers accepted, each with the URL of its JWK Set. */
  readonly issuers: ReadonlyMap<string, string>
  /** The only app clients accepted. */
  readonly clientIds: ReadonlySet<string>
  readonly clockToleranceMillis: number
}

/** The claims of both tokens, after every check. Objects without a prototype. */
export interface VerifiedClaims {
  /** The payload of the ALB's token. */
  readonly oidc: JsonObject
  /** The payload of Cognito's access token. */
  readonly access: JsonObject
}

type Checked<A> = Result.Result<A, TokenError>
const passed: Checked<void> = Result.succeed(undefined)

/** The checked members of the ALB's JOSE header. They are signed together with the payload. */
export interface AlbHeader {
  readonly key: KeyRef
  readonly issuer: string
  readonly client: string
  readonly exp: number
}

/** The access token's key and payload, read before its signature is verified. */
export interface AccessClaims {
  readonly key: KeyRef
  readonly payload: JsonObject
}

// The kid becomes part of the key's URL; a UUID cannot change the path (AWS ELB guide: the kid of an ALB is a UUID).
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A Cognito kid has a few dozen characters. A much longer one would only fill caches. */
const maxKidLength = 256

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

/** The access token's kid, issuer and expiry. `alb` is the other token of the same request. */
export const readAccessToken = (
  expected: Expected,
  header: JsonObject,
  payload: JsonObject,
  alb: AlbHeader,
  nowMillis: number
): Checked<AccessClaims> => {
  const { kid } = header
  if (typeof kid !== "string" || kid === "" || kid.length > maxKidLength) {
    return fail("access.kid", "TokenMalformed", "a string", "its JOSE header has no kid")
  }
  // The key URLs are configured; the token's iss only selects one of the configured pools.
  const { iss } = payload
  const jwksUrl = typeof iss === "string" && iss === alb.issuer ? expected.issuers.get(iss) : undefined
  if (jwksUrl === undefined) return refuseIssuer(expected, "access.iss")
  const inTime = checkExpiry(expected, "access.exp", payload["exp"], nowMillis)
  if (Result.isFailure(inTime)) return Result.fail(inTime.failure)
  return Result.succeed({ key: { source: jwksUrl, kid }, payload })
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

/** The access token's claims, after its signature: token_use, client_id, nbf, exp (RFC 7519 §4.1; Cognito guide, "Access token"). */
export const checkAccessClaims = (expected: Expected, alb: AlbHeader, payload: JsonObject, nowMillis: number): Checked<void> => {
  if (payload["token_use"] !== "access") {
    return fail(
      "access.token_use",
      "TokenUseRefused",
      "access",
      "its token_use is not access: look for a proxy that puts the ID token in its place"
    )
  }
  // Both tokens come from one sign-in, so from one client.
  if (payload["client_id"] !== alb.client) return refuseClient(expected, "access.client_id")
  const { nbf } = payload
  if (nbf !== undefined) {
    if (!isNumericDate(nbf)) return fail("access.nbf", "TokenMalformed", "a number of seconds", "its nbf is not a number")
    if (isNotYetValid(nbf, expected.clockToleranceMillis, nowMillis)) {
      return fail("access.nbf", "TokenNotYetValid", "now or earlier", "it is not valid yet. Check this machine's clock")
    }
  }
  return checkExpiry(expected, "access.exp", payload["exp"], nowMillis)
}

/** The `sub` is the same in both tokens, and in the plain header if it was sent. */
export const checkSameSubject = (oidc: JsonObject, access: JsonObject, identity: string | undefined): Checked<void> => {
  const { sub } = oidc
  if (typeof sub !== "string" || sub === "") return fail("subject.alb", "TokenMalformed", "a string", "it has no sub")
  if (access["sub"] !== sub) {
    return fail("subject.access", "SubjectMismatch", "the sub of x-amzn-oidc-data", "its user is not the user of x-amzn-oidc-data")
  }
  if (!isSubject(sub, identity)) {
    return fail("subject.identity", "SubjectMismatch", "the sub of x-amzn-oidc-data", "its user is not the user of x-amzn-oidc-data")
  }
  return passed
}

/** Whether the plain header, if it was sent, has this `sub`. */
export const isSubject = (sub: unknown, identity: string | undefined): boolean => identity === undefined || identity === sub

const isNumericDate = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value)

const checkExpiry = (
  expected: Expected,
  check: "alb.exp" | "alb.payload.exp" | "access.exp",
  exp: unknown,
  nowMillis: number
): Checked<void> => {
  if (!isNumericDate(exp)) return fail(check, "TokenMalformed", "a number of seconds", "its exp is missing or not a number")
  if (!hasExpired(exp, expected.clockToleranceMillis, nowMillis)) return passed
  return fail(
    check,
    "TokenExpired",
    "later than now",
    "it has expired. Reload the page; if it expires again immediately, check this machine's clock"
  )
}

const refuseIssuer = (expected: Expected, check: "alb.iss" | "alb.payload.iss" | "access.iss") => {
  const issuers = list(expected.issuers.keys())
  return fail(
    check,
    "IssuerRefused",
    issuers,
    `it was not issued by ${issuers}. If that user pool is yours, add its id to userPoolId (COGNITO_AUTH_USER_POOL_ID)`
  )
}

const refuseClient = (expected: Expected, check: "alb.client" | "access.client_id") => {
  const clients = list(expected.clientIds)
  return fail(
    check,
    "ClientRefused",
    clients,
    `it was not issued to the app client ${clients}. If that client is yours, add its id to clientId (COGNITO_AUTH_CLIENT_ID)`
  )
}

const list = (values: Iterable<string>): string => [...values].join(" or ")

const fail = <Id extends CheckId, Tag extends RefusalTag<Id>>(id: Id, tag: Tag, expected: string, what: string) =>
  refuse(id, tag, expected, `${checks[id].header} was refused: ${what}.`)
