/**
 * Step 1 of a service's request: `Authorization` → the raw token. It is looked at on the paths of `services` alone.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { HeaderInvalid, HeaderMissing } from "../errors/AuthError.ts"
import { refuse } from "../errors/refuse.ts"
import { collectFields, collectValues } from "./collectFields.ts"
import { readOne } from "./Headers.ts"
import type { AuthRequest, HeaderFields } from "./Request.ts"
import { isServicePath, type ServicePaths } from "./ServicePaths.ts"

export const authorizationHeader = "authorization"

/** The header's value as the framework has it, where a service may ask; `undefined`: the request is a user's. */
export const findAuthorization = (services: ServicePaths, { target, routedTarget, headers, rawHeaders }: AuthRequest): unknown => {
  if (!isServicePath(services, target, routedTarget)) return undefined
  const value = collectValues(headers, authorizationHeader)
  return typeof value === "string" && rawHeaders !== undefined && countOf(rawHeaders) > 1 ? [value, value] : value
}

/** How often the header was sent. */
const countOf = (rawHeaders: ReadonlyArray<string>): number => {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === authorizationHeader.length && name.toLowerCase() === authorizationHeader) count++
  }
  return count
}

/** RFC 6750 §2.1. Schemes are case-insensitive (RFC 9110 §11.1), but one spelling is enough, and no proxy can take another for none. */
const scheme = "Bearer "

/** The token in a value of exactly this scheme, one space and one token; `undefined`: it is something else. */
export const bearerTokenOf = (value: string): string | undefined => {
  const token = value.slice(scheme.length)
  return value.startsWith(scheme) && token !== "" && !token.includes(" ") ? token : undefined
}

/**
 * The token, which is all that follows `Bearer `.
 *
 * Fails with `HeaderMissing` where the header is empty, with `HeaderInvalid` where it was sent twice, is not a string, is 16 KiB long
 * or longer, or has another scheme, or where the load balancer has signed a user in too: nobody could tell whom the app is to act for.
 */
export const readAuthorization = (value: unknown, headers: HeaderFields): Result.Result<string, HeaderMissing | HeaderInvalid> => {
  const { data, accessToken, identity } = collectFields(headers)
  if (data !== undefined || accessToken !== undefined || identity !== undefined) {
    return refuse(
      "bearer.alone",
      "HeaderInvalid",
      "no x-amzn-oidc-* header beside it",
      "authorization was refused because the load balancer's headers of a user came with it: a request has one sign-in. Have the listener rule of this path verify tokens (jwt-validation) or sign users in, not both."
    )
  }
  const single = readOne("bearer.header", value)
  if (Result.isFailure(single)) return single
  const token = bearerTokenOf(single.success)
  if (token !== undefined) return Result.succeed(token)
  return refuse(
    "bearer.scheme",
    "HeaderInvalid",
    "Bearer, one space, and one token",
    "authorization was refused because it is not Bearer, in exactly these letters, one space, and one token (RFC 6750 §2.1)."
  )
}
