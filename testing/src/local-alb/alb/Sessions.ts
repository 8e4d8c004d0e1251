/**
 * The load balancer's sessions. Their content is in the cookie; changes made on the control page are kept here.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Grant, UserPool } from "../cognito/UserPool.ts"
import type { LocalAlbSettings } from "../Options.ts"
import type { LocalUser } from "../Users.ts"
import type { SessionCookie } from "./SessionCookie.ts"

/** The cookie's content. */
interface Content {
  readonly id: string
  readonly expiresAt: number
  readonly grant: Grant
}

/** One session, as it is listed. Times are milliseconds since 1970. */
export interface LocalSession {
  readonly id: string
  readonly user: LocalUser
  readonly startedAt: number
  readonly expiresAt: number
  /** When its access token expires. */
  readonly accessExpiresAt: number
  /** `expireTokens` was called: the app gets expired tokens until `renewTokens`. */
  readonly hasExpiredTokens: boolean
}

/** The session of a request. */
export interface OpenSession {
  readonly id: string
  readonly grant: Grant
  readonly hasExpiredTokens: boolean
  /** For the response: the session has changed. */
  readonly setCookies: ReadonlyArray<string>
}

/** Claims and access token are larger than the load balancer stores: it responds 500. */
export const tooLarge = "too large"

export interface Sessions {
  readonly start: (grant: Grant, cookieHeader: string | undefined) => OpenSession | typeof tooLarge
  /** The session of a `Cookie` header, its access token refreshed if it is stale; `undefined`: nobody is signed in. */
  readonly read: (cookieHeader: string | undefined) => Promise<OpenSession | typeof tooLarge | undefined>
  readonly list: () => ReadonlyArray<LocalSession>
  /** Ends one session, or all; and the pool's too, as if both had expired. */
  readonly expire: (id?: string) => void
  /** Whether the app gets expired tokens, in one session or in all. */
  readonly expireTokens: (expired: boolean, id?: string) => void
}

/** AWS ELB guide, "Authentication sessions": above 11 KiB, the load balancer answers 500. */
const maxBytes = 11 * 1024

export const makeSessions = (
  cookie: SessionCookie,
  pool: UserPool,
  settings: Pick<LocalAlbSettings, "sessionTimeoutMillis" | "accessLifetimeMillis" | "refresh">,
  now: () => number
): Sessions => {
  const live = new Map<string, LocalSession & { readonly refreshToken: string }>()
  // A minute before it expires; if it is short-lived, when a quarter of its lifetime is left.
  const marginMillis = Math.min(60_000, settings.accessLifetimeMillis / 4)

  const keep = (content: Content, cookieHeader: string | undefined, hasExpiredTokens: boolean): OpenSession | typeof tooLarge => {
    const { id, expiresAt, grant } = content
    if (Buffer.byteLength(JSON.stringify(grant.user)) + grant.accessToken.length > maxBytes) return tooLarge
    const startedAt = live.get(id)?.startedAt ?? now()
    const { user, accessExpiresAt, refreshToken } = grant
    live.set(id, { id, user, startedAt, expiresAt, accessExpiresAt, hasExpiredTokens, refreshToken })
    return { id, grant, hasExpiredTokens, setCookies: cookie.write(content, expiresAt, cookieHeader) }
  }

  const isDue = ({ user, revision, accessExpiresAt }: Grant): boolean =>
    pool.revisionOf(user.email) !== revision || (settings.refresh && now() >= accessExpiresAt - marginMillis)

  const chosen = (id: string | undefined) => (id === undefined ? [...live.values()] : [live.get(id)].filter((each) => each !== undefined))

  return {
    start: (grant, cookieHeader) => {
      for (const { id, expiresAt } of live.values()) if (now() >= expiresAt) live.delete(id)
      return keep({ id: randomUUID(), expiresAt: now() + settings.sessionTimeoutMillis, grant }, cookieHeader, false)
    },
    read: async (cookieHeader) => {
      // The seal is authenticated: its content is what this process wrote.
      const content = cookie.read(cookieHeader) as Content | undefined
      if (content === undefined) return undefined
      const session = live.get(content.id)
      if (session === undefined) return undefined
      if (now() >= content.expiresAt) {
        live.delete(content.id)
        return undefined
      }
      const { hasExpiredTokens } = session
      if (!isDue(content.grant)) return { id: content.id, grant: content.grant, hasExpiredTokens, setCookies: [] }
      const grant = await pool.refresh(content.grant.refreshToken)
      return grant === undefined ? undefined : keep({ ...content, grant }, cookieHeader, hasExpiredTokens)
    },
    list: () => [...live.values()].filter(({ expiresAt }) => now() < expiresAt).map(({ refreshToken: _, ...session }) => session),
    expire: (id) => {
      for (const session of chosen(id)) {
        live.delete(session.id)
        pool.signOutOf(session.refreshToken)
      }
    },
    expireTokens: (hasExpiredTokens, id) => {
      for (const session of chosen(id)) live.set(session.id, { ...session, hasExpiredTokens })
    }
  }
}
