/** The redirect of a request that failed: its status, and where none may be sent. */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { Answer } from "./Answer.ts"
import { isAtRedirect } from "./RedirectLoop.ts"
import { noStore } from "./ResponseHeaders.ts"

/** Send the page load elsewhere. */
export interface Redirect extends Answer {
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

/** Never a malformed request (400, 414), a cross-origin one, an outage (503), an upgrade, or what is refused at `redirectUrl` itself. */
export const mayRedirect = (error: AuthError, request: AuthRequest, redirectUrl: string): boolean => {
  const { status } = httpMeaning[error._tag]
  // Of a cross-origin request it is not the user who is refused.
  const isAboutUser = (status === 401 || status === 403) && error._tag !== "CrossOriginRefused"
  return isAboutUser && request.upgrade !== true && !isAtRedirect(request, redirectUrl)
}
