/**
 * cognito-auth for Gradio: apps mounted in an Express or a Fastify app.
 *
 * @module
 */
export {
  type AdapterOptions,
  ConfigurationError,
  gdsIdea,
  Policy,
  type Preset,
  Provider,
  type Refusal,
  type RequireOptions,
  type RouteOptions,
  User
} from "@cognito-auth/core"
export type { AssertionOptions, OnUpstream, UpstreamOptions } from "@cognito-auth/gateway/adapter"
export { GradioAuth } from "./GradioAuth.ts"
export type { GradioAuthOptions, MountOptions, RequestWithHeaders } from "./Options.ts"
export type { App } from "./ProtectedApp.ts"
