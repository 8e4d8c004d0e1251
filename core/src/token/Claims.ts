/**
 * Step 2b: what must hold of the JOSE headers and the claims. Pure: the time is an argument.
 *
 * What is read before the signatures are verified can only refuse, never admit: it spares a forged or an expired token
 * the key fetch and the signature check.
 *
 * @module
 */
import * as Result from "effect/Result"
import {
  ClientRefused,
  type Evidence,
  type IdentityHeader,
  IssuerRefused,
  SignerRefused,
  SubjectMismatch,
  type TokenError,
  TokenExpired,
  TokenMalformed,
  TokenNotYetValid,
  TokenUseRefused
} from "../errors/AuthError.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import { accessTokenHeader, dataHeader, identityHeader } from "../request/Headers.ts"
import type { JsonObject } from "./JsonObject.ts"

/** What tokens are compared with. It comes from configuration, never from a token. */
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

/** What the ALB's JOSE header says, each of it expected. It is signed with the payload. */
export interface AlbHeader {
  readonly key: KeyRef
  readonly issuer: string
  readonly client: string
  readonly exp: number
}

/** What picks the access token's key: read before its signature is verified. */
export interface AccessClaims {
  readonly key: KeyRef
  readonly payload: JsonObject
}

// It goes into the key's URL: a UUID cannot leave the path (AWS ELB guide: the kid of an ALB is a UUID).
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A Cognito kid is a few dozen characters; a longer one only fills tables. */
const maxKidLength = 256

/** The ALB's JOSE header: kid, signer, client, issuer and expiry. */
export const readAlbHeader = (expected: Expected, header: JsonObject, nowMillis: number): Checked<AlbHeader> => {
  const { kid, signer, client, iss } = header
  if (typeof kid !== "string" || !uuid.test(kid)) {
    return fail(TokenMalformed, dataHeader, "kid", "a UUID", "its kid is not a UUID, which the kid of every load balancer's key is")
  }
  // ALBeast: every AWS customer's ALB signs with the same keys; only the signer tells whose it was.
  const keysUrl = typeof signer === "string" ? expected.signers.get(signer) : undefined
  if (keysUrl === undefined) {
    const arns = list(expected.signers.keys())
    return fail(
      SignerRefused,
      dataHeader,
      "signer",
      arns,
      `it was signed by another load balancer than ${arns}. If that one is yours, add its ARN to albArn (COGNITO_AUTH_ALB_ARN)`
    )
  }
  if (typeof client !== "string" || !expected.clientIds.has(client)) return refuseClient(expected, dataHeader, "client")
  if (typeof iss !== "string" || !expected.issuers.has(iss)) return refuseIssuer(expected, dataHeader)
  const { exp } = header
  if (!isNumericDate(exp)) return fail(TokenMalformed, dataHeader, "exp", "a number of seconds", "its JOSE header has no exp")
  return checkKnownHeader(expected, { key: { source: keysUrl, kid }, issuer: iss, client, exp }, nowMillis)
}

/** What the clock says of a header that has been read: now, or before from a token whose signature held. */
export const checkKnownHeader = (expected: Expected, alb: AlbHeader, nowMillis: number): Checked<AlbHeader> => {
  const inTime = checkExpiry(expected, dataHeader, alb.exp, nowMillis)
  return Result.isFailure(inTime) ? Result.fail(inTime.failure) : Result.succeed(alb)
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
    return fail(TokenMalformed, accessTokenHeader, "kid", "a text", "its JOSE header has no kid")
  }
  // The keys come from where the configuration says; the token's iss only picks among the configured pools.
  const { iss } = payload
  const jwksUrl = typeof iss === "string" && iss === alb.issuer ? expected.issuers.get(iss) : undefined
  if (jwksUrl === undefined) return refuseIssuer(expected, accessTokenHeader)
  const inTime = checkExpiry(expected, accessTokenHeader, payload["exp"], nowMillis)
  if (Result.isFailure(inTime)) return Result.fail(inTime.failure)
  return Result.succeed({ key: { source: jwksUrl, kid }, payload })
}

/** The ALB's payload, its signature verified: where it repeats `iss` and `exp`, they agree and are in time. */
export const checkAlbClaims = (expected: Expected, alb: AlbHeader, payload: JsonObject, nowMillis: number): Checked<void> => {
  // Tokens of 2018 have exp and iss in the JOSE header only.
  if ("iss" in payload && payload["iss"] !== alb.issuer) return refuseIssuer(expected, dataHeader)
  if ("exp" in payload) {
    const inTime = checkExpiry(expected, dataHeader, payload["exp"], nowMillis)
    if (Result.isFailure(inTime)) return inTime
  }
  return checkExpiry(expected, dataHeader, alb.exp, nowMillis)
}

