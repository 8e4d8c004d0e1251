/**
 * The user pool: its users, its sessions, and the codes and tokens that it issues.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Forge } from "../../forge/makeForge.ts"
import { completeUser, keyOf, type LocalUser } from "../Users.ts"

/** The result of exchanging a code or a refresh token. */
export interface Grant {
  /** Claims of the user, as they were then. */
  readonly user: LocalUser
  /** Changes whenever the user is changed in the pool. */
  readonly revision: number
  readonly accessToken: string
  /** Milliseconds since 1970. */
  readonly accessExpiresAt: number
  readonly refreshToken: string
}

export interface UserPool {
  readonly users: () => ReadonlyArray<LocalUser>
  readonly find: (email: string) => LocalUser | undefined
  /** Adds a user, or replaces the one of this e-mail. */
  readonly put: (user: LocalUser) => void
  /** The user's revision now; `undefined`: no such user. */
  readonly revisionOf: (email: string) => number | undefined
  /** Starts a session of the pool, which a browser keeps in a cookie. Returns its id. */
  readonly signIn: (email: string) => string
  /** The user of a session, while it lasts. */
  readonly signedIn: (session: string | undefined) => string | undefined
  readonly signOut: (session: string | undefined) => void
  /** Ends the pool's session that these tokens came from. */
  readonly signOutOf: (refreshToken: string) => void
  /** A code for a session, to be redeemed once, at this redirect URI. */
  readonly issueCode: (session: string, redirectUri: string) => string
  readonly redeem: (code: string, redirectUri: string) => Promise<Grant | undefined>
  readonly refresh: (refreshToken: string) => Promise<Grant | undefined>
  /** The tokens for a user who signs in now, without a browser session of the pool. */
  readonly grant: (email: string) => Promise<Grant | undefined>
}

/** RFC 6749 §4.1.2 has ten minutes at most; Cognito's codes last five. */
const codeMillis = 300_000

/** Replaces the signature of a token that is not needed: RSA signatures are expensive. */
export const noSignature = (): Uint8Array => new Uint8Array(0)

export const makeUserPool = (
  forge: Forge,
  initial: ReadonlyArray<LocalUser>,
  times: { readonly cognitoSessionMillis: number; readonly accessLifetimeMillis: number }
): UserPool => {
  const users = new Map<string, { readonly user: LocalUser; readonly revision: number }>()
  const sessions = new Map<string, { readonly email: string; readonly expiresAt: number }>()
  const codes = new Map<string, { readonly session: string; readonly redirectUri: string; readonly expiresAt: number }>()
  const refreshTokens = new Map<string, { readonly session: string | undefined; readonly email: string }>()
  let revision = 0

  const put = (user: LocalUser): void => {
    revision += 1
    users.set(keyOf(user.email), { user: completeUser(user), revision })
  }
  for (const user of initial) put(user)

  const grant = async (email: string, refreshToken: string): Promise<Grant | undefined> => {
    const found = users.get(keyOf(email))
    if (found === undefined) return undefined
    const { accessToken } = await forge.tokens({ ...found.user, alb: { signWith: noSignature } })
    return { ...found, accessToken, accessExpiresAt: forge.now() + times.accessLifetimeMillis, refreshToken }
  }

  const issueRefreshToken = (email: string, session: string | undefined): string => {
    const refreshToken = randomUUID()
    refreshTokens.set(refreshToken, { session, email })
    return refreshToken
  }

  const pool: UserPool = {
    users: () => [...users.values()].map(({ user }) => user),
    find: (email) => users.get(keyOf(email))?.user,
    put,
    revisionOf: (email) => users.get(keyOf(email))?.revision,
    signIn: (email) => {
      const id = randomUUID()
      sessions.set(id, { email, expiresAt: forge.now() + times.cognitoSessionMillis })
      return id
    },
    signedIn: (id = "") => {
      const session = sessions.get(id)
      if (session !== undefined && forge.now() < session.expiresAt) return session.email
      sessions.delete(id)
      return undefined
    },
    signOut: (id = "") => void sessions.delete(id),
    signOutOf: (refreshToken) => pool.signOut(refreshTokens.get(refreshToken)?.session),
    issueCode: (session, redirectUri) => {
      const code = randomUUID()
      codes.set(code, { session, redirectUri, expiresAt: forge.now() + codeMillis })
      return code
    },
    redeem: async (code, redirectUri) => {
      const issued = codes.get(code)
      // RFC 6749 §4.1.2: a code is used once, even if the exchange fails.
      codes.delete(code)
      if (issued === undefined || issued.redirectUri !== redirectUri || forge.now() >= issued.expiresAt) return undefined
      const email = pool.signedIn(issued.session)
      if (email === undefined) return undefined
      return grant(email, issueRefreshToken(email, issued.session))
    },
    refresh: async (refreshToken) => {
      const issued = refreshTokens.get(refreshToken)
      return issued === undefined ? undefined : grant(issued.email, refreshToken)
    },
    grant: (email) => grant(email, issueRefreshToken(email, undefined))
  }
  return pool
}
