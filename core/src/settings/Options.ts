/**
 * The options in code.
 *
 * @module
 */
import type * as Duration from "effect/Duration"
import type { WriteRefusalPage } from "../answer/RefusalPage.ts"
import type { ObserveOptions } from "../events/Observe.ts"
import type { Jwk } from "../keys/Key.ts"
import type { KeySource } from "../keys/KeySource.ts"
import type { Policy } from "../policy/Policy.ts"
import type { PolicySource } from "../policy/PolicySource.ts"
import type { Rule } from "../policy/Rule.ts"
import type { Preset } from "./Preset.ts"
import type { Provider } from "./Provider.ts"
import type { Environment } from "./processEnvironment.ts"

/** A duration with its unit: `"5 seconds"`, or a `Duration`. Numbers without a unit are refused. */
export type DurationText = `${number} ${Duration.Unit}` | Duration.Duration

/** One string, or several. In the environment: separated by commas, optionally with white space around them. In code: exact. */
export type OneOrMore = string | ReadonlyArray<string>

/** How keys are fetched, cached and refreshed. */
export interface KeyOptions {
  /** ALB keys by kid, as PEM: for cold starts, and networks without internet access. They are used without a fetch, and never expire; other kids are fetched. */
  readonly alb?: Readonly<Record<string, string>> | undefined
  /** The issuer's JWK Set, likewise. */
  readonly jwks?: { readonly keys: ReadonlyArray<Jwk> } | undefined
  /** Fetch the JWK Sets at start-up rather than at the first request, unless they are given. Default `true`. A failure does not stop the app: the first request tries again. */
  readonly preload?: boolean | undefined
  /** How long a key is fresh (RFC 5861). Default `"1 hour"`; from half of it on, the key is refreshed in the background. */
  readonly maxAge?: DurationText | undefined
  /**
   * How long after `maxAge` a stale key is still used while its endpoint is unreachable, too slow, or responds 5xx (RFC 5861 §4).
   * After any other response it is not used. Default `"12 hours"`.
   */
  readonly staleIfError?: DurationText | undefined
  /** The time limit of one fetch, from connecting to the last byte. Default `"3 seconds"`. */
  readonly timeout?: DurationText | undefined
}

/** Limits of the cache of verified tokens. */
export interface TokenCacheOptions {
  /** Estimated size in bytes of all cached tokens and claims. Default 67,108,864: 64 MiB. */
  readonly maxBytes?: number | undefined
  /** Number of cached sessions. A session is an access token with the last four tokens of the load balancer. Default 20,000. */
  readonly maxEntries?: number | undefined
}

