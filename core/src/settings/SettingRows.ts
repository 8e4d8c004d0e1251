/**
 * Every setting, one row each: its option and variable, how it is read, its default, and its meaning. The reader
 * (`optionReader.ts`), the flags of the command line and the tables in `docs/configuration.md` are generated from the rows.
 *
 * It imports only types, so that the command line can print its help without loading core.
 *
 * @module
 */
import type { DurationText, KeyOptions, Options, TokenCacheOptions } from "./Options.ts"
import type { Preset } from "./Preset.ts"

/** How a setting is read. `optionReader.ts` has one function for each kind with a variable. */
export type Kind =
  | "string"
  | "strings"
  | "groups"
  | "httpsUrl"
  | "redirectUrl"
  | "flag"
  | "file"
  | "emails"
  | "duration"
  | "count"
  | "function"
  | "object"

export interface SettingRow {
  readonly kind: Kind
  /** What it is. Also the text in `--help`. */
  readonly meaning: string
  /** Additional text for the docs, as Markdown. */
  readonly more?: string
  /** The default value. */
  readonly default?: string | number | boolean
  /** The text for the default in the docs; it precedes `default` if there are both. */
  readonly unset?: string
}

/** A setting with an environment variable. */
export interface VariableRow extends SettingRow {
  readonly variable: `COGNITO_AUTH_${string}`
  /** The placeholder of the value in `--help`: `<url>`. Flags without a value have none. */
  readonly placeholder?: `<${string}>`
  /** Set if the setting is required, unless dev mode is on: what to give, for the fault. */
  readonly required?: string
}

/** Options that a preset may contain too. */
type InPreset = Exclude<keyof Preset, "preset">
type OptionWithVariable =
  | "userPoolId"
  | "clientId"
  | "albArn"
  | "region"
  | "albKeysUrl"
  | "issuer"
  | "jwksUrl"
  | InPreset
  | "devMode"
  | "devConfig"

/** Settings with an option and a variable. */
export const variableRows = {
  userPoolId: {
    variable: "COGNITO_AUTH_USER_POOL_ID",
    placeholder: "<ids>",
    kind: "strings",
    required: "the Cognito user pool's id, such as eu-west-2_AbC123xyz",
    meaning: "user pools",
    more: "their issuers are the only ones accepted; with several, [a group counts whichever pool it is of](policy.md#several-pools)"
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
    meaning: "issuer instead of the pool's",
    more: "for emulators and private endpoints",
    unset: "the pool's"
  },
  jwksUrl: {
    variable: "COGNITO_AUTH_JWKS_URL",
    placeholder: "<url>",
    kind: "httpsUrl",
    meaning: "the pool's key set",
    unset: "`<issuer>/.well-known/jwks.json`"
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

type OptionInCode =
  | Exclude<keyof Options, OptionWithVariable | "keys">
  | `keys.${keyof KeyOptions}`
  | `tokenCache.${keyof TokenCacheOptions}`
  | "onRefusal"

export interface DurationRow extends SettingRow {
  readonly kind: "duration"
  readonly default: DurationText & string
  readonly max: DurationText & string
}

/** Settings with an option only. */
export const codeRows = {
  policy: {
    kind: "object",
    meaning: "the policy, a rule, or a source of policies",
    more: "it wins over the variables for the policy",
    unset: "from the variables"
  },
  refusalPage: {
    kind: "function",
    meaning: "returns the HTML for a refused page load",
    more: "[More](#what-a-refused-page-load-gets)",
    unset: "the built-in page"
  },
  preset: {
    kind: "object",
    meaning: "an organisation's values for `redirectUrl` and `platformAdminGroups`, such as `gdsIdea`",
    more: "[More](#presets)"
  },
  requireVerifiedEmail: {
    kind: "flag",
    meaning: "whether an e-mail must be verified to admit a user, for policies from the environment",
    default: true
  },
  clockTolerance: {
    kind: "duration",
    meaning: "accepted clock difference between this machine and the signers",
    default: "5 seconds",
    max: "5 minutes"
  },
  "keys.alb": {
    kind: "object",
    meaning: "the load balancers' keys, PEM by kid",
    more: "for cold starts and networks without internet access"
  },
  "keys.jwks": { kind: "object", meaning: "the pool's JWK Set", more: "likewise" },
  "keys.preload": { kind: "flag", meaning: "whether the pools' keys are fetched at start-up", default: true },
  "keys.maxAge": {
    kind: "duration",
    meaning: "how long a key is fresh; it is refreshed in the background from half of that",
    default: "1 hour",
    max: "1 day"
  },
  "keys.staleIfError": {
    kind: "duration",
    meaning: "how long after that a stale key is used while the endpoint is unreachable or responds 5xx",
    more: "[decision 10](decisions/0010-answers-of-key-endpoints.md)",
    default: "12 hours",
    max: "7 days"
  },
  "keys.timeout": { kind: "duration", meaning: "the time limit of one fetch", default: "3 seconds", max: "30 seconds" },
  tokenCache: { kind: "object", meaning: "limits of the cache of verified tokens", more: "`false`: no cache", unset: "the two below" },
  "tokenCache.maxBytes": { kind: "count", meaning: "estimated size in bytes of all cached tokens and claims", default: 67_108_864 },
  "tokenCache.maxEntries": { kind: "count", meaning: "number of cached sessions", default: 20_000 },
  keySource: { kind: "object", meaning: "a custom source of keys", unset: "the two endpoints" },
  onRefusal: { kind: "function", meaning: "called with every refusal", unset: "logs it" },
  environment: { kind: "object", meaning: "where variables are read from", unset: "`process.env`" }
} as const satisfies Readonly<Record<OptionInCode, SettingRow | DurationRow>>

/** The names of the variables for the policy: if one of them is set, there is a policy. */
export const policyVariables: ReadonlyArray<string> = Object.values(policyRows).map(({ variable }) => variable)
