/**
 * The options of a local ALB: the target, and the settings of the load balancer and the user pool.
 *
 * @module
 */
import type { DurationText } from "@cognito-auth/core"
import { Faults } from "@cognito-auth/core/ConfigurationError"
import { signOfProduction } from "@cognito-auth/core/DevMode"
import { longestTimerMillis, readDuration } from "@cognito-auth/core/readDuration"
import { defaultSessionCookie, isCookieName } from "@cognito-auth/core/SignOut"
import type { Forge, ForgeOptions } from "../forge/makeForge.ts"
import { defaultUsers, type LocalUser } from "./Users.ts"

/** How a request without a sign-in is handled: `OnUnauthenticatedRequest` of the load balancer's rule. */
export type OnUnauthenticated = "authenticate" | "allow" | "deny"

/** A listener rule: the action for the paths that it matches. */
export interface LocalRule {
  /** A path as in a rule of the load balancer: compared exactly, with `*` for any characters and `?` for any one. */
  readonly path: string
  /** The rule authenticates, in one of three ways; or it forwards without authentication, with the client's headers. */
  readonly action: OnUnauthenticated | "forward"
}

/** Settings of a local ALB. What the tokens say (`provider`, `userPoolId`, `clientId`, `albArn` …) can be production's. */
export interface LocalAlbOptions extends ForgeOptions {
  /** Where the app listens: `http://localhost:3000`. */
  readonly target: string
  /** The port of the load balancer. Default: a free one. */
  readonly port?: number | undefined
  /** The port of the user pool's sign-in pages. Default: the one after `port`, or a free one. */
  readonly cognitoPort?: number | undefined
  /** The port of the key endpoints. Default: the second after `port`, or a free one. */
  readonly keysPort?: number | undefined
  /** The address to listen on. Default `127.0.0.1`: anyone who can reach a local ALB can sign in as any user. */
  readonly host?: string | undefined
  /** Host names of this load balancer in addition to loopback's, as `app.example` or `localhost:9000`. Others get 421. */
  readonly hosts?: ReadonlyArray<string> | undefined
  /** Who can be picked on the sign-in page. Default: three users, of the groups `admins` and `staff`, of `staff`, and of none. */
  readonly users?: ReadonlyArray<LocalUser> | undefined
  /** The forge whose keys sign, and whose deployment is used where the options name none. Default: a new one. */
  readonly forge?: Forge | undefined
  /** Rules for some paths; the first that matches counts. Default: none. */
  readonly rules?: ReadonlyArray<LocalRule> | undefined
  /** The action of the default rule. Default `"authenticate"`. */
  readonly onUnauthenticated?: OnUnauthenticated | undefined
  /** The session cookie's name, without the number of its shard. Default `AWSELBAuthSessionCookie`. */
  readonly cookieName?: string | undefined
  /** How long a session lasts, however busy it is. Default `"7 days"`. */
  readonly sessionTimeout?: DurationText | undefined
  /** The time limit of a sign-in. Default `"15 minutes"`. */
  readonly loginTimeout?: DurationText | undefined
  /** How long a session of the user pool lasts, in which it does not ask for a sign-in. Default `"1 hour"`, as Cognito's. */
  readonly cognitoSession?: DurationText | undefined
  /** When the load balancer signs a new token. AWS documents neither. Default `"each request"`. */
  readonly sign?: "each request" | "when stale" | undefined
  /** Whether an access token is refreshed before it expires, or left to expire in the session. Default `true`. */
  readonly refresh?: boolean | undefined
  /** Both signers change their keys this often. Default: on demand alone. */
  readonly rotateKeysEvery?: DurationText | undefined
  /** The idle timeout of a connection: then 504, 408, or it is closed. Default `"60 seconds"`. */
  readonly idleTimeout?: DurationText | undefined
  /** The `X-Forwarded-Proto` of every request. Default `http`, the actual protocol; production's is `https`. */
  readonly forwardedProto?: "http" | "https" | undefined
  /** The app client's sign-out URLs. Default: every URL of the load balancer's own hosts. */
  readonly logoutUris?: ReadonlyArray<string> | undefined
}

export const defaultAlbLifetime: DurationText = "2 minutes"
export const defaultAccessLifetime: DurationText = "1 hour"

