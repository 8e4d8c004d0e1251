/**
 * What can be set in code.
 *
 * @module
 */
import type * as Duration from "effect/Duration"
import type { WriteRefusalPage } from "../answer/RefusalPage.ts"
import type { Jwk } from "../keys/Key.ts"
import type { KeySource } from "../keys/KeySource.ts"
import type { Policy } from "../policy/Policy.ts"
import type { PolicySource } from "../policy/PolicySource.ts"
import type { Rule } from "../policy/Rule.ts"
import type { Preset } from "./Preset.ts"
import type { Environment } from "./processEnvironment.ts"

/** A duration with its unit: `"5 seconds"`, or a `Duration`. Bare numbers are refused: they do not tell their unit. */
export type DurationText = `${number} ${Duration.Unit}` | Duration.Duration

/** One string, or several. In the environment: separated by commas, with or without white space around them; in code: exact. */
export type OneOrMore = string | ReadonlyArray<string>

/** How keys are fetched, kept and refreshed. */
export interface KeyOptions {
  /** ALB keys by kid, as PEM: for cold starts, and networks without a way out. Used without a fetch, for ever; a kid that is not among them is fetched. */
  readonly alb?: Readonly<Record<string, string>> | undefined
  /** The pool's JWK Set, likewise. */
  readonly jwks?: { readonly keys: ReadonlyArray<Jwk> } | undefined
  /** Fetch the JWK Sets at start-up rather than at the first request, unless they are given. Default `true`. A failure is no fault: the first request tries again. */
  readonly preload?: boolean | undefined
  /** For how long a key is used before it must be seen again at its endpoint. Default `"1 hour"`; refreshed in the background from half of it. */
  readonly maxAge?: DurationText | undefined
  /**
   * For how long past `maxAge` a key is still used while its endpoint cannot be reached, is too slow, or answers 5xx (RFC 5861
   * §4). After any other answer it is not. Default `"12 hours"`.
   */
  readonly staleIfError?: DurationText | undefined
  /** The time limit of one fetch, from connecting to the last byte. Default `"3 seconds"`. */
  readonly timeout?: DurationText | undefined
}

/** Bounds of the cache of verified tokens. */
export interface TokenCacheOptions {
  /** Bytes of all cached tokens and claims, as estimated. Default 67,108,864: 64 MiB. */
  readonly maxBytes?: number | undefined
  /** Cached sessions: an access token, and the load balancer's last four beside it. Default 20,000. */
  readonly maxEntries?: number | undefined
}

/** All settings in code. What is not given is read from the environment; code wins. */
export interface Options {
  /** AWS region of the load balancer. Default: the one in `albArn`, else `eu-west-2`. (`COGNITO_AUTH_REGION`) */
  readonly region?: string | undefined
  /** Cognito user pools: `eu-west-2_AbC123xyz`. They pin the issuer. Required. (`COGNITO_AUTH_USER_POOL_ID`) */
  readonly userPoolId?: OneOrMore | undefined
  /** App clients of the pools. Required. (`COGNITO_AUTH_CLIENT_ID`) */
  readonly clientId?: OneOrMore | undefined
  /** ARNs of the load balancers: the only signers accepted. Required. (`COGNITO_AUTH_ALB_ARN`) */
  readonly albArn?: OneOrMore | undefined
  /** Base URL of the ALB's keys. Default: AWS's, by the ARN's partition and region. (`COGNITO_AUTH_ALB_KEYS_URL`) */
  readonly albKeysUrl?: string | undefined
  /** The issuer instead of the pool's, for emulators and private endpoints. (`COGNITO_AUTH_ISSUER`) */
  readonly issuer?: string | undefined
  /** The JWK Set's URL. Default `<issuer>/.well-known/jwks.json`. (`COGNITO_AUTH_JWKS_URL`) */
  readonly jwksUrl?: string | undefined
  /**
   * Other origins whose pages may send unsafe requests and open WebSockets with the user's session: `["https://portal.example.com"]`.
   * Exact, as browsers send them: scheme, host, and port unless it is the scheme's own; http for loopback hosts alone. Default: none.
   * (`COGNITO_AUTH_ALLOWED_ORIGINS`)
   */
  readonly allowedOrigins?: ReadonlyArray<string> | undefined
  /**
   * Where a page load is sent (302) that has no user, or one who is not allowed: an https URL, or a path of this app. `false`: nowhere,
   * whatever the environment and the preset say. Default: nowhere; it gets an HTML page with its status. (`COGNITO_AUTH_REDIRECT_URL`)
   */
  readonly redirectUrl?: string | false | undefined
  /**
   * Writes the HTML of the page that a refused page load gets, in place of the built-in one. It is sent with the refusal's status, and
   * a content security policy that allows inline styles, and styles, images, fonts and forms of the app's own origin; no script, and
   * no frame around the page. Where it throws, or returns no string, the built-in page is sent, and the log says so once.
   */
  readonly refusalPage?: WriteRefusalPage | undefined
  /**
   * Who may come in: a policy, a rule, or a source as `PolicySource.file("auth-config.json")`. Required, here or as one of
   * the variables `COGNITO_AUTH_CONFIG_PATH`, `_SECRET_NAME`, `_ALLOWED_GROUPS`, `_ALLOWED_USERS`, `_ALLOW_ANY_USER`.
   */
  readonly policy?: Policy | Rule | PolicySource["Service"] | undefined
  /** Groups whose members are administrators of every app, and pass every rule. Default: none. (`COGNITO_AUTH_PLATFORM_ADMIN_GROUPS`) */
  readonly platformAdminGroups?: ReadonlyArray<string> | undefined
  /** Whether an e-mail admits only once the pool has verified it; for policies from the environment. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
  /** How far this machine's clock may differ from the signers'. Default `"5 seconds"`; at most 5 minutes. */
  readonly clockTolerance?: DurationText | undefined
  readonly keys?: KeyOptions | undefined
  /**
   * Caches tokens whose signature has been verified within the last five minutes, so that it need not be verified again.
   * Every other check is made of every request. `false`: no cache. Default: up to 64 MiB and 20,000 sessions.
   */
  readonly tokenCache?: false | TokenCacheOptions | undefined
  /** Another source of keys than the two endpoints. */
  readonly keySource?: KeySource["Service"] | undefined
  /** Answer requests that carry no sign-in at all with a mock user, on a developer's machine. Default `false`. (`COGNITO_AUTH_DEV_MODE`) */
  readonly devMode?: boolean | undefined
  /** The mock user's JSON file. Default `./dev-mock-user.json`, if there is one. (`COGNITO_AUTH_DEV_CONFIG`) */
  readonly devConfig?: string | undefined
  /** An organisation's values for `redirectUrl` and `platformAdminGroups`, as `gdsIdea`: used where neither an option nor a variable has one. */
  readonly preset?: Preset | undefined
  /** Where variables are read from. Default `process.env`. */
  readonly environment?: Environment | undefined
}
