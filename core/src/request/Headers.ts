/**
 * Step 1: headers → raw tokens. Values are passed on as they were received: never trimmed, joined or normalised.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { HeaderInvalid, HeaderMissing } from "../errors/AuthError.ts"
import { checks } from "../errors/Check.ts"
import { refuse } from "../errors/refuse.ts"
import { accessTokenHeader, collectFields, dataHeader, identityHeader, walkFields } from "./collectFields.ts"
import type { HeaderFields } from "./Request.ts"

export { accessTokenHeader, dataHeader, identityHeader }

/** Each header's value is shorter than this: 16 KiB. (An ALB answers 500 above 11 KiB of claims and token.) */
export const maxHeaderLength = 16_384

/** The values of the headers, not verified. Not for logs. */
export interface RawTokens {
  readonly data: string
  /** `undefined`: it is ignored, and was not looked at. */
  readonly accessToken: string | undefined
  /** Absent when the header was not sent. */
  readonly identity: string | undefined
}

/** How the headers depend on who signs users in. */
export interface HeaderRules {
  /** Nothing of the access token's header is looked at: whether it is there, how often, how long. */
  readonly ignoresAccessToken: boolean
  /** A `sub` may hold a comma, as a name in a directory does. A header that was sent twice is then no user's `sub`. */
  readonly subMayHoldComma: boolean
}

const cognitoRules: HeaderRules = { ignoresAccessToken: false, subMayHoldComma: false }

/**
 * Reads the three headers from the header fields of a request. Their names may be in any case.
 *
 * Fails with `HeaderMissing` where a token is absent or empty, with `HeaderInvalid` where one was sent twice, is not a
 * string, or is 16 KiB long or longer. Never throws, whatever its argument is.
 */
export const readTokens = (
  fields: HeaderFields,
  rules: HeaderRules = cognitoRules
): Result.Result<RawTokens, HeaderMissing | HeaderInvalid> => {
  const found = collectFields(fields)
  const data = readOne("header.data", found.data)
  if (Result.isFailure(data)) return Result.fail(data.failure)
  const accessToken = rules.ignoresAccessToken ? ignored : readOne("header.accesstoken", found.accessToken)
  if (Result.isFailure(accessToken)) return Result.fail(accessToken.failure)
  if (found.identity === undefined) {
    return Result.succeed({ data: data.success, accessToken: accessToken.success, identity: undefined })
  }
  const identity = readOne("header.identity", found.identity, rules.subMayHoldComma)
  if (Result.isFailure(identity)) return Result.fail(identity.failure)
  return Result.succeed({ data: data.success, accessToken: accessToken.success, identity: identity.success })
}

const ignored: Result.Result<undefined, never> = Result.succeed(undefined)

/** Whether neither token header was sent: the only case in which dev mode gives a mock user. */
export const hasNoTokens = (fields: HeaderFields): boolean => {
  const found = collectFields(fields)
  return found.data === undefined && found.accessToken === undefined
}

/** The value of a header that must be sent once. */
export const readOne = (check: HeaderCheck, value: unknown, mayHoldComma = false): Result.Result<string, HeaderMissing | HeaderInvalid> => {
  let single = value
  if (Array.isArray(value)) {
    if (value.length > 1) return invalid(check, "sent once", "it was sent more than once")
    single = value[0]
  }
  if (single === undefined || single === "" || single === null) return missing(check)
  if (typeof single !== "string") return invalid(check, "a string", "it is not a string")
  if (single.length >= maxHeaderLength) return invalid(check, "under 16 KiB", "it is 16 KiB long or longer")
  // Node joins the values of a header that was sent twice with ", ". No token has a comma, and no Cognito sub.
  if (!mayHoldComma && single.includes(",")) return invalid(check, "sent once", "it holds a comma: it was sent more than once")
  return Result.succeed(single)
}

type HeaderCheck = "header.data" | "header.accesstoken" | "header.identity" | "bearer.header"

const missing = (check: HeaderCheck) =>
  refuse(
    check,
    "HeaderMissing",
    "the header, as the load balancer sets it",
    check === "bearer.header"
      ? "authorization is empty: expected Bearer and a token (RFC 6750 §2.1)."
      : `${checks[check].header} is missing: the request did not come through a load balancer rule that signs users in. Check that the rule authenticates, and that nothing reaches the app past the load balancer.`
  )

const invalid = (check: HeaderCheck, expected: string, what: string) =>
  refuse(
    check,
    "HeaderInvalid",
    expected,
    `${checks[check].header} was refused because ${what}. The load balancer sends it once; look for a proxy in between that adds or joins headers.`
  )

/** The first value of a header that signing in does not depend on. `name` is in lower case; the header's may be in any. */
export const firstValue = (headers: HeaderFields, name: string): string | undefined => {
  if (typeof headers !== "object" || headers === null) return undefined
  // Fetch has no pseudo-headers of HTTP/2, and throws when it is asked for one.
  if (typeof headers.get === "function") return name.startsWith(":") ? undefined : (headers.get(name) ?? undefined)
  const record = headers as Readonly<Record<string, unknown>>
  const key = Object.hasOwn(record, name) ? name : Object.keys(record).find((other) => other.toLowerCase() === name)
  const value = key === undefined ? undefined : record[key]
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === "string" ? first : undefined
}

/** What a browser says of where a request comes from, and where to. `undefined`: it was not sent. */
export interface OriginFields {
  site: string | undefined
  origin: string | undefined
  host: string | undefined
  /** RFC 9113 §8.3.1: the host over HTTP/2. */
  authority: string | undefined
}

/**
 * Reads `Sec-Fetch-Site`, `Origin`, `Host` and `:authority`, in any case of the names. What was sent twice is joined as HTTP joins it
 * (RFC 9110 §5.3), so that it equals no single value. Never throws, whatever it is given.
 */
export const readOriginFields = (fields: HeaderFields): OriginFields => {
  const found: OriginFields = { site: undefined, origin: undefined, host: undefined, authority: undefined }
  walkFields(fields, hasOriginLength, (name, value) => readOriginField(found, name, value))
  return found
}

/** Most fields are passed over by their length; in which the four differ. */
const hasOriginLength = ({ length }: string): boolean => length === 14 || length === 6 || length === 4 || length === 10

const readOriginField = (found: OriginFields, name: string, value: unknown): void => {
  switch (name.toLowerCase()) {
    case "sec-fetch-site":
      found.site = join(found.site, value)
      break
    case "origin":
      found.origin = join(found.origin, value)
      break
    case "host":
      found.host = join(found.host, value)
      break
    case ":authority":
      found.authority = join(found.authority, value)
      break
  }
}

const join = (before: string | undefined, value: unknown): string | undefined => {
  if (value === undefined || value === null) return before
  if (Array.isArray(value)) return value.reduce(join, before)
  const text = typeof value === "string" ? value : "(not a string)"
  return before === undefined ? text : `${before}, ${text}`
}

/** Whether a field was sent, as frameworks have it: `name` is in lower case. In constant time, since it is asked of every request. */
export const hasField = (headers: HeaderFields, name: string): boolean => {
  if (typeof headers !== "object" || headers === null) return false
  const value = typeof headers.get === "function" ? headers.get(name) : (headers as Readonly<Record<string, unknown>>)[name]
  return value !== undefined && value !== null
}
