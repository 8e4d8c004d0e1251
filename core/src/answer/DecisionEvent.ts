/** A decision → the event of it. */
import type * as Clock from "effect/Clock"
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import type { Admitted, Bypassed, Refused } from "../events/Event.ts"
import { toMillis } from "../events/toMillis.ts"
import type { Principal } from "../user/Service.ts"
import type { Decision } from "./Decision.ts"

/** What is learned on the way to a decision, for its event alone. */
export interface Trace {
  readonly startedAtNanos: bigint
  /** Who asks, once the tokens are verified: also of a request that is refused then. */
  principal: Principal | undefined
  /** Whether no signature had to be verified. */
  cached: boolean
}

/** `principal`: who asks, where an earlier guard has verified it. */
export const startTrace = (clock: Clock.Clock, principal?: Principal): Trace => ({
  startedAtNanos: clock.monotonicTimeNanosUnsafe(),
  principal,
  cached: principal !== undefined
})

/** For whom the decision was made. */
export type DecidedFor = Pick<Admitted, "framework" | "route">

/** The event of a decision. Without a trace, it does not know how long it took, nor who was refused. */
export const toEvent = (
  decision: Decision,
  trace: Trace | undefined,
  decidedFor: DecidedFor,
  clock: Clock.Clock
): Admitted | Bypassed | Refused => {
  if (decision._tag !== "Admit") return refused(decision.error, decision.status, trace, decidedFor, clock)
  const { principal } = decision
  return principal === undefined
    ? { _tag: "Bypassed", ...timesOf(trace, clock), ...decidedFor }
    : admitted(principal, trace, decidedFor, clock)
}

/** The event of an admission. */
export const admitted = (principal: Principal, trace: Trace | undefined, decidedFor: DecidedFor, clock: Clock.Clock): Admitted => ({
  _tag: "Admitted",
  ...timesOf(trace, clock),
  ...decidedFor,
  ...subjectOf(principal),
  cached: trace?.cached ?? false
})

/** The event of a refusal. */
export const refused = (
  error: AuthError,
  status: Refused["status"] | undefined,
  trace: Trace | undefined,
  decidedFor: DecidedFor,
  clock: Clock.Clock
): Refused => {
  const isOfTokens = "check" in error
  return {
    _tag: "Refused",
    ...timesOf(trace, clock),
    ...decidedFor,
    ...subjectOf(trace?.principal),
    error: error._tag,
    check: isOfTokens ? error.check : undefined,
    header: isOfTokens ? error.header : undefined,
    status: status ?? httpMeaning[error._tag].status,
    message: error.message
  }
}

const timesOf = (trace: Trace | undefined, clock: Clock.Clock): Pick<Admitted, "atMillis" | "durationMillis"> => ({
  atMillis: clock.currentTimeMillisUnsafe(),
  durationMillis: trace === undefined ? 0 : toMillis(clock.monotonicTimeNanosUnsafe() - trace.startedAtNanos)
})

/** Who asks, as events name it. */
export const subjectOf = (principal: Principal | undefined): Pick<Admitted, "sub" | "clientId"> => ({
  sub: principal?._tag === "User" ? principal.sub : undefined,
  clientId: principal?._tag === "Service" ? principal.clientId : undefined
})
