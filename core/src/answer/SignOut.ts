/**
 * Sign-out: expires every shard of the ALB's session cookie, and redirects to the logout endpoint of Cognito or of another
 * provider. With only one of the two, the user stays signed in (AWS ELB guide, "Authentication logout and session timeout").
 *
 * @module
 */
import { Faults } from "../errors/ConfigurationError.ts"
import { isHttpsUrl } from "../remote/httpsUrl.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { HttpResponse } from "./HttpResponse.ts"
import { noStore } from "./ResponseHeaders.ts"

export interface SignOutOptions {
  /** The user pool's domain: `https://my-app.auth.eu-west-2.amazoncognito.com`, or a custom one. Required, unless `endSessionUrl` is given. */
  readonly cognitoDomain?: string | undefined
  /**
   * Of another provider than Cognito: its `end_session_endpoint` (OpenID Connect RP-Initiated Logout 1.0 §2). It gets `client_id` and
   * `post_logout_redirect_uri`; there is no `id_token_hint`, because the load balancer forwards no ID token.
   */
  readonly endSessionUrl?: string | undefined
  /** The URL that the browser is redirected to afterwards: one of the client's registered sign-out URLs, of a page that needs no sign-in. */
  readonly logoutUri: string
  /** The app client. Default: the one in the settings; required if there are several. */
  readonly clientId?: string | undefined
  /** The session cookie's name in the load balancer's rule. Default `AWSELBAuthSessionCookie`. */
  readonly cookieName?: string | undefined
  /** The number of cookie shards to expire, starting with `-0`. Default 4, the maximum that an ALB sets. */
  readonly cookieShards?: number | undefined
}

/** The default name of an ALB's session cookie (AWS ELB guide, `SessionCookieName`). */
export const defaultSessionCookie = "AWSELBAuthSessionCookie"

/** RFC 6265 §4.1.1: a cookie name is a token. */
export const isCookieName = (name: unknown): name is string => typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name)

/** The response to a sign-out request. The redirect URL depends only on the options, so a request cannot change it. */
export type SignOut = (request: AuthRequest) => HttpResponse

/** Compiles the options. `clientIds` are the configured app clients. Throws `ConfigurationError` with every fault. Call it at start-up. */
export const makeSignOut = (options: SignOutOptions, clientIds: ReadonlySet<string>): SignOut => {
  const { cognitoDomain, endSessionUrl, logoutUri, cookieName = defaultSessionCookie, cookieShards = 4 } = options ?? {}
  const clientId = options?.clientId ?? (clientIds.size === 1 ? [...clientIds][0] : undefined)
  const faults = new Faults()
  const fault = (option: string, problem: string) => faults.add(`signOut.${option}`, problem)
  if (endSessionUrl !== undefined) {
    if (cognitoDomain !== undefined)
      fault("cognitoDomain", "contradicts endSessionUrl: give the one with Cognito, the other with another provider.")
    if (typeof endSessionUrl !== "string" || !isHttpsUrl(endSessionUrl, { allowQuery: true })) {
      fault("endSessionUrl", "expected the provider's end_session_endpoint, an https URL: cognito-auth doctor shows it.")
    }
  } else if (typeof cognitoDomain !== "string" || !isHttpsUrl(cognitoDomain) || new URL(cognitoDomain).pathname !== "/") {
    fault(
      "cognitoDomain",
      "expected the user pool's domain as an https URL without a path, such as https://my-app.auth.eu-west-2.amazoncognito.com; with another provider than Cognito, give endSessionUrl instead."
    )
  }
  if (typeof logoutUri !== "string" || !isHttpsUrl(logoutUri, { allowQuery: true })) {
    fault("logoutUri", "expected an https URL: one of the app client's allowed sign-out URLs.")
  }
  if (typeof clientId !== "string" || clientId === "")
    fault("clientId", `is required, because the settings have ${clientIds.size === 0 ? "no app client" : "several app clients"}.`)
  if (!isCookieName(cookieName)) fault("cookieName", "expected a valid cookie name.")
  if (!Number.isInteger(cookieShards) || cookieShards < 1 || cookieShards > 20)
    fault("cookieShards", "expected a whole number from 1 to 20.")
  faults.throwIfAny()

  const location = endSessionUrl === undefined ? new URL("/logout", cognitoDomain) : new URL(endSessionUrl)
  location.searchParams.set("client_id", clientId ?? "")
  location.searchParams.set(endSessionUrl === undefined ? "logout_uri" : "post_logout_redirect_uri", logoutUri)
  const cookies = Array.from(
    { length: cookieShards },
    (_, shard) => `${cookieName}-${shard}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly`
  )
  const headers = { location: location.href, "set-cookie": cookies, ...noStore }

  return ({ method }) => {
    if (method === "GET" || method === "HEAD") return { status: 302, headers, body: "" }
    // RFC 9110 §15.4.4: after a 303, the browser sends a GET.
    if (method === "POST") return { status: 303, headers, body: "" }
    return { status: 405, headers: { allow: "GET, HEAD, POST", ...noStore }, body: "" }
  }
}
