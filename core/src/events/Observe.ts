/**
 * PORT: who is told of events. Sources of keys and policies report theirs to the observer of the fiber that runs them; outside of a
 * `CognitoAuth` service there is none, and their events are logged.
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { AuditContext, AuditLog } from "./AuditLog.ts"
import type { AuthEvent } from "./Event.ts"
import { type Logger, levelOf, lineOf, logEvent } from "./Logger.ts"
import { makeRepeats } from "./Repeats.ts"

/** The options that say who is told. */
export interface ObserveOptions {
  /**
   * Called with every event: decisions, key fetches, policy loads, closed connections. It must return quickly: it is called while a
   * request waits. If it throws or rejects, a warning is logged, and nothing else changes. Default: nobody is told.
   */
  readonly observe?: ((event: AuthEvent) => unknown) | undefined
  /**
   * Called with log lines, one object each: `console`, or a logger of pino or winston. Of refusals it gets the first of a kind, and then
   * at most one every ten seconds, with a count. `false`: nothing is logged. Default: the process's output, without admissions; in an Effect app its loggers, without decisions, which their caller gets.
   */
  readonly logger?: Logger | false | undefined
  /** An `auditLog`: a record of every refusal, and of the admissions on routes with `audit: true`. Default: none is kept. */
  readonly auditLog?: AuditLog | undefined
}

/** Starts a fiber, which writes a line of the log. */
export type Fork = (effect: Effect.Effect<void>) => unknown

/** Receives an event. It never throws, and is not awaited. `fork`: starts fibers with the loggers of the one that reports it. */
export type Observe = (event: AuthEvent, fork?: Fork) => void

/** The observer of the running fiber. */
export const Observer: Context.Reference<Observe | undefined> = Context.Reference<Observe | undefined>("@cognito-auth/core/Observer", {
  defaultValue: () => undefined
})

/** Reports an event to the fiber's observer. */
export const report = (event: AuthEvent): Effect.Effect<void> =>
  Effect.flatMap(Effect.context<never>(), (context) => {
    const observe = Context.get(context, Observer)
    return observe === undefined ? logEvent(event) : Effect.sync(() => observe(event, Effect.runForkWith(context)))
  })

/** The compiled options. */
export interface Observation {
  readonly observe: Observe
  /** Writes an event to the audit log, if there is one. It never throws, and is not awaited. */
  readonly record: (event: AuthEvent, context: AuditContext, fork?: Fork) => void
  /** Whether there is an audit log. */
  readonly hasAuditLog: boolean
  /** Whether anybody is told of requests that are admitted. If nobody is, their events need not be made. */
  readonly seesAdmissions: boolean
}

/** Compiles the options. `fork` starts fibers with the app's loggers. */
export const makeObservation = ({ observe, logger, auditLog }: ObserveOptions, fork: Fork): Observation => {
  const repeats = makeRepeats()

  /** Writes an event's line, which stands for so many others of its kind. */
  const write = (event: AuthEvent, suppressed: number, by: Fork): void => {
    if (logger === undefined) by(logEvent(event, suppressed))
    else if (logger !== false) guarded("logger", () => logger[levelOf(event)](lineOf(event, suppressed)), event.atMillis)
  }

  const tellLog = (event: AuthEvent, by: Fork): void => {
    if (logger === undefined && levelOf(event) === "debug") return
    const suppressed = event._tag === "Refused" ? repeats(`${event.error} ${event.check}`, event.atMillis) : 0
    if (suppressed !== undefined) write(event, suppressed, by)
  }

  /** Third-party code: an exception or rejection must neither delay the response nor end the process. */
  const guarded = (option: keyof ObserveOptions, call: () => unknown, atMillis: number): void => {
    const complain = () => {
      if (repeats(option, atMillis) === undefined) return
      const warning: AuthEvent = Object.freeze({ _tag: "Warned", atMillis, message: `the option ${option} threw.` })
      if (option === "logger") fork(logEvent(warning))
      else tellLog(warning, fork)
      if (option !== "observe" && observe !== undefined) guarded("observe", () => observe(warning), atMillis)
    }
    try {
      const returned = call()
      if (typeof Object(returned).then === "function") void Promise.resolve(returned).catch(complain)
    } catch {
      complain()
    }
  }

  const record: Observation["record"] = (event, context, by = fork) => {
    if (auditLog === undefined) return
    guarded("auditLog", () => auditLog.record(event, context, (lost) => tell(lost, by)), event.atMillis)
  }

  const tell: Observe = (given, by = fork) => {
    // What one observer does to it must not reach another, or the decision.
    const event = Object.freeze(given)
    if (observe !== undefined) guarded("observe", () => observe(event), event.atMillis)
    if (logger !== false) guarded("logger", () => tellLog(event, by), event.atMillis)
    // Decisions are recorded where the request is known (answer/DecisionReport.ts).
    if (!isDecision(event)) record(event, withoutRequest, by)
  }

  return {
    observe: tell,
    record,
    hasAuditLog: auditLog !== undefined,
    seesAdmissions: observe !== undefined || (logger !== undefined && logger !== false)
  }
}

const withoutRequest: AuditContext = { rule: undefined, requestId: undefined }

const isDecision = ({ _tag }: AuthEvent): boolean => _tag === "Admitted" || _tag === "Bypassed" || _tag === "Refused"
