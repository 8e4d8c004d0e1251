/**
 * Step 1: headers → raw tokens. What the ALB sent is taken as it is: never trimmed, joined or normalised.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { HeaderInvalid, HeaderMissing } from "../errors/AuthError.ts"
import { checks } from "../errors/Check.ts"
import { refuse } from "../errors/refuse.ts"
import type { HeaderFields } from "./Request.ts"

/** The user's claims, signed by the ALB. */
export const dataHeader = "x-amzn-oidc-data"
/** Cognito's access token. */
export const accessTokenHeader = "x-amzn-oidc-accesstoken"
/** The user's `sub` in plain text. */
export const identityHeader = "x-amzn-oidc-identity"

/** Each header's value is shorter than this: 16 KiB. (An ALB answers 500 above 11 KiB of claims and token.) */
export const maxHeaderLength = 16_384

/** The headers' values, unverified. Not for logs. */
export interface RawTokens {
  readonly data: string
  readonly accessToken: string
  /** Absent when the header was not sent. */
  readonly identity: string | undefined
}

/**
 * Takes the three headers out of a request's header fields; names count in any case.
 *
 * Fails with `HeaderMissing` where a token is absent or empty, with `HeaderInvalid` where one was sent twice, is not a
 * string, or is 16 KiB long or longer. Never throws, whatever it is given.
 */
export const readTokens = (fields: HeaderFields): Result.Result<RawTokens, HeaderMissing | HeaderInvalid> => {
  const found = collect(fields)
  const data = readOne("header.data", found.data)
  if (Result.isFailure(data)) return Result.fail(data.failure)
  const accessToken = readOne("header.accesstoken", found.accessToken)
  if (Result.isFailure(accessToken)) return Result.fail(accessToken.failure)
  if (found.identity === undefined) {
    return Result.succeed({ data: data.success, accessToken: accessToken.success, identity: undefined })
  }
  const identity = readOne("header.identity", found.identity)
  if (Result.isFailure(identity)) return Result.fail(identity.failure)
  return Result.succeed({ data: data.success, accessToken: accessToken.success, identity: identity.success })
}

/** Whether neither token header was sent at all: the only case in which dev mode may step in. */
export const hasNoTokens = (fields: HeaderFields): boolean => {
  const found = collect(fields)
  return found.data === undefined && found.accessToken === undefined
}

interface Collected {
  data: unknown
  accessToken: unknown
  identity: unknown
}

const collect = (fields: HeaderFields): Collected => {
  const found: Collected = { data: undefined, accessToken: undefined, identity: undefined }
  if (typeof fields !== "object" || fields === null) return found
  if (typeof fields.forEach === "function") {
    fields.forEach((value: string, name: string) => {
      // A Map has a forEach too, and may have anything for a key.
      if (typeof name === "string") collectOne(found, name, value)
    })
    return found
  }
  // Own fields only: a polluted Object.prototype signs nobody in.
  for (const name in fields) {
    if (mayCount(name) && Object.hasOwn(fields, name)) collectOne(found, name, (fields as Record<string, unknown>)[name])
  }
  return found
}

/** Most fields are passed over by their length. */
const mayCount = ({ length }: string): boolean =>
  length === dataHeader.length || length === accessTokenHeader.length || length === identityHeader.length

const collectOne = (found: Collected, name: string, value: unknown): void => {
  // The three names differ in length.
  switch (name.length) {
    case dataHeader.length:
      if (name === dataHeader || name.toLowerCase() === dataHeader) found.data = add(found.data, value)
      break
    case accessTokenHeader.length:
      if (name === accessTokenHeader || name.toLowerCase() === accessTokenHeader) found.accessToken = add(found.accessToken, value)
      break
    case identityHeader.length:
      if (name === identityHeader || name.toLowerCase() === identityHeader) found.identity = add(found.identity, value)
      break
  }
}

/** One name in two cases is one header sent twice. */
const add = (before: unknown, value: unknown): unknown =>
  value === undefined ? before : before === undefined ? value : [before, value].flat()

const readOne = (check: HeaderCheck, value: unknown): Result.Result<string, HeaderMissing | HeaderInvalid> => {
  let text = value
  if (Array.isArray(value)) {
    if (value.length > 1) return invalid(check, "sent once", "it was sent more than once")
    text = value[0]
  }
  if (text === undefined || text === "" || text === null) return missing(check)
  if (typeof text !== "string") return invalid(check, "a string", "it is not a string")
  if (text.length >= maxHeaderLength) return invalid(check, "under 16 KiB", "it is 16 KiB long or longer")
  // Node joins a header that was sent twice with ", ": no token holds a comma, nor does a Cognito sub.
  if (text.includes(",")) return invalid(check, "sent once", "it holds a comma: it was sent more than once")
  return Result.succeed(text)
}

type HeaderCheck = "header.data" | "header.accesstoken" | "header.identity"

const missing = (check: HeaderCheck) =>
  refuse(
    check,
    "HeaderMissing",
    "the header, as the load balancer sets it",
    `${checks[check].header} is missing: the request did not come through a load balancer rule that signs users in. Check that the rule authenticates, and that nothing reaches the app past the load balancer.`
  )

const invalid = (check: HeaderCheck, expected: string, what: string) =>
  refuse(
    check,
    "HeaderInvalid",
    expected,
    `${checks[check].header} was refused because ${what}. The load balancer sends it once; look for a proxy in between that adds or joins headers.`
  )

/** A header field that signing in does not depend on: the first value, in any case of the name. `name` is in lower case. */
export const firstValue = (headers: HeaderFields, name: string): string | undefined => {
  if (typeof headers !== "object" || headers === null) return undefined
  // Fetch knows no pseudo-header of HTTP/2, and throws when it is asked for one.
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
  if (typeof fields !== "object" || fields === null) return found
  if (typeof fields.forEach === "function") {
    fields.forEach((value: string, name: string) => {
      // A Map has a forEach too, and may have anything for a key.
      if (typeof name === "string") readOriginField(found, name, value)
    })
    return found
  }
  for (const name in fields) {
    // Most fields are passed over by their length; of which the four differ.
    const { length } = name
    if ((length === 14 || length === 6 || length === 4 || length === 10) && Object.hasOwn(fields, name)) {
      readOriginField(found, name, (fields as Record<string, unknown>)[name])
    }
  }
  return found
}

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
