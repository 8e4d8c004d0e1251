/**
 * Every setting, one row each: its option and variable, how it is read, its default, and what it means. From the rows come
 * the reader (`optionReader.ts`), the flags of the command line, and the tables in `docs/configuration.md`.
 *
 * It imports types alone: the command line prints its help from it, without loading core.
 *
 * @module
 */
import type { DurationText, KeyOptions, Options, TokenCacheOptions } from "./Options.ts"
import type { Preset } from "./Preset.ts"

/** How a setting is read. `optionReader.ts` has one function for each kind that has a variable. */
export type Kind =
  | "string"
  | "strings"
  | "groups"
  | "origins"
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
  /** What it is, in the words that `--help` has too. */
  readonly meaning: string
  /** What the docs say further, as Markdown. */
  readonly more?: string
  /** The value where nothing is given. */
  readonly default?: string | number | boolean
  /** In the docs: what holds where nothing is given, before `default` if there is one too. */
  readonly unset?: string
}

/** A setting with an environment variable. */
export interface VariableRow extends SettingRow {
  readonly variable: `COGNITO_AUTH_${string}`
  /** What a value is called in `--help`: `<url>`. Flags that are given without a value have none. */
  readonly placeholder?: `<${string}>`
  /** Required, unless dev mode is on. What to give, for the fault. */
  readonly required?: string
}

/** Options that a preset may hold as well. */
type InPreset = Exclude<keyof Preset, "preset">
type OptionWithVariable =
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

/** Settings that an option or its variable gives. */
export const variableRows = {
  userPoolId: {
    variable: "COGNITO_AUTH_USER_POOL_ID",
    placeholder: "<ids>",
    kind: "strings",
    required: "the Cognito user pool's id, as eu-west-2_AbC123xyz",
    meaning: "user pools",
    more: "they pin the issuer; with several, [a group counts whichever pool it is of](policy.md#several-pools)"
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
      "the ARN of the load balancer, as arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
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
    meaning: "where a page load without an admitted user is sent",
    more: "`false` in code turns it off. [More](#what-a-refused-page-load-gets)",
    unset: "nowhere",
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
    meaning: "a mock user where nobody has signed in",
    more: "[More](#dev-mode)",
    default: false
  },
  devConfig: {
    variable: "COGNITO_AUTH_DEV_CONFIG",
    placeholder: "<file>",
    kind: "string",
    meaning: "the mock user's JSON file",
    more: "the default need not exist",
    default: "./dev-mock-user.json"
  }
} as const satisfies {
  readonly [Option in OptionWithVariable]: VariableRow & { readonly inPreset?: Option extends InPreset ? true : never }
}

/** The variables that stand for the option `policy`: the first of option, file, secret and the rest that is given. */
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

/** Settings that code alone gives. */
export const codeRows = {
  policy: {
    kind: "object",
    meaning: "the policy, a rule, or a source of policies",
    more: "it wins over the variables that give one",
    unset: "of the variables"
  },
  refusalPage: {
    kind: "function",
    meaning: "writes the HTML that a refused page load gets",
    more: "[More](#what-a-refused-page-load-gets)",
    unset: "the built-in page"
  },
  preset: {
    kind: "object",
    meaning: "an organisation's values for `redirectUrl` and `platformAdminGroups`, as `gdsIdea`",
    more: "[More](#presets)"
  },
  requireVerifiedEmail: {
    kind: "flag",
    meaning: "whether an e-mail admits only once it is verified, for policies from the environment",
    default: true
  },
  clockTolerance: {
    kind: "duration",
    meaning: "how far this machine's clock may be off",
    default: "5 seconds",
    max: "5 minutes"
  },
  "keys.alb": {
    kind: "object",
    meaning: "the load balancers' keys, PEM by kid",
    more: "for cold starts and networks without a way out"
  },
  "keys.jwks": { kind: "object", meaning: "the pool's JWK Set", more: "likewise" },
  "keys.preload": { kind: "flag", meaning: "whether the pools' keys are fetched at start-up", default: true },
  "keys.maxAge": {
    kind: "duration",
    meaning: "for how long a key is used before it must be seen again at its endpoint",
    default: "1 hour",
    max: "1 day"
  },
  "keys.staleIfError": {
    kind: "duration",
    meaning: "for how long past that while the endpoint cannot be reached or answers 5xx, and after no other answer",
    more: "[decision 10](decisions/0010-answers-of-key-endpoints.md)",
    default: "12 hours",
    max: "7 days"
  },
  "keys.timeout": { kind: "duration", meaning: "the time limit of one fetch", default: "3 seconds", max: "30 seconds" },
  tokenCache: { kind: "object", meaning: "bounds of the cache of verified tokens", more: "`false`: no cache", unset: "the two below" },
  "tokenCache.maxBytes": { kind: "count", meaning: "bytes of all cached tokens and claims, as estimated", default: 67_108_864 },
  "tokenCache.maxEntries": { kind: "count", meaning: "cached sessions", default: 20_000 },
  keySource: { kind: "object", meaning: "another source of keys", unset: "the two endpoints" },
  onRefusal: { kind: "function", meaning: "told of every refusal", unset: "the log" },
  environment: { kind: "object", meaning: "where variables are read from", unset: "`process.env`" }
} as const satisfies Readonly<Record<OptionInCode, SettingRow | DurationRow>>

/** Each of them gives a policy: where one is set, there is one. */
export const policyVariables: ReadonlyArray<string> = Object.values(policyRows).map(({ variable }) => variable)
