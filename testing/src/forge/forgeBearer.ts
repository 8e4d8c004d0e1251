/**
 * Service → token, as Cognito issues it for client credentials, or as an attacker would.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { forgeJws, type Signers, seconds, type TokenOverrides } from "./forgeTokens.ts"

/** A service whose token is forged. */
export interface ServiceForgery {
  /** The app client that the token was issued to: another than the load balancer's. Default `2service4client6id8example0`. */
  readonly clientId?: string | undefined
  /** What it was issued for. Default `["orders/read"]`. Without any, the claim is left out. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** Changes to the token. */
  readonly token?: TokenOverrides | undefined
}

/** Cognito guide, "Understanding the access token": that of a client has neither a user's name nor groups, and its `sub` is the client's id. */
export const forgeBearer = (signers: Signers, { clientId = "2service4client6id8example0", ...service }: ServiceForgery): string => {
  const { scopes = ["orders/read"], token = {} } = service
  const { issuer, cognitoKey, now, accessLifetimeMillis } = signers
  const iat = seconds(now())
  const claims = {
    sub: clientId,
    token_use: "access",
    scope: scopes.length === 0 ? undefined : scopes.join(" "),
    auth_time: iat,
    iss: issuer,
    exp: seconds(now() + accessLifetimeMillis),
    iat,
    version: 2,
    jti: randomUUID(),
    client_id: clientId
  }
  return forgeJws({ kid: cognitoKey.kid, alg: "RS256" }, claims, cognitoKey, false, token)
}
