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
  // RFC 6750 §3: a resource that needs a token says why the one it got was not enough.
  ...(httpMeaning[error._tag].status === 401 ? { "www-authenticate": `Bearer error="invalid_token"` } : {}),
  ...("retryAfterSeconds" in error ? { "retry-after": String(error.retryAfterSeconds) } : {})
})
