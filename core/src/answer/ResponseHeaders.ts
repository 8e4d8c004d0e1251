/** The header fields that core sets on responses, as plain data. Adapters write them out. */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"

/** Header fields to set on a response. A list is as many fields of that name. */
export type ResponseHeaders = Readonly<Record<string, string | ReadonlyArray<string>>>

/** Nothing that is made here depends on anything but the request and its user: no cache keeps it. */
export const noStore = { "cache-control": "no-store" } as const

const noHeaders: ResponseHeaders = Object.freeze({})

/** Marks what was answered for the mock user of dev mode, so that nobody takes it for the real thing. */
const devModeHeaders: ResponseHeaders = Object.freeze({ "x-cognito-auth-dev-mode": "true" })

/** What an admitted request's response gets beside the app's own fields. */
export const admitHeaders = (options: { readonly isMock: boolean }): ResponseHeaders => (options.isMock ? devModeHeaders : noHeaders)

/** What a refusal's response gets beside the fields of its body. */
export const refusalHeaders = (error: AuthError): Readonly<Record<string, string>> => ({
  ...challenge(error),
  ...("retryAfterSeconds" in error ? { "retry-after": String(error.retryAfterSeconds) } : {})
})

/** RFC 6750 §3: a resource that needs a token says why the one it got was not enough. A user's sign-in has no scopes to ask for more of. */
const challenge = (error: AuthError): Readonly<Record<string, string>> => {
  if (httpMeaning[error._tag].status === 401) return { "www-authenticate": `Bearer error="invalid_token"` }
  if (error._tag !== "NotAuthorised" || error.requiredScopes === undefined) return {}
  // The scopes are configured, and have neither quotes nor backslashes (readEntries.ts).
  const scope = error.requiredScopes.length === 0 ? "" : `, scope="${error.requiredScopes.join(" ")}"`
  return { "www-authenticate": `Bearer error="insufficient_scope"${scope}` }
}
