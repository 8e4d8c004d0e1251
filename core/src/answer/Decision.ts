/**
 * The decision for a request as plain data: admit, redirect or refuse. It is made here, so that all adapters respond in the same way.
 *
 * @module
 */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import { isPageLoad } from "../request/isPageLoad.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { Principal } from "../user/Service.ts"
import type { User } from "../user/User.ts"
import type { HttpResponse } from "./HttpResponse.ts"
import { problem } from "./problem.ts"
import { mayRedirect, type Redirect, redirect } from "./Redirect.ts"
import { type Page, type Refusal, toRefusal } from "./RefusalPage.ts"
import { admitHeaders, type ResponseHeaders, refusalHeaders } from "./ResponseHeaders.ts"

export { isPageLoad } from "../request/isPageLoad.ts"
export type { HttpResponse } from "./HttpResponse.ts"
export type { Redirect } from "./Redirect.ts"
export type { ResponseHeaders } from "./ResponseHeaders.ts"

/** Admit the request. */
export interface Admit {
  readonly _tag: "Admit"
  /** Who asks. Absent on a bypassed path alone. */
  readonly principal: Principal | undefined
  /** The same where it is a user; absent on a bypassed path, and where a service asks. */
  readonly user: User | undefined
  /** To set on the app's own response. */
  readonly headers: ResponseHeaders
  /** Whether the connection must be closed when the access token expires. */
  readonly closeOnExpiry: boolean
}

/** Refuse the request: a page load gets an HTML page, any other request an `application/problem+json` body (RFC 9457). */
export interface Refuse extends HttpResponse {
  readonly _tag: "Refuse"
  readonly status: 400 | 401 | 403 | 414 | 503
  readonly error: AuthError
}

export type Decision = Admit | Redirect | Refuse

/**
 * The response to a refused request. `negotiate`, the default: a page load is redirected to `redirectUrl`, or gets an HTML page with
 * the status if there is no such URL; any other request gets the status and a problem document (RFC 9457). `redirect`: every
 * request is redirected; it needs a `redirectUrl`. `status`: every request gets the status and a problem document.
 * A malformed request (400, 414), a cross-origin one, an outage (503), an upgrade, and a request to `redirectUrl` itself are never redirected.
 */
export type OnFailure = "redirect" | "status" | "negotiate"

/** The decision for a bypassed path. */
export const bypassed: Admit = Object.freeze({
  _tag: "Admit",
  principal: undefined,
  user: undefined,
  headers: admitHeaders({ isMock: false }),
  closeOnExpiry: false
})

export const admit = (
  principal: Principal,
  user: User | undefined,
  options: { readonly closeOnExpiry: boolean; readonly isMock: boolean }
): Admit => ({
  _tag: "Admit",
  principal,
  user,
  headers: admitHeaders(options),
  closeOnExpiry: options.closeOnExpiry
})

/** The settings for refused requests. */
export interface FailureSettings {
  readonly redirectUrl: string | undefined
  readonly refusalPage: (refusal: Refusal) => Page
}

/** The decision for a refused request. */
export const fail = (
  error: AuthError,
  request: AuthRequest,
  { redirectUrl, refusalPage }: FailureSettings,
  onFailure: OnFailure
): Redirect | Refuse => {
  const isForPage = onFailure !== "status" && request.upgrade !== true && isPageLoad(request)
  if (redirectUrl !== undefined && (isForPage || onFailure === "redirect") && mayRedirect(error, request, redirectUrl)) {
    return redirect(error, redirectUrl)
  }
  const meaning = httpMeaning[error._tag]
  const { headers, body } = isForPage ? refusalPage(toRefusal(error, meaning)) : problem(error)
  return { _tag: "Refuse", status: meaning.status, headers: { ...headers, ...refusalHeaders(error) }, body, error }
}
