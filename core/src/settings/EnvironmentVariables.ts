/**
 * Every environment variable, one row each. Add a new variable here: its reader, its flag on the command line and its row in
 * `docs/configuration.md` are generated from the row.
 *
 * @module
 */
import type { Preset } from "./Preset.ts"
import type { VariableRow } from "./SettingRow.ts"

/** Options that a preset may contain too. */
type InPreset = Exclude<keyof Preset, "preset">
export type OptionWithVariable =
  | "provider"
  | "groupsClaim"
  | "audience"
  | "userPoolId"
  | "clientId"
  | "albArn"
  | "region"
  | "albKeysUrl"
  | "issuer"
  | "jwksUrl"
  | "allowedOrigins"
  | InPreset
  | "devMode"
  | "devConfig"

/** Settings with an option and a variable. */
export const variableRows = {
  provider: {
    variable: "COGNITO_AUTH_PROVIDER",
    placeholder: "<provider>",
    kind: "provider",
    meaning: "who signs users in behind the load balancer: cognito or oidc",
    more: "[any OpenID provider](identity-providers.md)",
    default: "cognito"
  },
  userPoolId: {
    variable: "COGNITO_AUTH_USER_POOL_ID",
    placeholder: "<ids>",
    kind: "strings",
    required:
      "the Cognito user pool's id, such as eu-west-2_AbC123xyz; or, with another provider, set provider (COGNITO_AUTH_PROVIDER=oidc)",
    meaning: "Cognito's user pools",
    more: "not with `oidc`; their issuers are the only ones accepted; with several, [a group counts whichever pool it is of](policy.md#several-pools)"
  },
  clientId: {
    variable: "COGNITO_AUTH_CLIENT_ID",
    placeholder: "<ids>",
    kind: "strings",
    required: "the id of the app client in the load balancer's rule",
    meaning: "app clients"
  },
  albArn: {
    variable: "COGNITO_AUTH_ALB_ARN",
    placeholder: "<arns>",
    kind: "strings",
    required:
      "the ARN of the load balancer, such as arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
    meaning: "load balancers",
    more: "the only signers accepted"
  },
  region: {
    variable: "COGNITO_AUTH_REGION",
    placeholder: "<region>",
    kind: "string",
    meaning: "region of the load balancer",
    unset: "the one in `albArn`, else",
    default: "eu-west-2"
  },
  albKeysUrl: {
    variable: "COGNITO_AUTH_ALB_KEYS_URL",
    placeholder: "<url>",
    kind: "httpsUrl",
    meaning: "base URL of the load balancers' keys",
    more: "needed in China",
    unset: "AWS's, by partition and region"
  },
  issuer: {
    variable: "COGNITO_AUTH_ISSUER",
    placeholder: "<url>",
    kind: "httpsUrl",
    meaning: "issuer instead of the pool's, or of any OpenID provider",
    more: "required with `oidc`, exactly as in the load balancer's rule; else for emulators and private endpoints",
    unset: "the pool's"
  },
  jwksUrl: {
    variable: "COGNITO_AUTH_JWKS_URL",
    placeholder: "<url>",
    kind: "httpsUrl",
    meaning: "the issuer's key set",
    unset: "`<issuer>/.well-known/jwks.json`; with `oidc` none, and the access token is ignored"
  },
  audience: {
    variable: "COGNITO_AUTH_AUDIENCE",
    placeholder: "<audience>",
    kind: "string",
    meaning: "oidc: what the access token's aud must name",
    more: "with `jwksUrl`, the access token is verified too"
  },
  groupsClaim: {
    variable: "COGNITO_AUTH_GROUPS_CLAIM",
    placeholder: "<name>",
    kind: "string",
    meaning: "oidc: the claim that lists a user's groups",
    more: "its exact name, as `groups` or `https://example.com/roles`",
    unset: "none: no user's groups are known"
  },
  allowedOrigins: {
    variable: "COGNITO_AUTH_ALLOWED_ORIGINS",
    placeholder: "<origins>",
    kind: "origins",
    meaning: "other origins whose pages may send unsafe requests and open WebSockets",
    more: "[More](#requests-from-other-origins)",
    unset: "none"
  },
  redirectUrl: {
    variable: "COGNITO_AUTH_REDIRECT_URL",
    placeholder: "<url>",
    kind: "redirectUrl",
    meaning: "URL that a refused page load is redirected to",
    more: "`false` in code turns it off. [More](#what-a-refused-page-load-gets)",
    unset: "no redirect",
    inPreset: true
  },
  platformAdminGroups: {
    variable: "COGNITO_AUTH_PLATFORM_ADMIN_GROUPS",
    placeholder: "<names>",
    kind: "groups",
    meaning: "groups whose members are administrators of every app",
    more: "they pass every rule",
    inPreset: true
  },
  devMode: {
    variable: "COGNITO_AUTH_DEV_MODE",
    kind: "flag",
    meaning: "a mock user for requests without a sign-in",
    more: "[More](#dev-mode)",
    default: false
  },
  devConfig: {
    variable: "COGNITO_AUTH_DEV_CONFIG",
    placeholder: "<file>",
    kind: "string",
    meaning: "the mock user's JSON file",
    more: "the default file may be absent",
    default: "./dev-mock-user.json"
  }
} as const satisfies {
  readonly [Option in OptionWithVariable]: VariableRow & { readonly inPreset?: Option extends InPreset ? true : never }
}

/** The variables for the policy. The first of option, file, secret and lists that is set is used. */
export const policyRows = {
  file: { variable: "COGNITO_AUTH_CONFIG_PATH", placeholder: "<file>", kind: "file", meaning: "policy file" },
  secret: {
    variable: "COGNITO_AUTH_SECRET_NAME",
    placeholder: "<name>",
    kind: "string",
    meaning: "policy in AWS Secrets Manager",
    more: "its name or ARN"
  },
  groups: { variable: "COGNITO_AUTH_ALLOWED_GROUPS", placeholder: "<names>", kind: "groups", meaning: "policy: these groups" },
  users: { variable: "COGNITO_AUTH_ALLOWED_USERS", placeholder: "<emails>", kind: "emails", meaning: "policy: these users" },
  anyUser: { variable: "COGNITO_AUTH_ALLOW_ANY_USER", kind: "flag", meaning: "policy: every authenticated user", default: false }
} as const satisfies Readonly<Record<string, VariableRow>>

/** The names of the variables for the policy: if one of them is set, there is a policy. */
export const policyVariables: ReadonlyArray<string> = Object.values(policyRows).map(({ variable }) => variable)
