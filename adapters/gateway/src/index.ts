/**
 * A gateway in front of any app: a reverse proxy that lets signed-in, authorised users through, and tells the app who they are.
 *
 * @module
 */
export { type AdapterOptions, ConfigurationError, Policy, Provider, type RequireOptions, type RouteOptions, User } from "@cognito-auth/core"
export { type GatewayOptions, gatewayPaths } from "./gateway/GatewayOptions.ts"
export { type Gateway, gateway } from "./gateway/gateway.ts"
export type { AssertionOptions } from "./identity/Assertion.ts"
export type { PathRule } from "./target/PathRule.ts"
export type { OnUpstream } from "./upstream/AppProxy.ts"
export type { UpstreamOptions } from "./upstream/Upstream.ts"
