/**
 * The redirect to the user pool, and the callback with a code: the load balancer's half of the OAuth 2 code flow.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import { parseCookie, stringifySetCookie } from "cookie"
import type { UserPool } from "../cognito/UserPool.ts"
import type { Seal } from "./Seal.ts"
import { type OpenSession, type Sessions, tooLarge } from "./Sessions.ts"

/** The path of the callback from the user pool, the same for every ALB. */
export const callbackPath = "/oauth2/idpresponse"

/** The cookie that binds a sign-in to the browser that began it. */
const nonceCookie = "AWSALBAuthNonce"

interface Redirect {
  readonly location: string
  readonly setCookies: ReadonlyArray<string>
}

/** The load balancer's response to a sign-in that was not completed. */
interface Failure {
  readonly status: 401 | 500 | 561
  readonly detail: string
}

export interface SignIn {
  /** The redirect for a request without a sign-in. */
  readonly begin: (request: { readonly host: string; readonly target: string; readonly cookieHeader: string | undefined }) => Redirect
  /** Handles a callback. */
  readonly finish: (callback: {
    readonly host: string
    readonly query: Readonly<Record<string, unknown>>
    readonly cookieHeader: string | undefined
  }) => Promise<(Redirect & { readonly session: OpenSession }) | Failure>
}

/** The content of the `state` parameter. */
interface State {
  readonly nonce: string
  readonly host: string
  readonly target: string
  readonly expiresAt: number
}

export const makeSignIn = (
  seal: Seal,
  pool: UserPool,
  sessions: Sessions,
  settings: {
    readonly clientId: string
    readonly cognitoUrl: () => string
    readonly loginTimeoutMillis: number
    readonly now: () => number
  }
): SignIn => {
  const { clientId, cognitoUrl, loginTimeoutMillis, now } = settings
  const redirectUri = (host: string) => `http://${host}${callbackPath}`

  return {
    begin: ({ host, target, cookieHeader = "" }) => {
      // Tabs that sign in at the same time share the browser's nonce.
      const nonce = parseCookie(cookieHeader)[nonceCookie] ?? randomBytes(12).toString("base64url")
      const expiresAt = now() + loginTimeoutMillis
      const location = new URL("/oauth2/authorize", cognitoUrl())
      // A target that is not a path (`http://…`, `*`) cannot be redirected back to.
      const state: State = { nonce, host, target: target.startsWith("/") ? target : "/", expiresAt }
      for (const [name, value] of Object.entries({
        client_id: clientId,
        redirect_uri: redirectUri(host),
        response_type: "code",
        scope: "openid",
        state: seal.seal("state", state)
      })) {
        location.searchParams.set(name, value)
      }
      const cookie = { name: nonceCookie, value: nonce, expires: new Date(expiresAt), path: "/", httpOnly: true }
      return { location: location.href, setCookies: [stringifySetCookie(cookie)] }
    },

    finish: async ({ host, query, cookieHeader = "" }) => {
      const { state: sealed, code, error } = query
      const state = typeof sealed === "string" ? (seal.open("state", sealed) as State | undefined) : undefined
      if (state === undefined || state.host !== host) {
        return { status: 401, detail: "The state of this sign-in is missing, or not this load balancer's. Start again from the app." }
      }
      const nonce = parseCookie(cookieHeader)[nonceCookie]
      if (nonce === undefined || !isSame(nonce, state.nonce)) {
        return { status: 401, detail: "This sign-in was begun in another browser: its AWSALBAuthNonce cookie is missing or different." }
      }
      if (now() >= state.expiresAt) return { status: 401, detail: "The sign-in took too long. Start again from the app." }
      if (error !== undefined) return { status: 561, detail: "The user pool answered with an error." }
      const grant = typeof code === "string" ? await pool.redeem(code, redirectUri(host)) : undefined
      if (grant === undefined) {
        return {
          status: 561,
          detail: "The user pool does not accept this code: it was used before, or has expired. Start again from the app."
        }
      }
      const session = sessions.start(grant, cookieHeader)
      if (session === tooLarge) {
        return {
          status: 500,
          detail: "The user's claims and access token are more than 11 KiB, which is the most that a load balancer stores."
        }
      }
      // Absolute: a target of "//elsewhere" would redirect to another host.
      return { location: `http://${host}${state.target}`, setCookies: session.setCookies, session }
    }
  }
}

const isSame = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
