/** Events as lines of a log: their level, their message, and what is left out. */
import * as Effect from "effect/Effect"
import type { AuthEvent } from "./Event.ts"

/** The levels of log lines. Admissions are `debug`; changes of state `info`; refusals and failures `warn`; what admits nobody `error`. */
export const logLevels = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof logLevels)[number]

/** A line of the log: an event without `sub`, and a message for people. */
export interface LogLine {
  readonly message: string
  readonly event: AuthEvent["_tag"]
  readonly [field: string]: unknown
}

/** Writes log lines. `console` is one, and so are the loggers of pino and winston. */
export type Logger = { readonly [Level in LogLevel]: (line: LogLine) => unknown }

const levels: { readonly [Tag in AuthEvent["_tag"]]: (event: Extract<AuthEvent, { readonly _tag: Tag }>) => LogLevel } = {
  Admitted: () => "debug",
  Bypassed: () => "debug",
  Refused: ({ status }) => (status === 503 ? "error" : "warn"),
  KeysFetched: () => "debug",
  KeyFetchFailed: () => "warn",
  PolicyLoaded: () => "info",
  PolicyLoadFailed: ({ isKept }) => (isKept ? "warn" : "error"),
  ConnectionClosed: () => "info",
  AuditDropped: () => "error",
  Warned: () => "warn"
}

const messages: { readonly [Tag in AuthEvent["_tag"]]: (event: Extract<AuthEvent, { readonly _tag: Tag }>) => string } = {
  Admitted: ({ cached }) => (cached ? "admitted, as verified before." : "admitted."),
  Bypassed: () => "admitted on a path that the guard leaves open.",
  Refused: ({ error, message }) => `${error}: ${message}`,
  KeysFetched: ({ source, keys }) => `${keys} keys fetched from ${source}.`,
  KeyFetchFailed: ({ source, reason }) => `no keys from ${source}: ${reason}`,
  PolicyLoaded: ({ source, change }) => `policy of ${source} in force: ${change}`,
  PolicyLoadFailed: ({ source, reason, isKept }) =>
    `${source} was not loaded, ${isKept ? "the last valid policy stays in force" : "no policy is in force, so no request is admitted"}: ${reason}`,
  ConnectionClosed: () => "a connection is closed: its user's sign-in has expired.",
  AuditDropped: ({ lines, reason }) =>
    `${lines} lines of the audit log are lost: ${reason === "full" ? "the sink is too slow" : "the sink failed"}.`,
  Warned: ({ message }) => message
}

/** The level of an event's line. */
export const levelOf = (event: AuthEvent): LogLevel => (levels[event._tag] as (event: AuthEvent) => LogLevel)(event)

/** The line of an event. `suppressed`: how many of its kind were not written since the last line. */
export const lineOf = (event: AuthEvent, suppressed = 0): LogLine => {
  const { _tag, sub: _sub, ...fields }: AuthEvent & { readonly sub?: unknown } = event
  const more = suppressed > 0 ? ` (and ${suppressed} more since the last such line)` : ""
  const message = `cognito-auth: ${(messages[_tag] as (event: AuthEvent) => string)(event)}${more}`
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { ...known, ...(suppressed > 0 ? { suppressed } : {}), event: _tag, message }
}

/** Logs an event by the loggers of the running fiber: its message, and its fields as annotations. Durations are measured for observers alone. */
export const logEvent = (event: AuthEvent, suppressed = 0): Effect.Effect<void> => {
  const { message, durationMillis: _durationMillis, ...fields } = lineOf(event, suppressed)
  return Effect.annotateLogs(log(levelOf(event), message), fields)
}

const log = (level: LogLevel, message: string): Effect.Effect<void> => {
  switch (level) {
    case "debug":
      return Effect.logDebug(message)
    case "info":
      return Effect.logInfo(message)
    case "warn":
      return Effect.logWarning(message)
    case "error":
      return Effect.logError(message)
  }
}
