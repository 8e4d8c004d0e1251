/**
 * User → tokens, as the ALB and Cognito (or another provider) would send them, or as an attacker would.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { type SigningKey, signText } from "../keys/SigningKey.ts"
import { type ForgedUser, type SettledUser, settleUser } from "./ForgedUser.ts"
import type { ForgedProvider } from "./forgeSettings.ts"

/** The parameters of a forged sign-in: the load balancer, the pool, the client, the time and the keys. */
export interface Signers {
  readonly provider: ForgedProvider
  readonly albArn: string
  readonly issuer: string
  readonly clientId: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly albLifetimeMillis: number
  readonly accessLifetimeMillis: number
  readonly albKey: SigningKey
  readonly cognitoKey: SigningKey
}

/** Changes to one token, each applied to a genuine one. */
export interface TokenOverrides {
  /**
   * Members of the JOSE header to add or replace; `undefined` removes one. A string, or bytes, is the whole
   * header: for duplicate names, and for invalid JSON.
   */
  readonly header?: JsonOverride | undefined
  /** Claims to add or replace, likewise. */
  readonly claims?: JsonOverride | undefined
  /** Whether segments end in `=` padding, which is then signed over. Default: `true` in the ALB's token, `false` in Cognito's. */
  readonly padding?: boolean | undefined
  /**
   * Another key, for example of another forge, or any function of the signing input. The `kid` and `alg` are not
   * changed: change them in `header`.
   */
  readonly signWith?: SigningKey | ((signed: string) => Uint8Array) | undefined
  /** Changes the finished token. */
  readonly afterSigning?: ((token: string) => string) | undefined
}

/** Members to merge in, or the whole segment. */
export type JsonOverride = Readonly<Record<string, unknown>> | string | Uint8Array

/** A user, and overrides. */
export interface Forgery extends ForgedUser {
  /** Changes to the ALB's token, in `x-amzn-oidc-data`. */
  readonly alb?: TokenOverrides | undefined
  /** Changes to the access token, in `x-amzn-oidc-accesstoken`. Of an opaque one, only `afterSigning` changes anything. */
  readonly access?: TokenOverrides | undefined
  /** The value of `x-amzn-oidc-identity`; `null`: not sent. Default: the user's `sub`. */
  readonly identity?: string | null | undefined
}

/** The raw values of the three headers. */
export interface ForgedTokens {
  /** The ALB's token: `x-amzn-oidc-data`. */
  readonly data: string
  /** The provider's access token: `x-amzn-oidc-accesstoken`. */
  readonly accessToken: string
  /** The `sub`: `x-amzn-oidc-identity`. */
  readonly identity: string | undefined
}

export const forgeTokens = (signers: Signers, forgery: Forgery): ForgedTokens => {
  const user = settleUser(forgery)
  return {
    data: forgeAlbToken(signers, user, forgery.alb ?? {}),
    accessToken: forgeAccessToken(signers, user, forgery.access ?? {}),
    identity: forgery.identity === null ? undefined : (forgery.identity ?? user.sub)
  }
}

/** Whether the access token is a JWT, which the app verifies. */
export const hasAccessToken = (provider: ForgedProvider): boolean => provider._tag === "cognito" || provider.audience !== undefined

/** The ALB's token: userinfo claims, and their signer in the JOSE header (AWS ELB guide, "User claims encoding"). */
const forgeAlbToken = (signers: Signers, user: SettledUser, overrides: TokenOverrides): string => {
  const { albArn, issuer, clientId, albKey, now, albLifetimeMillis } = signers
  const exp = seconds(now() + albLifetimeMillis)
  const header = { typ: "JWT", kid: albKey.kid, alg: "ES256", iss: issuer, client: clientId, signer: albArn, exp }
  const claims = { ...userinfo(signers.provider, user), exp, iss: issuer }
  return forgeJws(header, claims, albKey, true, overrides)
}

/** The claims of the provider's userinfo endpoint, which the ALB copies. */
const userinfo = (provider: ForgedProvider, user: SettledUser): Readonly<Record<string, unknown>> => {
  const { sub, emailVerified, name, givenName: given_name, familyName: family_name, email, username, groups } = user
  const email_verified = emailVerified === undefined || provider._tag === "oidc" ? emailVerified : String(emailVerified)
  const profile = { sub, email_verified, name, given_name, family_name, email }
  if (provider._tag === "cognito") return { ...profile, username }
  // OpenID Connect Core §5.1. Groups are no standard claim: each provider has its own.
  const { groupsClaim } = provider
  return { ...profile, preferred_username: username, ...(groupsClaim === undefined ? {} : { [groupsClaim]: groups }) }
}

/** The access token: of Cognito, as a JWT of any provider (RFC 9068), or opaque. */
const forgeAccessToken = (signers: Signers, user: SettledUser, overrides: TokenOverrides): string => {
  const { provider, issuer, clientId, cognitoKey, now, accessLifetimeMillis } = signers
  if (provider._tag === "cognito") return forgeCognitoToken(signers, user, overrides)
  if (provider.audience === undefined) return overrides.afterSigning?.(opaque()) ?? opaque()
  const iat = seconds(now())
  const exp = seconds(now() + accessLifetimeMillis)
  const claims = { iss: issuer, sub: user.sub, aud: provider.audience, client_id: clientId, scope: "openid", exp, iat, jti: randomUUID() }
  return forgeJws({ typ: "at+jwt", kid: cognitoKey.kid, alg: "RS256" }, claims, cognitoKey, false, overrides)
}

const opaque = (): string => randomUUID().replaceAll("-", "")

/** Cognito's access token (Cognito guide, "Understanding the access token"). */
const forgeCognitoToken = (signers: Signers, user: SettledUser, overrides: TokenOverrides): string => {
  const { issuer, clientId, cognitoKey, now, accessLifetimeMillis } = signers
  const iat = seconds(now())
  const claims = {
    sub: user.sub,
    "cognito:groups": user.groups?.length === 0 ? undefined : user.groups,
    iss: issuer,
    version: 2,
    client_id: clientId,
    origin_jti: randomUUID(),
    token_use: "access",
    scope: "openid email profile",
    auth_time: iat,
    exp: seconds(now() + accessLifetimeMillis),
    iat,
    jti: randomUUID(),
    username: user.username
  }
  return forgeJws({ kid: cognitoKey.kid, alg: "RS256" }, claims, cognitoKey, false, overrides)
}

/** A compact JWS (RFC 7515 §3.1). The ALB pads its segments, contrary to §2, and signs the padding with them. */
const forgeJws = (
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  key: SigningKey,
  paddedByDefault: boolean,
  overrides: TokenOverrides
): string => {
  const { padding = paddedByDefault, signWith = key, afterSigning } = overrides
  const segment = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString("base64url")
    return padding ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text
  }
  const signed = `${segment(toJson(header, overrides.header))}.${segment(toJson(claims, overrides.claims))}`
  const signature = typeof signWith === "function" ? signWith(signed) : signText(signWith, signed)
  const token = `${signed}.${segment(signature)}`
  return afterSigning === undefined ? token : afterSigning(token)
}

const toJson = (members: Readonly<Record<string, unknown>>, override: JsonOverride = {}): Uint8Array => {
  if (override instanceof Uint8Array) return override
  return Buffer.from(typeof override === "string" ? override : JSON.stringify({ ...members, ...override }))
}

const seconds = (millis: number): number => Math.floor(millis / 1000)
