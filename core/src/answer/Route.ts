/**
 * How one guarded place answers: what it bypasses, what it requires, and what a failed request gets. Compiled once.
 *
 * @module
 */
import { ConfigurationError, Faults } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { type Bypass, readBypass } from "../request/Bypass.ts"
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
  /** Exact paths that need no sign-in, as `["/health"]`, with or without a trailing slash; `/` is the root alone. Default: none. */
  readonly bypass?: ReadonlyArray<string> | ReadonlySet<string> | undefined
  /** Which cross-origin requests are let through. Default: those of the setting `allowedOrigins` alone. */
  readonly crossOrigin?: CrossOriginOptions | undefined
  /** What a failed request gets. Default `"negotiate"`. */
  readonly onFailure?: OnFailure | undefined
  /** What the user must be beyond what the policy asks. `undefined` is a fault: it would be a guard that requires nothing. */
  readonly require?: RequireOptions
  /**
   * Whether a connection is closed when the access token that opened it expires. Default: `true` for upgrades, `false` for
   * requests; set it for event streams.
   */
  readonly closeOnExpiry?: boolean | undefined
}

export interface Route {
  readonly bypass: Bypass
  readonly crossOriginAllowed: Bypass
  readonly onFailure: OnFailure
  readonly requirement: Requirement | undefined
  readonly closeOnExpiry: boolean | undefined
}

const names: ReadonlyArray<keyof RouteOptions> = ["bypass", "onFailure", "require", "closeOnExpiry", "crossOrigin"]

/**
 * Compiles a route's options. With the settings, it is a fault to redirect every request where there is nowhere to redirect to.
 *
 * Throws `ConfigurationError`, so at start-up.
 */
export const makeRoute = (options: RouteOptions = {}, settings?: Pick<FailureSettings, "redirectUrl">): Route => {
  if (typeof options !== "object" || options === null) throw ConfigurationError.of([{ setting: "options", problem: "expected an object." }])
  // A name that nobody reads is a rule that does not hold.
  const faults = new Faults()
  for (const { name, problem } of unknownNames(Object.keys(options), names, "is no option")) faults.add(name, problem)
  const bypass = faults.take(readBypass(options.bypass))
  const crossOriginAllowed = readCrossOrigin(options.crossOrigin, faults)
  const { onFailure = "negotiate" } = options
  if (!["redirect", "status", "negotiate"].includes(onFailure)) {
    faults.add("onFailure", 'expected "negotiate", "redirect" or "status".')
  }
  if (onFailure === "redirect" && settings !== undefined && settings.redirectUrl === undefined) {
    faults.add(
      "onFailure",
      '"redirect" needs somewhere to redirect to: set redirectUrl (COGNITO_AUTH_REDIRECT_URL), or leave onFailure out.'
    )
  }
  // Named and undefined, it is a setting that is missing, and not a route without a requirement.
  const requirement = "require" in options ? faults.take(readRequirement(options.require)) : undefined
  if (options.closeOnExpiry !== undefined && typeof options.closeOnExpiry !== "boolean") {
    faults.add("closeOnExpiry", "expected true or false.")
  }
  if (bypass === undefined || crossOriginAllowed === undefined || !faults.isEmpty) throw ConfigurationError.of(faults.all)
  return {
    bypass,
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
      'expected an object, as { allow: ["/webhook"] }. It cannot be turned off; other origins of yours are named in allowedOrigins (COGNITO_AUTH_ALLOWED_ORIGINS).'
    )
  }
  for (const { name, problem } of unknownNames(Object.keys(options), ["allow"], "is no option")) faults.add(`crossOrigin.${name}`, problem)
  return faults.take(readBypass(options.allow, "crossOrigin.allow"))
}