/** All settings in code. A missing option is read from the environment; an option wins over its variable. */
export interface Options extends ObserveOptions {
  /**
   * Who signs users in behind the load balancer: `Provider.oidc({ issuer, clientId })` for any OpenID provider. Default `Provider.cognito`; in
   * the environment `cognito` or `oidc`. (`COGNITO_AUTH_PROVIDER`)
   */
  readonly provider?: Provider | undefined
  /** AWS region of the load balancer. Default: the one in `albArn`, else `eu-west-2`. (`COGNITO_AUTH_REGION`) */
  readonly region?: string | undefined
  /** Cognito user pools: `eu-west-2_AbC123xyz`. Their issuers are the only ones accepted. Required. Not with `Provider.oidc`. (`COGNITO_AUTH_USER_POOL_ID`) */
  readonly userPoolId?: OneOrMore | undefined
  /** App clients of the pools, or of the provider. Required. (`COGNITO_AUTH_CLIENT_ID`) */
  readonly clientId?: OneOrMore | undefined
  /** ARNs of the load balancers: the only signers accepted. Required. (`COGNITO_AUTH_ALB_ARN`) */
  readonly albArn?: OneOrMore | undefined
  /** Base URL of the ALB's keys. Default: AWS's, by the ARN's partition and region. (`COGNITO_AUTH_ALB_KEYS_URL`) */
  readonly albKeysUrl?: string | undefined
  /** The issuer instead of the pool's, for emulators and private endpoints; with `Provider.oidc`, the provider's. (`COGNITO_AUTH_ISSUER`) */
  readonly issuer?: string | undefined
  /** The JWK Set's URL. Default `<issuer>/.well-known/jwks.json`; with `Provider.oidc` none. (`COGNITO_AUTH_JWKS_URL`) */
  readonly jwksUrl?: string | undefined
  /** With `Provider.oidc`: what the access token's `aud` must name. Default: the access token is ignored. (`COGNITO_AUTH_AUDIENCE`) */
  readonly audience?: string | undefined
  /** With `Provider.oidc`: the claim that lists a user's groups. Default: no user's groups are known. (`COGNITO_AUTH_GROUPS_CLAIM`) */
  readonly groupsClaim?: string | undefined
  /**
   * Other origins whose pages may send unsafe requests and open WebSockets with the user's session: `["https://portal.example.com"]`.
   * Exact, as browsers send them: scheme, host, and port unless it is the scheme's default; http for loopback hosts only. Default: none.
   * (`COGNITO_AUTH_ALLOWED_ORIGINS`)
   */
  readonly allowedOrigins?: ReadonlyArray<string> | undefined
  /**
   * The URL that a refused page load is redirected to (302): an https URL, or a path of this app. `false`: no redirect, even if the
   * environment or the preset has a URL. Default: no redirect; it gets an HTML page with the status. (`COGNITO_AUTH_REDIRECT_URL`)
   */
  readonly redirectUrl?: string | false | undefined
  /**
   * Returns the HTML for a refused page load, instead of the built-in page. It is sent with the status of the refusal, and with a
   * content security policy that allows inline styles, and styles, images, fonts and forms of the app's own origin, but no scripts
   * and no framing. If it throws or does not return a string, the built-in page is sent, and a warning is logged once.
   */
  readonly refusalPage?: WriteRefusalPage | undefined
  /**
   * Who is admitted: a policy, a rule, or a source such as `PolicySource.file("auth-config.json")`. Required, here or as one of
   * the variables `COGNITO_AUTH_CONFIG_PATH`, `_SECRET_NAME`, `_ALLOWED_GROUPS`, `_ALLOWED_USERS`, `_ALLOW_ANY_USER`.
   */
  readonly policy?: Policy | Rule | PolicySource["Service"] | undefined
  /** Groups whose members are administrators of every app, and pass every rule. Default: none. (`COGNITO_AUTH_PLATFORM_ADMIN_GROUPS`) */
  readonly platformAdminGroups?: ReadonlyArray<string> | undefined
  /** Whether an e-mail must be verified by the pool to admit a user; for policies from the environment. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
  /** Accepted difference between this machine's clock and the signers'. Default `"5 seconds"`; at most 5 minutes. */
  readonly clockTolerance?: DurationText | undefined
  readonly keys?: KeyOptions | undefined
  /**
   * Caches tokens whose signature has been verified within the last five minutes, so that it need not be verified again.
   * The clock, the keys, the plain `sub` and the policy are checked for every request. Default: up to 64 MiB and 20,000
   * sessions. `false`: nothing is kept of one request for the next, and the JOSE headers of tokens are not cached either.
   */
  readonly tokenCache?: false | TokenCacheOptions | undefined
  /** A custom source of keys, instead of the two endpoints. */
  readonly keySource?: KeySource["Service"] | undefined
  /** Admit requests without sign-in headers as a mock user, on a developer's machine. Default `false`. (`COGNITO_AUTH_DEV_MODE`) */
  readonly devMode?: boolean | undefined
  /** The mock user's JSON file. Default `./dev-mock-user.json`, if it exists. (`COGNITO_AUTH_DEV_CONFIG`) */
  readonly devConfig?: string | undefined
  /** An organisation's values for `redirectUrl` and `platformAdminGroups`, such as `gdsIdea`. They are used if neither the option nor the variable is set. */
  readonly preset?: Preset | undefined
  /** Where variables are read from. Default `process.env`. */
  readonly environment?: Environment | undefined
}
