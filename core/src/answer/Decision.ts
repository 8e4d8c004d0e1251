/**
 * The outcome of a request as plain data: admit, redirect or refuse. Every adapter answers alike because it is made here.
 *
 * @module
 */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import { firstValue } from "../request/Headers.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { User } from "../user/User.ts"
import { isAtRedirect } from "./RedirectLoop.ts"
import { type Page, type Refusal, toRefusal } from "./RefusalPage.ts"

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

/** Answer with a status: a page load with an HTML page, everything else with an `application/problem+json` body (RFC 9457). */
export interface Refuse extends Answer {
  readonly _tag: "Refuse"
  readonly status: 400 | 401 | 403 | 414 | 503
  readonly error: AuthError
}

export type Decision = Admit | Redirect | Refuse

/**
 * What a failed request gets. `negotiate`, the default: a page load is redirected to `redirectUrl`, or gets an HTML page with the
 * status where there is none; everything else gets the status and a problem document (RFC 9457). `redirect`: every request is
 * redirected; it needs a `redirectUrl`. `status`: every request gets the status and a problem document.
 * A malformed request (400, 414), a cross-origin one, an outage (503), an upgrade, and what is refused at `redirectUrl` itself are never redirected.
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

/** What the settings say of a request that failed. */
export interface FailureSettings {
  readonly redirectUrl: string | undefined
  readonly refusalPage: (refusal: Refusal) => Page
}

/** The answer to a request that failed. */
export const fail = (
  error: AuthError,
  request: AuthRequest,
  { redirectUrl, refusalPage }: FailureSettings,
  onFailure: OnFailure
): Redirect | Refuse => {
  const { status, title } = httpMeaning[error._tag]
  const isForPage = onFailure !== "status" && request.upgrade !== true && isPageLoad(request)
  // Of a cross-origin request it is not the user who is refused.
  const isAboutUser = (status === 401 || status === 403) && error._tag !== "CrossOriginRefused"
  const mayRedirect = redirectUrl !== undefined && isAboutUser && request.upgrade !== true
  if (mayRedirect && (isForPage || onFailure === "redirect") && !isAtRedirect(request, redirectUrl)) {
    return { _tag: "Redirect", status: 302, headers: { location: redirectUrl, "cache-control": "no-store" }, body: "", error }
  }
  const { headers, body } = isForPage ? refusalPage(toRefusal(error, { status, title })) : problem(error, status, title)
  const more: Record<string, string> = {}
  // RFC 6750 §3: a resource that needs a token says why the one it got was not enough.
  if (status === 401) more["www-authenticate"] = `Bearer error="invalid_token"`
  if ("retryAfterSeconds" in error) more["retry-after"] = String(error.retryAfterSeconds)
  return { _tag: "Refuse", status, headers: { ...headers, ...more }, body, error }
}

/** RFC 9457 §3.1. Configured values stay in the log: whoever gets past the load balancer learns nothing of it. */
const problem = (error: AuthError, status: number, title: string): Page => {
  const evidence = "header" in error ? { header: error.header, check: error.check } : {}
  return {
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    body: JSON.stringify({ type: "about:blank", title, status, error: error._tag, ...evidence })
  }
}

/** A browser that loads a page, as against a script, an image, a socket or a command line. For adapters with answers of their own. */
export const isPageLoad = (request: AuthRequest): boolean => {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  // Where the browser says what it is doing (Fetch Metadata), that counts; older ones tell by what they accept.
  const mode = firstValue(request.headers, "sec-fetch-mode")
  return mode === undefined ? prefersHtml(firstValue(request.headers, "accept") ?? "") : mode === "navigate"
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
