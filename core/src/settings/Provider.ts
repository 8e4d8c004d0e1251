/**
 * Who signs users in behind the load balancer: a Cognito user pool, or any OpenID provider. The values of the option `provider`.
 *
 * @module
 */

/** Cognito, by the rule's action `authenticate-cognito`. */
export interface CognitoProvider {
  readonly _tag: "cognito"
}

/** Any OpenID provider, by the rule's action `authenticate-oidc`. What is not given is read from the option of the same name, or its variable. */
export interface OidcOptions {
  /** The issuer, exactly as in the load balancer's rule. Required. (`COGNITO_AUTH_ISSUER`) */
  readonly issuer?: string | undefined
  /** The client, as in the load balancer's rule. Required. (`COGNITO_AUTH_CLIENT_ID`) */
  readonly clientId?: string | ReadonlyArray<string> | undefined
  /**
   * The claim of the provider's userinfo that lists the user's groups, by its exact name: `groups`, `https://example.com/roles`. Only a list
   * of strings counts. Default: none, and no user's groups are known. (`COGNITO_AUTH_GROUPS_CLAIM`)
   */
  readonly groupsClaim?: string | undefined
  /**
   * The provider's JWK Set. With it and `audience`, the access token is verified too: an RS256 JWT of the same issuer and `sub`. Default: the
   * access token is ignored. (`COGNITO_AUTH_JWKS_URL`)
   */
  readonly jwksUrl?: string | undefined
  /** What the access token's `aud` must name: the API that the provider issues it for. (`COGNITO_AUTH_AUDIENCE`) */
  readonly audience?: string | undefined
}

export interface OidcProvider extends OidcOptions {
  readonly _tag: "oidc"
}

export type Provider = CognitoProvider | OidcProvider

/** A Cognito user pool. It is the default, and need not be written. */
export const cognito: CognitoProvider = Object.freeze({ _tag: "cognito" })

/**
 * Any OpenID provider behind the load balancer: Okta, Keycloak, Auth0, Authentik, Google, Entra …
 *
 * The load balancer's token is then the only one that is verified, unless `jwksUrl` and `audience` are given.
 *
 * @example
 * const auth = cognitoAuth({ provider: Provider.oidc({ issuer: "https://example.okta.com", clientId: "0oa1", groupsClaim: "groups" }) })
 */
export const oidc = (options: OidcOptions = {}): OidcProvider => {
  // Each by its name: of a class, spreading would lose the getters, and the access token would be ignored without a word.
  const { issuer, clientId, groupsClaim, jwksUrl, audience } = options
  return Object.freeze({ ...options, issuer, clientId, groupsClaim, jwksUrl, audience, _tag: "oidc" })
}
