/**
 * cognito-auth for Gradio: apps mounted in Express or Fastify, or a gateway in front of any app.
 *
 * @module
 */
export {
  type AdapterOptions,
  ConfigurationError,
  gdsIdea,
  Policy,
  type Preset,
  type Refusal,
  type RequireOptions,
  type RouteOptions,
  User
} from "@cognito-auth/core"
export { GradioAuth, type GradioAuthOptions, type MountOptions, type RequestWithHeaders } from "./app/GradioAuth.ts"
export type { App } from "./app/ProtectedApp.ts"
export { type GatewayOptions, gatewayPaths } from "./gateway/GatewayOptions.ts"
export { type Gateway, gateway } from "./gateway/gateway.ts"
export type { OnUpstream } from "./proxy/AppProxy.ts"
export type { AssertionOptions } from "./proxy/Assertion.ts"
export type { PathRule } from "./proxy/PathRule.ts"
export type { UpstreamOptions } from "./proxy/Upstream.ts"