/** The same, validated and with defaults. */
export interface LocalAlbSettings {
  readonly target: URL
  readonly ports: { readonly alb: number; readonly cognito: number; readonly keys: number }
  readonly host: string
  readonly hosts: ReadonlyArray<string>
  readonly users: ReadonlyArray<LocalUser>
  readonly rules: ReadonlyArray<LocalRule>
  readonly cookieName: string
  readonly sessionTimeoutMillis: number
  readonly loginTimeoutMillis: number
  readonly cognitoSessionMillis: number
  readonly accessLifetimeMillis: number
  readonly albLifetimeMillis: number
  readonly signsEachRequest: boolean
  readonly refresh: boolean
  readonly rotateKeysMillis: number | undefined
  readonly idleTimeoutMillis: number
  readonly forwardedProto: "http" | "https"
  readonly logoutUris: ReadonlyArray<string> | undefined
}

/** Validates the options. Throws `ConfigurationError` with every fault. */
export const settle = (options: LocalAlbOptions, environment: Readonly<Record<string, string | undefined>>): LocalAlbSettings => {
  const faults = new Faults()
  const fault = faults.add

  const sign = signOfProduction(environment)
  if (sign !== undefined) {
    fault("environment", `a local ALB cannot run ${sign}: anyone can sign in as any user. Run the app behind a real load balancer there.`)
  }
  const target = readTarget(options.target)
  if (target === undefined) fault("target", "expected where the app listens, as http://localhost:3000, without a path.")

  const { port = 0 } = options
  const after = (steps: number) => (port === 0 ? 0 : port + steps)
  const ports = { alb: port, cognito: options.cognitoPort ?? after(1), keys: options.keysPort ?? after(2) }
  for (const [name, each] of Object.entries({ port, cognitoPort: ports.cognito, keysPort: ports.keys })) {
    if (!Number.isInteger(each) || each < 0 || each > 65_535) fault(name, "expected a port: a whole number from 1 to 65535.")
  }
  const { cookieName = defaultSessionCookie } = options
  if (!isCookieName(cookieName) || cookieName.length > 64) fault("cookieName", "expected a cookie's name of up to 64 characters.")

  const actions = ["authenticate", "allow", "deny", "forward"]
  const { onUnauthenticated = "authenticate", rules = [] } = options
  for (const { path, action } of rules) {
    if (!path.startsWith("/") && path !== "*") fault("rules", `${JSON.stringify(path)} is no path: expected one that begins with "/".`)
    if (!actions.includes(action)) fault("rules", `${JSON.stringify(action)} is no action: expected ${actions.join(", ")}.`)
  }
  if (!actions.slice(0, 3).includes(onUnauthenticated)) fault("onUnauthenticated", "expected authenticate, allow or deny.")

  const millis = (name: keyof LocalAlbOptions, duration: DurationText): number => readDuration(name, duration, fault) ?? 0
  const timer: typeof millis = (name, duration) => Math.min(millis(name, duration), longestTimerMillis)
  const settings: LocalAlbSettings = {
    target: target ?? new URL("http://127.0.0.1"),
    ports,
    host: options.host ?? "127.0.0.1",
    hosts: (options.hosts ?? []).map((each) => each.toLowerCase()),
    users: options.users ?? defaultUsers,
    rules: [...rules, { path: "*", action: onUnauthenticated }],
    cookieName,
    sessionTimeoutMillis: millis("sessionTimeout", options.sessionTimeout ?? "7 days"),
    loginTimeoutMillis: millis("loginTimeout", options.loginTimeout ?? "15 minutes"),
    cognitoSessionMillis: millis("cognitoSession", options.cognitoSession ?? "1 hour"),
    accessLifetimeMillis: millis("accessLifetime", options.accessLifetime ?? defaultAccessLifetime),
    albLifetimeMillis: millis("albLifetime", options.albLifetime ?? defaultAlbLifetime),
    signsEachRequest: options.sign !== "when stale",
    refresh: options.refresh ?? true,
    rotateKeysMillis: options.rotateKeysEvery === undefined ? undefined : timer("rotateKeysEvery", options.rotateKeysEvery),
    idleTimeoutMillis: timer("idleTimeout", options.idleTimeout ?? "60 seconds"),
    forwardedProto: options.forwardedProto ?? "http",
    logoutUris: options.logoutUris
  }
  faults.throwIfAny()
  return settings
}

const readTarget = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isOrigin = url !== undefined && `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === "/"
  return isOrigin && (url.protocol === "http:" || url.protocol === "https:") ? url : undefined
}
