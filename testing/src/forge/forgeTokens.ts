/**
 * User → tokens, as the ALB and Cognito would send them, or as an attacker would.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { type SigningKey, signText } from "../keys/SigningKey.ts"
import { type ForgedUser, type SettledUser, settleUser } from "./ForgedUser.ts"

/** The parameters of a forged sign-in: the load balancer, the pool, the client, the time and the keys. */
export interface Signers {
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
  /** Changes to Cognito's token, in `x-amzn-oidc-accesstoken`. */
  readonly access?: TokenOverrides | undefined
  /** The value of `x-amzn-oidc-identity`; `null`: not sent. Default: the user's `sub`. */
  readonly identity?: string | null | undefined
}

/** The raw values of the three headers. */
export interface ForgedTokens {
  /** The ALB's token: `x-amzn-oidc-data`. */
  readonly data: string
  /** Cognito's access token: `x-amzn-oidc-accesstoken`. */
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

/** The ALB's token: userinfo claims, and their signer in the JOSE header (AWS ELB guide, "User claims encoding"). */
const forgeAlbToken = (signers: Signers, user: SettledUser, overrides: TokenOverrides): string => {
  const { albArn, issuer, clientId, albKey, now, albLifetimeMillis } = signers
  const exp = seconds(now() + albLifetimeMillis)
  const header = { typ: "JWT", kid: albKey.kid, alg: "ES256", iss: issuer, client: clientId, signer: albArn, exp }
  const claims = {
    sub: user.sub,
    email_verified: user.emailVerified === undefined ? undefined : String(user.emailVerified),
    name: user.name,
    given_name: user.givenName,
    family_name: user.familyName,
    email: user.email,
    username: user.username,
    exp,
    iss: issuer
  }
  return forgeJws(header, claims, albKey, true, overrides)
}

/** The access token (Cognito guide, "Understanding the access token"). */
const forgeAccessToken = (signers: Signers, user: SettledUser, overrides: TokenOverrides): string => {
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
