/** The header fields that core sets on responses, as plain data. Adapters write them to the response. */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"

/** Header fields to set on a response. A list stands for several fields with the same name. */
export type ResponseHeaders = Readonly<Record<string, string | ReadonlyArray<string>>>

/** The responses depend on the user, so they must not be cached. */
export const noStore = { "cache-control": "no-store" } as const

const noHeaders: ResponseHeaders = Object.freeze({})

/** Marks the responses for the mock user of dev mode. */
const devModeHeaders: ResponseHeaders = Object.freeze({ "x-cognito-auth-dev-mode": "true" })

/** Header fields to add to the response of an admitted request. */
export const admitHeaders = (options: { readonly isMock: boolean }): ResponseHeaders => (options.isMock ? devModeHeaders : noHeaders)

/** Header fields of a refusal, in addition to those of its body. */
export const refusalHeaders = (error: AuthError): Readonly<Record<string, string>> => ({
  // RFC 6750 §3: the response to an invalid token has this challenge.
  ...(httpMeaning[error._tag].status === 401 ? { "www-authenticate": `Bearer error="invalid_token"` } : {}),
  ...("retryAfterSeconds" in error ? { "retry-after": String(error.retryAfterSeconds) } : {})
})