/** The access token's claims, its signature verified: token_use, client_id, nbf, exp (RFC 7519 §4.1; Cognito guide, "Access token"). */
export const checkAccessClaims = (expected: Expected, alb: AlbHeader, payload: JsonObject, nowMillis: number): Checked<void> => {
  if (payload["token_use"] !== "access") {
    return fail(
      TokenUseRefused,
      accessTokenHeader,
      "token_use",
      "access",
      "its token_use is not access: look for a proxy that puts the ID token in its place"
    )
  }
  // Both tokens are of one sign-in, so of one client.
  if (payload["client_id"] !== alb.client) return refuseClient(expected, accessTokenHeader, "client_id")
  const { nbf } = payload
  if (nbf !== undefined) {
    if (!isNumericDate(nbf)) return fail(TokenMalformed, accessTokenHeader, "nbf", "a number of seconds", "its nbf is not a number")
    if (nowMillis < nbf * 1000 - expected.clockToleranceMillis) {
      return fail(TokenNotYetValid, accessTokenHeader, "nbf", "now or earlier", "it is not valid yet. Check this machine's clock")
    }
  }
  return checkExpiry(expected, accessTokenHeader, payload["exp"], nowMillis)
}

/** The same `sub` in both tokens, and in the plain header when it was sent. */
export const checkSameSubject = (oidc: JsonObject, access: JsonObject, identity: string | undefined): Checked<void> => {
  const { sub } = oidc
  if (typeof sub !== "string" || sub === "") return fail(TokenMalformed, dataHeader, "sub", "a text", "it has no sub")
  if (access["sub"] !== sub) {
    return fail(SubjectMismatch, accessTokenHeader, "sub", "the sub of x-amzn-oidc-data", "it is about another user than x-amzn-oidc-data")
  }
  if (identity !== undefined && identity !== sub) {
    return fail(SubjectMismatch, identityHeader, "sub", "the sub of x-amzn-oidc-data", "it names another user than x-amzn-oidc-data")
  }
  return passed
}

/** When tokens that passed every check would pass the clock's again: from, and before, these milliseconds since 1970. */
export interface Validity {
  readonly fromMillis: number
  readonly untilMillis: number
}

/** What all the checks of `exp` and `nbf` above come to. For tokens that passed them: the claims have their types. */
export const validityOf = (expected: Expected, alb: AlbHeader, oidc: JsonObject, access: JsonObject): Validity => {
  const exp = Math.min(alb.exp, Number(oidc["exp"] ?? alb.exp), Number(access["exp"]))
  const nbf = access["nbf"] === undefined ? Number.NEGATIVE_INFINITY : Number(access["nbf"])
  return { fromMillis: nbf * 1000 - expected.clockToleranceMillis, untilMillis: exp * 1000 + expected.clockToleranceMillis }
}

export const isWithin = ({ fromMillis, untilMillis }: Validity, nowMillis: number): boolean =>
  fromMillis <= nowMillis && nowMillis < untilMillis

const isNumericDate = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value)

/** RFC 7519 §4.1.4: on or after exp, a token is refused; the tolerance allows for clocks that differ. */
const checkExpiry = (expected: Expected, header: IdentityHeader, exp: unknown, nowMillis: number): Checked<void> => {
  if (!isNumericDate(exp)) return fail(TokenMalformed, header, "exp", "a number of seconds", "its exp is missing or not a number")
  if (nowMillis < exp * 1000 + expected.clockToleranceMillis) return passed
  return fail(
    TokenExpired,
    header,
    "exp",
    "later than now",
    "it has expired. Reload the page; if it happens at once, check this machine's clock"
  )
}

const refuseIssuer = (expected: Expected, header: IdentityHeader) => {
  const issuers = list(expected.issuers.keys())
  return fail(
    IssuerRefused,
    header,
    "iss",
    issuers,
    `it was not issued by ${issuers}. If that user pool is yours, add its id to userPoolId (COGNITO_AUTH_USER_POOL_ID)`
  )
}

const refuseClient = (expected: Expected, header: IdentityHeader, check: string) => {
  const clients = list(expected.clientIds)
  return fail(
    ClientRefused,
    header,
    check,
    clients,
    `it was not issued to the app client ${clients}. If that client is yours, add its id to clientId (COGNITO_AUTH_CLIENT_ID)`
  )
}

const list = (values: Iterable<string>): string => [...values].join(" or ")

const fail = <E>(
  error: new (evidence: Evidence) => E,
  header: IdentityHeader,
  check: string,
  expected: string,
  what: string
): Result.Result<never, E> => Result.fail(new error({ header, check, expected, message: `${header} was refused: ${what}.` }))
