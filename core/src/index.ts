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
export {
  type Admit,
  type Decision,
  type HttpResponse,
  isPageLoad,
  type OnFailure,
  type Redirect,
  type Refuse,
  type ResponseHeaders
} from "./answer/Decision.ts"
export type { Health } from "./answer/Health.ts"
export type { Refusal, WriteRefusalPage } from "./answer/RefusalPage.ts"
export type { RequireOptions } from "./answer/Requirement.ts"
export { makeRoute, type Route, type RouteOptions } from "./answer/Route.ts"
export { type Connection, sessionExpiredCloseCode } from "./answer/Session.ts"
export type { SignOut, SignOutOptions } from "./answer/SignOut.ts"
export { authenticate, CognitoAuth } from "./CognitoAuth.ts"
export * from "./errors/AuthError.ts"
export { ConfigurationError, type Fault } from "./errors/ConfigurationError.ts"
export { type AuditLog, type AuditLogOptions, auditLog } from "./events/AuditLog.ts"
export type {
  Admitted,
  AuditDropped,
  AuthEvent,
  Bypassed,
  ConnectionClosed,
  KeyFetchFailed,
  KeysFetched,
  PolicyLoaded,
  PolicyLoadFailed,
  Refused,
  Warned
} from "./events/Event.ts"
export type { Logger, LogLevel, LogLine } from "./events/Logger.ts"
export { Observer, report } from "./events/Observe.ts"
export type { Algorithm, Jwk, VerificationKey } from "./keys/Key.ts"
export { type KeyRef, KeySource, type KeysHealth } from "./keys/KeySource.ts"
export * as Policy from "./policy/Policy.ts"
export { type DocumentSource, type PolicyHealth, PolicySource } from "./policy/PolicySource.ts"
export type { AuthRequest, HeaderFields } from "./request/Request.ts"
export { requireCalled, requireHandler } from "./requireCalled.ts"
export type { DurationText, KeyOptions, OneOrMore, Options } from "./settings/Options.ts"
export { gdsIdea, type Preset } from "./settings/Preset.ts"
export * as Provider from "./settings/Provider.ts"
export type { Environment } from "./settings/processEnvironment.ts"
export { type RunningServer, serverOptions } from "./settings/ServerOptions.ts"
export type { Settings } from "./settings/Settings.ts"
export { type Principal, Service } from "./user/Service.ts"
export { User } from "./user/User.ts"
