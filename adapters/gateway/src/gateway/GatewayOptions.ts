/**
 * The gateway's options, validated at start-up.
 *
 * @module
 */
import {
  type AdapterOptions,
  type AdapterRuntime,
  type DurationText,
  makeAdapterRuntime,
  makeRoute,
  type Route,
  type RouteOptions
} from "@cognito-auth/core"
import { isPlainPath } from "@cognito-auth/core/Bypass"
import { ConfigurationError, Faults } from "@cognito-auth/core/ConfigurationError"
import type { AssertionOptions } from "../identity/Assertion.ts"
import { type HeaderFilter, type HeaderFilterOptions, readHeaderFilter } from "../identity/HeaderFilter.ts"
import { matcherOf, type PathRule, readPathRule } from "../target/PathRule.ts"
import type { Reading } from "../target/readings.ts"
import type { OnUpstream } from "../upstream/AppProxy.ts"
import { logUpstream } from "../upstream/logUpstream.ts"
import { readMillis, readUpstream, type UpstreamOptions, type UpstreamSettings } from "../upstream/Upstream.ts"

/** The gateway's own paths: they need no user, and are never forwarded. */
export const gatewayPaths = { health: "/healthz", ready: "/readyz", jwks: "/.well-known/cognito-auth/jwks.json" } as const

/** The settings of cognito-auth, and the gateway's own. */
export interface GatewayOptions extends AdapterOptions, Omit<RouteOptions, "require" | "services">, UpstreamOptions, HeaderFilterOptions {
  /** Default 8080; 0 for a free one. */
  readonly port?: number | undefined
  /** The address to listen on. Default `0.0.0.0`: every one. */
  readonly host?: string | undefined
  /** The path under which the gateway serves the app, as the load balancer forwards it: `/app`. It is removed before forwarding. Default `/`. */
  readonly path?: string | undefined
  /**
   * What paths of the app, and all below them, require beyond the policy: `["/admin=group:admins"]`. The app's own paths: without
   * `path`. Every rule that applies must admit the user, also if `bypass` names the path.
   */
  readonly pathRules?: ReadonlyArray<string | PathRule> | undefined
  /** The path of the app that `/readyz` requests, by HEAD: any response suffices. Default `/`. */
  readonly readyPath?: string | undefined
  /**
   * How long the header section of a request may take, from its first byte or the connection's beginning. Default `"80 seconds"`: longer than a load
   * balancer keeps an unused connection.
   */
  readonly headersTimeout?: DurationText | undefined
  /** How long responses may continue after `close()`. Default `"30 seconds"`. */
  readonly shutdownTimeout?: DurationText | undefined
  /** The `iss` and `aud` of the signed assertion. */
  readonly assertion?: AssertionOptions | undefined
  /** Called when the upstream begins to fail, and when it responds again. Default: logs one line for each. */
  readonly onUpstream?: OnUpstream | undefined
}

export interface GatewaySettings {
  readonly runtime: AdapterRuntime
  readonly upstream: UpstreamSettings
  readonly prefix: string
  readonly port: number
  readonly host: string
  readonly route: Route
  readonly rules: ReadonlyArray<{ readonly applies: (readings: ReadonlyArray<Reading>) => boolean; readonly route: Route }>
  readonly filter: HeaderFilter
  readonly readyPath: string
  readonly headersMillis: number
  readonly shutdownMillis: number
  readonly assertion: AssertionOptions
  readonly onUpstream: OnUpstream
}

/** Validates the options. Throws `ConfigurationError` with every fault. */
export const readGatewayOptions = (options: GatewayOptions): GatewaySettings => {
  const {
    upstream,
    timeout,
    port = 8080,
    host = "0.0.0.0",
    path = "/",
    pathRules = [],
    readyPath = "/",
    headersTimeout = "80 seconds",
    shutdownTimeout = "30 seconds",
    strip,
    pass,
    assertion = {},
    onUpstream = logUpstream,
    bypass,
    crossOrigin,
    onFailure,
    closeOnExpiry = true,
    name,
    audit,
    ...auth
  } = options
  // Not offered: it would have to tell the app which of the two asks. Said where all faults of a route are said.
  const { services, ...settingsOfAuth }: typeof auth & Pick<RouteOptions, "services"> = auth
  const faults = new Faults()
  const fault = faults.add
  const settings = readUpstream({ upstream, timeout }, fault)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) fault("port", "expected a port: a whole number up to 65535.")
  if (!isPlainPath(path)) fault("path", 'expected a plain path, as "/app".')
  // The path is sent to the upstream unchanged.
  if (!isPlainPath(readyPath)) fault("readyPath", 'expected a plain path, as "/health".')
  const filter = readHeaderFilter({ strip, pass }, fault)
  const headersMillis = readMillis("headersTimeout", headersTimeout, fault)
  const shutdownMillis = readMillis("shutdownTimeout", shutdownTimeout, fault)
  const route = faults.attempt(() => makeRoute({ bypass, crossOrigin, onFailure, closeOnExpiry, name, audit }))
  const rules = pathRules.flatMap((each) => {
    const rule = readPathRule(each, fault)
    const ruled = rule && faults.attempt(() => makeRoute({ crossOrigin, require: rule.require, onFailure, closeOnExpiry, name, audit }))
    return rule && ruled ? [{ applies: matcherOf(rule), route: ruled }] : []
  })
  const runtime = faults.attempt(() => makeAdapterRuntime(settingsOfAuth, { framework: "gateway" }))
  // Whether there is a redirectUrl is known only from the settings.
  if (route !== undefined && runtime !== undefined) faults.attempt(() => runtime.route({ onFailure, services, audit }))
  if (runtime === undefined || route === undefined || !faults.isEmpty) {
    void runtime?.dispose()
    throw ConfigurationError.of(faults.all)
  }
  return {
    runtime,
    upstream: settings,
    prefix: path.replace(/\/$/, ""),
    port,
    host,
    route,
    rules,
    filter,
    readyPath,
    headersMillis,
    shutdownMillis,
    assertion,
    onUpstream
  }
}
