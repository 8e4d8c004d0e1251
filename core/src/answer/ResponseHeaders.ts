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
  ...challenge(error),
  ...("retryAfterSeconds" in error ? { "retry-after": String(error.retryAfterSeconds) } : {})
})

/** RFC 6750 §3: a resource that needs a token says why the one it got was not enough. A user's sign-in has no scopes to ask for more of. */
const challenge = (error: AuthError): Readonly<Record<string, string>> => {
  if (httpMeaning[error._tag].status === 401) return invalidToken
  if (error._tag !== "NotAuthorised" || error.requiredScopes === undefined) return {}
  // The scopes are configured, and have neither quotes nor backslashes (readEntries.ts).
  const scope = error.requiredScopes.length === 0 ? "" : `, scope="${error.requiredScopes.join(" ")}"`
  return { "www-authenticate": `Bearer error="insufficient_scope"${scope}` }
}

const invalidToken = { "www-authenticate": `Bearer error="invalid_token"` } as const
