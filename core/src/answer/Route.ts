/**
 * The options of a guarded route: what it bypasses, what it requires, and how it responds to a refused request. Compiled once.
 *
 * @module
 */
import { ConfigurationError, Faults } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { type Bypass, readBypass } from "../request/Bypass.ts"
import { readServicePaths, type ServicePaths } from "../request/ServicePaths.ts"
import type { ExpectedProvider } from "../token/Expected.ts"
import type { FailureSettings, OnFailure } from "./Decision.ts"
import { type Requirement, type RequireOptions, readRequirement } from "./Requirement.ts"

export interface CrossOriginOptions {
  /**
   * Exact paths, as in `bypass`, that a page of any origin may send unsafe requests to, with the user's session: `["/webhook"]`. Each must
   * tell for itself what is meant by its user. Default: none.
   */
  readonly allow?: ReadonlyArray<string> | ReadonlySet<string> | undefined
}

export interface RouteOptions {
  /** Exact paths that need no sign-in, such as `["/health"]`, with or without a trailing slash. `/` is only the root. Default: none. */
  readonly bypass?: ReadonlyArray<string> | ReadonlySet<string> | undefined
  /**
   * Paths, each with all below it, on which services may ask too, by `Authorization: Bearer` with a token of their own: `["/api"]`. The policy
   * says which of them may come in. Elsewhere `Authorization` is not looked at. Default: none.
   */
  readonly services?: ReadonlyArray<string> | ReadonlySet<string> | undefined
  /** The guard's name in events, the log and metrics: `"reports"`. Not a path, and nothing that differs by request. Default: none. */
  readonly name?: string | undefined
  /** Whether admitted requests are in the audit log too; refused ones always are. Default `false`. */
  readonly audit?: boolean | undefined
  /** Which cross-origin requests are admitted. Default: only those of the setting `allowedOrigins`. */
  readonly crossOrigin?: CrossOriginOptions | undefined
  /** The response to a refused request. Default `"negotiate"`. */
  readonly onFailure?: OnFailure | undefined
  /** What the user must meet in addition to the policy. `undefined` is a fault: the route would require nothing. */
  readonly require?: RequireOptions
  /**
   * Whether a connection is closed when its user's access token expires. Default: `true` for upgrades, `false` for requests. Set it
   * to `true` for event streams.
   */
  readonly closeOnExpiry?: boolean | undefined
}

export interface Route {
  readonly name: string | undefined
  readonly audit: boolean
  readonly bypass: Bypass
  readonly services: ServicePaths
  readonly crossOriginAllowed: Bypass
  readonly onFailure: OnFailure
  readonly requirement: Requirement | undefined
  readonly closeOnExpiry: boolean | undefined
}

const names: ReadonlyArray<keyof RouteOptions> = [
  "bypass",
  "services",
  "onFailure",
  "require",
  "closeOnExpiry",
  "crossOrigin",
  "name",
  "audit"
]

/** What the settings and the adapter say of what a route may ask for. */
export interface RouteSettings extends Pick<FailureSettings, "redirectUrl"> {
  readonly provider?: ExpectedProvider
  /** Whether there is an audit log. */
  readonly hasAuditLog?: boolean
  /** Whether the adapter can hand services on. */
  readonly takesServices?: boolean
}

/**
 * Compiles a route's options. If the settings are given, `onFailure: "redirect"` without a `redirectUrl` is a fault, and so is `services`
 * where no service can be verified or passed on.
 *
 * Throws `ConfigurationError`. Call it at start-up.
 */
export const makeRoute = (options: RouteOptions = {}, settings?: RouteSettings): Route => {
  if (typeof options !== "object" || options === null) throw ConfigurationError.of([{ setting: "options", problem: "expected an object." }])
  // An unknown option would be ignored, so a rule that the author relies on would not apply.
  const faults = new Faults()
  for (const { name, problem } of unknownNames(Object.keys(options), names, "is not an option")) faults.add(name, problem)
  if (options.name !== undefined && (typeof options.name !== "string" || !/^[\w.-]{1,64}$/.test(options.name))) {
    faults.add("name", "expected 1 to 64 letters, digits, dots, hyphens and underscores, such as reports.")
  }
  if (options.audit !== undefined && typeof options.audit !== "boolean") faults.add("audit", "expected true or false.")
  if (options.audit === true && settings?.hasAuditLog === false) {
    faults.add("audit", "needs an audit log: give the option auditLog, as auditLog: auditLog({ write }).")
  }
  const bypass = faults.take(readBypass(options.bypass))
  const services = faults.take(readServicePaths(options.services))
  if (options.services !== undefined && settings?.takesServices === false) {
    faults.add("services", "is not offered here: it takes users alone. Guard these paths in the app, with the adapter of its framework.")
  }
  if (options.services !== undefined && settings?.provider?._tag === "oidc") {
    faults.add("services", "needs a Cognito user pool: with Provider.oidc, no service's token can be verified. Leave it out.")
  }
  const crossOriginAllowed = readCrossOrigin(options.crossOrigin, faults)
  const { onFailure = "negotiate" } = options
  if (!["redirect", "status", "negotiate"].includes(onFailure)) {
    faults.add("onFailure", 'expected "negotiate", "redirect" or "status".')
  }
  if (onFailure === "redirect" && settings !== undefined && settings.redirectUrl === undefined) {
    faults.add("onFailure", '"redirect" needs a URL to redirect to: set redirectUrl (COGNITO_AUTH_REDIRECT_URL), or leave onFailure out.')
  }
  // `require: undefined` is a missing setting, not a route without a requirement.
  const requirement = "require" in options ? faults.take(readRequirement(options.require)) : undefined
  if (options.closeOnExpiry !== undefined && typeof options.closeOnExpiry !== "boolean") {
    faults.add("closeOnExpiry", "expected true or false.")
  }
  if (bypass === undefined || services === undefined || crossOriginAllowed === undefined || !faults.isEmpty) {
    throw ConfigurationError.of(faults.all)
  }
  return {
    name: options.name,
    audit: options.audit ?? false,
    bypass,
    services,
    crossOriginAllowed,
    onFailure,
    requirement,
    closeOnExpiry: options.closeOnExpiry
  }
}

const readCrossOrigin = (options: CrossOriginOptions | undefined = {}, faults: Faults): Bypass | undefined => {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return faults.add(
      "crossOrigin",
      'expected an object, such as { allow: ["/webhook"] }. It cannot be turned off; other origins of yours are named in allowedOrigins (COGNITO_AUTH_ALLOWED_ORIGINS).'
    )
  }
  for (const { name, problem } of unknownNames(Object.keys(options), ["allow"], "is no option")) faults.add(`crossOrigin.${name}`, problem)
  return faults.take(readBypass(options.allow, "crossOrigin.allow"))
}
