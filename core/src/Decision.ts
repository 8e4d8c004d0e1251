/**
 * The outcome of a request as plain data: admit, redirect or refuse. Every adapter answers alike because it is made here.
 *
 * @module
 */
import { type AuthError, httpMeaning } from "./AuthError.ts"
import type { AuthRequest, HeaderFields } from "./Request.ts"
import type { User } from "./User.ts"

/** Header fields to set on a response. A list is as many fields of that name. */
export type ResponseHeaders = Readonly<Record<string, string | ReadonlyArray<string>>>

/** A whole response as plain data. */
export interface Answer {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
}

/** Let the request in. `user` is absent on a bypassed path alone. */
export interface Admit {
  readonly _tag: "Admit"
  readonly user: User | undefined
  /** To be set on the app's own response. */
  readonly headers: ResponseHeaders
  /** Whether the connection must end when the user's access token expires. */
  readonly closeOnExpiry: boolean
}

/** Send the page load elsewhere. */
export interface Redirect extends Answer {
  readonly _tag: "Redirect"
  readonly status: 302
  readonly error: AuthError
}

/** Answer with a status and an `application/problem+json` body (RFC 9457). */
export interface Refuse extends Answer {
  readonly _tag: "Refuse"
  readonly status: 400 | 401 | 403 | 414 | 503
  readonly error: AuthError
}

export type Decision = Admit | Redirect | Refuse

/**
 * What a failed request gets. `negotiate`, the default: a page load is redirected, everything else gets the status.
 * `redirect`, `status`: always the one. A malformed request (400, 414), an outage (503) and an upgrade are never redirected.
 */
export type OnFailure = "redirect" | "status" | "negotiate"

const noHeaders: ResponseHeaders = Object.freeze({})

/** What a bypassed path gets. */
export const bypassed: Admit = Object.freeze({ _tag: "Admit", user: undefined, headers: noHeaders, closeOnExpiry: false })

/** Marks what was answered for the mock user of dev mode, so that nobody takes it for the real thing. */
const devModeHeaders: ResponseHeaders = Object.freeze({ "x-cognito-auth-dev-mode": "true" })

export const admit = (user: User, options: { readonly closeOnExpiry: boolean; readonly isMock: boolean }): Admit => ({
  _tag: "Admit",
  user,
  headers: options.isMock ? devModeHeaders : noHeaders,
  closeOnExpiry: options.closeOnExpiry
})

/** The answer to a request that failed. */
export const fail = (error: AuthError, request: AuthRequest, redirectUrl: string, onFailure: OnFailure): Redirect | Refuse => {
  const { status, title } = httpMeaning[error._tag]
  const mayRedirect =
    (status === 401 || status === 403) && request.upgrade !== true && onFailure !== "status" && !isAt(request.target, redirectUrl)
  if (mayRedirect && (onFailure === "redirect" || isPageLoad(request))) {
    return { _tag: "Redirect", status: 302, headers: { location: redirectUrl, "cache-control": "no-store" }, body: "", error }
  }
  const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" }
  // RFC 6750 §3: a resource that needs a token says why the one it got was not enough.
  if (status === 401) headers["www-authenticate"] = `Bearer error="invalid_token"`
  if ("retryAfterSeconds" in error) headers["retry-after"] = String(error.retryAfterSeconds)
  return { _tag: "Refuse", status, headers, body: problem(error, status, title), error }
}

/** RFC 9457 §3.1. Configured values stay in the log: whoever gets past the load balancer learns nothing of it. */
const problem = (error: AuthError, status: number, title: string): string => {
  const evidence = "header" in error ? { header: error.header, check: error.check } : {}
  return JSON.stringify({ type: "about:blank", title, status, error: error._tag, ...evidence })
}

/** A redirect to a path of this app that fails there again would never end. */
const isAt = (target: string, redirectUrl: string): boolean =>
  redirectUrl.startsWith("/") && target.split("?")[0] === redirectUrl.split("?")[0]

/** A browser that loads a page, as against a script, an image, a socket or a command line. For adapters with answers of their own. */
export const isPageLoad = (request: AuthRequest): boolean => {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  // Where the browser says what it is doing (Fetch Metadata), that counts; older ones tell by what they accept.
  const mode = field(request.headers, "sec-fetch-mode")
  return mode === undefined ? prefersHtml(field(request.headers, "accept") ?? "") : mode === "navigate"
}

/** Whether HTML comes first: the highest quality (RFC 9110 §12.5.1), and of equals the one named first. */
const prefersHtml = (accept: string): boolean => {
  // Most of what is no page load names no HTML at all.
  if (!/html/i.test(accept)) return false
  let best = { type: "", quality: 0 }
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith("q="))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    if (quality > best.quality) best = { type, quality }
  }
  return best.type === "text/html" || best.type === "application/xhtml+xml"
}

/** A header field that signing in does not depend on: the first value, in any case of the name. */
const field = (headers: HeaderFields, name: string): string | undefined => {
  if (typeof headers !== "object" || headers === null) return undefined
  if (typeof headers.get === "function") return headers.get(name) ?? undefined
  const record = headers as Readonly<Record<string, unknown>>
  const key = Object.hasOwn(record, name) ? name : Object.keys(record).find((other) => other.toLowerCase() === name)
  const value = key === undefined ? undefined : record[key]
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === "string" ? first : undefined
}
