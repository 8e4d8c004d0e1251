/**
 * Headers of an AWS ALB with Cognito sign-in → a verified, authorised user, or a typed reason why not.
 *
 * @module
 */
export {
  type AdapterLifecycle,
  type AdapterOptions,
  type AdapterRuntime,
  makeAdapterRuntime,
  NotProtected,
  SessionExpired
} from "./AdapterRuntime.ts"
export * from "./AuthError.ts"
export { authenticate, CognitoAuth } from "./CognitoAuth.ts"
export { ConfigurationError, type Fault } from "./ConfigurationError.ts"
export type { Connection } from "./Connection.ts"
export {
  type Admit,
  type Answer,
  type Decision,
  isPageLoad,
  type OnFailure,
  type Redirect,
  type Refuse,
  type ResponseHeaders
} from "./Decision.ts"
export { requireCalled, requireHandler } from "./internal/requireCalled.ts"
export type { Algorithm, Jwk, VerificationKey } from "./Key.ts"
export { type KeyRef, KeySource } from "./KeySource.ts"
export type { DurationText, Environment, KeyOptions, OneOrMore, Options } from "./Options.ts"
export * as Policy from "./Policy.ts"
export { type DocumentSource, PolicySource } from "./PolicySource.ts"
export { gdsIdea, type Preset } from "./Preset.ts"
export type { Refusal, WriteRefusalPage } from "./RefusalPage.ts"
export type { AuthRequest, HeaderFields } from "./Request.ts"
export type { RequireOptions } from "./Requirement.ts"
export { makeRoute, type Route, type RouteOptions } from "./Route.ts"
export { type RunningServer, serverOptions } from "./ServerOptions.ts"
export { sessionExpiredCloseCode } from "./Session.ts"
export type { Settings } from "./Settings.ts"
export type { SignOut, SignOutOptions } from "./SignOut.ts"
export { User } from "./User.ts"
