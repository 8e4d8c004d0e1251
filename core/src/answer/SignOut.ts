/**
 * Signing out: every shard of the ALB's session cookie expired, and on to Cognito's logout endpoint. One without the
 * other leaves the user signed in (AWS ELB guide, "Authentication logout and session timeout").
 *
 * @module
 */
import { Faults } from "../errors/ConfigurationError.ts"
import { isHttpsUrl } from "../remote/httpsUrl.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { Answer } from "./Answer.ts"
import { noStore } from "./ResponseHeaders.ts"

export interface SignOutOptions {
  /** The user pool's domain: `https://my-app.auth.eu-west-2.amazoncognito.com`, or a custom one. */
  readonly cognitoDomain: string
  /** Where Cognito sends the browser afterwards: one of the app client's sign-out URLs, on a page that needs no sign-in. */
  readonly logoutUri: string
  /** The app client. Default: the one in the settings; required where they hold several. */
  readonly clientId?: string | undefined
  /** The session cookie's name in the load balancer's rule. Default `AWSELBAuthSessionCookie`. */
  readonly cookieName?: string | undefined
  /** How many shards of it are expired, from `-0` on. Default 4, the most that an ALB sets. */
  readonly cookieShards?: number | undefined
}

/** Answers a request to sign out. Where to comes from the options alone, so no request can send the browser elsewhere. */
export type SignOut = (request: AuthRequest) => Answer

/** Compiles the options. `clientIds` are the configured app clients. Throws `ConfigurationError` with every fault, so at start-up. */
export const makeSignOut = (options: SignOutOptions, clientIds: ReadonlySet<string>): SignOut => {
  const { cognitoDomain, logoutUri, cookieName = "AWSELBAuthSessionCookie", cookieShards = 4 } = options ?? {}
  const clientId = options?.clientId ?? (clientIds.size === 1 ? [...clientIds][0] : undefined)
  const faults = new Faults()
  const fault = (option: string, problem: string) => faults.add(`signOut.${option}`, problem)
  if (typeof cognitoDomain !== "string" || !isHttpsUrl(cognitoDomain) || new URL(cognitoDomain).pathname !== "/") {
    fault(
      "cognitoDomain",
      "expected the user pool's domain as an https URL without a path, as https://my-app.auth.eu-west-2.amazoncognito.com."
    )
  }
  if (typeof logoutUri !== "string" || !isHttpsUrl(logoutUri, { allowQuery: true })) {
    fault("logoutUri", "expected an https URL: one of the app client's allowed sign-out URLs.")
  }
  if (typeof clientId !== "string" || clientId === "") fault("clientId", "is needed, because the settings name several app clients.")
  // RFC 6265 §4.1.1: a cookie's name is a token.
  if (typeof cookieName !== "string" || !/^[\w!#$%&'*+.^`|~-]+$/.test(cookieName)) fault("cookieName", "expected a cookie's name.")
  if (!Number.isInteger(cookieShards) || cookieShards < 1 || cookieShards > 20)
    fault("cookieShards", "expected a whole number from 1 to 20.")
  faults.throwIfAny()

  const location = new URL("/logout", cognitoDomain)
  location.searchParams.set("client_id", clientId ?? "")
  location.searchParams.set("logout_uri", logoutUri)
  const cookies = Array.from(
    { length: cookieShards },
    (_, shard) => `${cookieName}-${shard}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly`
  )
  const headers = { location: location.href, "set-cookie": cookies, ...noStore }

  return ({ method }) => {
    if (method === "GET" || method === "HEAD") return { status: 302, headers, body: "" }
    // RFC 9110 §15.4.4: what follows a POST is a GET.
    if (method === "POST") return { status: 303, headers, body: "" }
    return { status: 405, headers: { allow: "GET, HEAD, POST", ...noStore }, body: "" }
  }
}
