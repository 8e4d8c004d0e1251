/**
 * The options of a guarded route: what it bypasses, what it requires, and how it responds to a refused request. Compiled once.
 *
 * @module
 */
import { ConfigurationError, Faults } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { type Bypass, readBypass } from "../request/Bypass.ts"
import type { FailureSettings, OnFailure } from "./Decision.ts"
import { type Requirement, type RequireOptions, readRequirement } from "./Requirement.ts"

export interface RouteOptions {
  /** Exact paths that need no sign-in, such as `["/health"]`, with or without a trailing slash. `/` is only the root. Default: none. */
  readonly bypass?: ReadonlyArray<string> | ReadonlySet<string> | undefined
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
  readonly bypass: Bypass
  readonly onFailure: OnFailure
  readonly requirement: Requirement | undefined
  readonly closeOnExpiry: boolean | undefined
}

const names: ReadonlyArray<keyof RouteOptions> = ["bypass", "onFailure", "require", "closeOnExpiry"]

/**
 * Compiles a route's options. If the settings are given, `onFailure: "redirect"` without a `redirectUrl` is a fault.
 *
 * Throws `ConfigurationError`. Call it at start-up.
 */
export const makeRoute = (options: RouteOptions = {}, settings?: Pick<FailureSettings, "redirectUrl">): Route => {
  if (typeof options !== "object" || options === null) throw ConfigurationError.of([{ setting: "options", problem: "expected an object." }])
  // An unknown option would be ignored, so a rule that the author relies on would not apply.
  const faults = new Faults()
  for (const { name, problem } of unknownNames(Object.keys(options), names, "is not an option")) faults.add(name, problem)
  const bypass = faults.take(readBypass(options.bypass))
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
  if (bypass === undefined || !faults.isEmpty) throw ConfigurationError.of(faults.all)
  return {
    bypass,
    onFailure,
    requirement,
    closeOnExpiry: options.closeOnExpiry
  }
}
