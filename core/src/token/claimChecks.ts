/** The checks that several tokens have in common, each under the name of its own row in `errors/Check.ts`. */
import * as Result from "effect/Result"
import type { TokenError } from "../errors/AuthError.ts"
import { type CheckId, checks, type RefusalTag } from "../errors/Check.ts"
import { refuse } from "../errors/refuse.ts"
import type { Expected } from "./Expected.ts"
import { hasExpired, isNotYetValid } from "./Validity.ts"

export type Checked<A> = Result.Result<A, TokenError>
export const passed: Checked<void> = Result.succeed(undefined)

/** The checks that fail with this error. */
type CheckOf<Tag extends string> = { [Id in CheckId]: Tag extends RefusalTag<Id> ? Id : never }[CheckId]

/** A NumericDate (RFC 7519 §2). */
export const isNumericDate = (value: unknown): value is number => Number.isFinite(value)

/** Required, and later than now. */
export const checkExpiry = (expected: Expected, check: CheckOf<"TokenExpired">, exp: unknown, nowMillis: number): Checked<void> => {
  if (!isNumericDate(exp)) return fail(check, "TokenMalformed", "a number of seconds", "its exp is missing or not a number")
  if (!hasExpired(exp, expected.clockToleranceMillis, nowMillis)) return passed
  return fail(
    check,
    "TokenExpired",
    "later than now",
    "it has expired. Reload the page, or have the service get a new one; if it expires again immediately, check this machine's clock"
  )
}

/** Where there is one, now or earlier. */
export const checkNotBefore = (expected: Expected, check: CheckOf<"TokenNotYetValid">, nbf: unknown, nowMillis: number): Checked<void> => {
  if (nbf === undefined) return passed
  if (!isNumericDate(nbf)) return fail(check, "TokenMalformed", "a number of seconds", "its nbf is not a number")
  if (!isNotYetValid(nbf, expected.clockToleranceMillis, nowMillis)) return passed
  return fail(check, "TokenNotYetValid", "now or earlier", "it is not valid yet. Check this machine's clock")
}

/** A kid has a few dozen characters. A much longer one would only fill caches. */
const maxKidLength = 256

/** Whether it is the `kid` of a key in a JWK Set. */
export const isKid = (kid: unknown): kid is string => typeof kid === "string" && kid !== "" && kid.length <= maxKidLength

export const refuseIssuer = (expected: Expected, check: CheckOf<"IssuerRefused">) => {
  const issuers = list(expected.issuers.keys())
  const remedy =
    expected.provider._tag === "cognito"
      ? "If that user pool is yours, add its id to userPoolId (COGNITO_AUTH_USER_POOL_ID)"
      : "Give the issuer exactly as in the load balancer's rule, a slash at the end included (COGNITO_AUTH_ISSUER)"
  return fail(check, "IssuerRefused", issuers, `it was not issued by ${issuers}. ${remedy}`)
}

export const refuseClient = (expected: Expected, check: CheckOf<"ClientRefused">) => {
  const clients = list(expected.clientIds)
  return fail(
    check,
    "ClientRefused",
    clients,
    `it was not issued to the app client ${clients}. If that client is yours, add its id to clientId (COGNITO_AUTH_CLIENT_ID)`
  )
}

export const list = (values: Iterable<string>): string => [...values].join(" or ")

export const fail = <Id extends CheckId, Tag extends RefusalTag<Id>>(id: Id, tag: Tag, expected: string, what: string) =>
  refuse(id, tag, expected, `${checks[id].header} was refused: ${what}.`)
