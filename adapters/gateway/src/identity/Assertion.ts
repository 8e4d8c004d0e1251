/**
 * The user as a signed assertion, for an upstream that does not trust the network: a JWT that is valid for a minute, and
 * the keys to verify it with.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto"
import type { User } from "@cognito-auth/core"

export interface AssertionOptions {
  /** The `iss` that the upstream expects. Default `"cognito-auth"`. */
  readonly issuer?: string | undefined
  /** The `aud` that the upstream expects. Default: the upstream's origin. */
  readonly audience?: string | undefined
}

/** A signed assertion. */
export interface Assertion {
  readonly jwt: string
  /** Until when it may be sent again, in milliseconds since 1970: well before it expires. */
  readonly renewsAt: number
}

export interface Assertions {
  /** An assertion of the user's identity, for the upstream of that origin: valid for a minute at most, and never longer than the sign-in. */
  readonly of: (user: User, origin: string) => Assertion
  /** The public keys, as a JWK Set (RFC 7517 §5). */
  readonly jwks: () => string
}

interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: object
}

/** An assertion, and all values that it depends on, by `sub`. */
interface CachedAssertion {
  readonly aud: string
  readonly expiresAt: number
  readonly email: string
  readonly emailVerified: boolean
  readonly username: string
  readonly name: string
  readonly isAdmin: boolean
  readonly pool: string
  readonly groups: ReadonlyArray<string>
  readonly assertion: Assertion
}

const lifetimeSeconds = 60
/** One assertion is reused for a user's requests for so long. */
export const reuseMillis = 20_000
const rotateMillis = 3_600_000
/** The bound of the cache: a flood of users costs signatures, not memory. */
const maxCached = 10_000

/** Makes keys for this process alone, in memory. `now`: milliseconds since 1970. */
export const makeAssertions = ({ issuer = "cognito-auth", audience }: AssertionOptions, now: () => number): Assertions => {
  // The next key is published an hour before it signs, the last one an hour after: a client may cache the set for that long.
  let keys: { previous: SigningKey | undefined; current: SigningKey; next: SigningKey } = {
    previous: undefined,
    current: makeKey(),
    next: makeKey()
  }
  let rotatesAt = now() + rotateMillis
  let cached = new Map<string, CachedAssertion>()
  let forgetsAt = 0

  const rotate = (): void => {
    const nowMillis = now()
    // If the clock was set back, a key must not be kept for longer, nor used before it has been published for an hour.
    if (nowMillis < rotatesAt - rotateMillis) rotatesAt = nowMillis + rotateMillis
    if (nowMillis < rotatesAt) return
    keys = { previous: keys.current, current: keys.next, next: makeKey() }
    rotatesAt = nowMillis + rotateMillis
  }
  return {
    of: (user, origin) => {
      rotate()
      const nowMillis = now()
      if (nowMillis >= forgetsAt || nowMillis < forgetsAt - reuseMillis) {
        cached = new Map()
        forgetsAt = nowMillis + reuseMillis
      }
      const { sub, email, emailVerified, username, name, isAdmin, groups, issuer: pool } = user
      const aud = audience ?? origin
      const expiresAt = Math.floor(user.expiresAt.getTime() / 1000)
      const known = cached.get(sub)
      // The same user may have signed in twice, and be in another group by now: then the assertion differs.
      if (
        known !== undefined &&
        known.aud === aud &&
        known.expiresAt === expiresAt &&
        known.email === email &&
        known.emailVerified === emailVerified &&
        known.username === username &&
        known.name === name &&
        known.isAdmin === isAdmin &&
        known.pool === pool &&
        known.groups.length === groups.length &&
        known.groups.every((group, i) => group === groups[i])
      ) {
        return known.assertion
      }
      const who = { sub, email, email_verified: emailVerified, preferred_username: username, name, groups, is_admin: isAdmin, idp: pool }
      const iat = Math.floor(nowMillis / 1000)
      // Within the clock tolerance a sign-in has expired already: its assertion is valid for a moment only.
      const exp = Math.max(Math.min(iat + lifetimeSeconds, expiresAt), iat + 1)
      const lasts = exp - iat === lifetimeSeconds
      const jwt = signJwt({ iss: issuer, aud, ...who, iat, exp }, keys.current)
      const assertion = { jwt, renewsAt: lasts ? forgetsAt : nowMillis }
      if (lasts && cached.size < maxCached) {
        cached.set(sub, { aud, expiresAt, email, emailVerified, username, name, isAdmin, pool, groups, assertion })
      }
      return assertion
    },
    jwks: () => {
      rotate()
      const { previous, current, next } = keys
      return JSON.stringify({ keys: [current, next, ...(previous === undefined ? [] : [previous])].map(({ jwk }) => jwk) })
    }
  }
}

const makeKey = (): SigningKey => {
  const { privateKey: key } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" }
  })
  // Through its bytes: a key that Node 20 has generated shares a lock with what generated it, and the process waits for ever
  // where that is collected while the key is exported.
  const privateKey = createPrivateKey({ key, type: "pkcs8", format: "der" })
  const kid = randomUUID()
  return { kid, privateKey, jwk: { ...createPublicKey(privateKey).export({ format: "jwk" }), kid, alg: "ES256", use: "sig" } }
}

/** RFC 7515 §7.1, RFC 7518 §3.4. */
const signJwt = (claims: object, { kid, privateKey }: SigningKey): string => {
  const text = `${toSegment({ alg: "ES256", typ: "JWT", kid })}.${toSegment(claims)}`
  return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`
}
const toSegment = (json: object): string => Buffer.from(JSON.stringify(json)).toString("base64url")
