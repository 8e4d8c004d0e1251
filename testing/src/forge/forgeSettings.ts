/**
 * Settings that point an app at the forge: as options in code, and as environment variables.
 *
 * @module
 */
import { type Options, Policy, Provider } from "@cognito-auth/core"

/** Who is admitted. Without a list: every authenticated user. */
export interface SettingsPolicy {
  /** Groups whose members are admitted. */
  readonly allowedGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses that are admitted. */
  readonly allowedUsers?: ReadonlyArray<string> | undefined
}

/** The same settings, twice. */
export interface ForgedSettings {
  /** For `cognitoAuth(options)` and `CognitoAuth.make(options)`. Nothing is read from `process.env`. */
  readonly options: Options
  /** For `process.env` of the app: every `COGNITO_AUTH_*` variable that is needed. */
  readonly env: Record<string, string>
}

/** The deployment that the forge represents, and where its keys are served. Without a URL, the app fetches them from AWS. */
export interface Deployment {
  readonly provider: ForgedProvider
  readonly userPoolId: string
  readonly clientId: string
  readonly albArn: string
  readonly issuer?: string | undefined
  readonly albKeysUrl?: string | undefined
  readonly jwksUrl?: string | undefined
}

/** Who signs users in. Without an audience, another provider's access token is opaque, and the app ignores it. */
export type ForgedProvider =
  | Provider.CognitoProvider
  | (Pick<Provider.OidcProvider, "_tag" | "groupsClaim" | "audience"> & { readonly issuer: string })

export const forgeSettings = (deployment: Deployment, { allowedGroups, allowedUsers }: SettingsPolicy): ForgedSettings => {
  const { albArn, albKeysUrl } = deployment
  const ofProvider = providerSettings(deployment)
  const policy = Policy.fromLists({ allowedGroups, allowedUsers })
  const variables = {
    ...ofProvider.variables,
    COGNITO_AUTH_ALB_ARN: albArn,
    COGNITO_AUTH_ALB_KEYS_URL: albKeysUrl,
    COGNITO_AUTH_ALLOWED_GROUPS: allowedGroups?.join(","),
    COGNITO_AUTH_ALLOWED_USERS: allowedUsers?.join(","),
    COGNITO_AUTH_ALLOW_ANY_USER: allowedGroups === undefined && allowedUsers === undefined ? "true" : undefined
  }
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) env[name] = value
  return { options: { ...ofProvider.options, albArn, albKeysUrl, policy, environment: {} }, env }
}

/** The settings that name the provider, in code and as variables. */
const providerSettings = ({ provider, userPoolId, clientId, issuer, jwksUrl }: Deployment) => {
  if (provider._tag === "cognito") {
    return {
      options: { userPoolId, clientId, issuer, jwksUrl },
      variables: {
        COGNITO_AUTH_USER_POOL_ID: userPoolId,
        COGNITO_AUTH_CLIENT_ID: clientId,
        COGNITO_AUTH_ISSUER: issuer,
        COGNITO_AUTH_JWKS_URL: jwksUrl
      }
    }
  }
  const { groupsClaim, audience } = provider
  const keysUrl = audience === undefined ? undefined : (jwksUrl ?? `${provider.issuer}/.well-known/jwks.json`)
  return {
    options: { provider: Provider.oidc({ issuer: provider.issuer, clientId, groupsClaim, audience, jwksUrl: keysUrl }) },
    variables: {
      COGNITO_AUTH_PROVIDER: "oidc",
      COGNITO_AUTH_ISSUER: provider.issuer,
      COGNITO_AUTH_CLIENT_ID: clientId,
      COGNITO_AUTH_GROUPS_CLAIM: groupsClaim,
      COGNITO_AUTH_AUDIENCE: audience,
      COGNITO_AUTH_JWKS_URL: keysUrl
    }
  }
}
