/** The redirect of a refused request: its status, and when it is not allowed. */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { HttpResponse } from "./HttpResponse.ts"
import { isAtRedirect } from "./RedirectLoop.ts"
import { noStore } from "./ResponseHeaders.ts"

/** Redirect the page load. */
export interface Redirect extends HttpResponse {
  readonly _tag: "Redirect"
  readonly status: 302
  readonly error: AuthError
}

export const redirect = (error: AuthError, redirectUrl: string): Redirect => ({
  _tag: "Redirect",
  status: 302,
  headers: { location: redirectUrl, ...noStore },
  body: "",
  error
})

/** Whether a redirect is allowed: never for a malformed request (400, 414), a cross-origin one, an outage (503), an upgrade, or a request to `redirectUrl` itself. */
export const mayRedirect = (error: AuthError, request: AuthRequest, redirectUrl: string): boolean => {
  const { status } = httpMeaning[error._tag]
  // Of a cross-origin request it is not the user who is refused.
  const isAboutUser = (status === 401 || status === 403) && error._tag !== "CrossOriginRefused"
  return isAboutUser && request.upgrade !== true && !isAtRedirect(request, redirectUrl)
}
