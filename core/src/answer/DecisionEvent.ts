/** A decision → the event of it. */
import type * as Clock from "effect/Clock"
import type { Admitted, Bypassed, Refused } from "../events/Event.ts"
import { millisSince } from "../events/millisSince.ts"
import type { Principal } from "../user/Service.ts"
import type { Decision } from "./Decision.ts"

/** What is learned on the way to a decision, for its event alone. */
export interface Trace {
  readonly startedAtNanos: bigint
  /** Who asks, once the tokens are verified: also of a request that is refused then. */
  principal: Principal | undefined
  /** Whether no signature had to be verified. */
  cached: boolean
  /** What the policy admits, as it describes itself. */
  rule: string | undefined
}

/** `principal`: who asks, where an earlier guard has verified it. */
export const startTrace = (clock: Clock.Clock, principal?: Principal): Trace => ({
  startedAtNanos: clock.monotonicTimeNanosUnsafe(),
  principal,
  cached: principal !== undefined,
  rule: undefined
})

/** The event of a decision. Without a trace, it does not know how long it took, nor who was refused. */
export const toEvent = (
  decision: Decision,
  trace: Trace | undefined,
  decidedFor: Pick<Admitted, "framework" | "route">,
  clock: Clock.Clock
): Admitted | Bypassed | Refused => {
  const context = { ...timesOf(trace, clock), ...decidedFor }
  if (decision._tag === "Admit") {
    const { principal } = decision
    if (principal === undefined) return { _tag: "Bypassed", ...context }
    return { _tag: "Admitted", ...context, ...subjectOf(principal), cached: trace?.cached ?? false }
  }
  const { error, status } = decision
  const isOfTokens = "check" in error
  return {
    _tag: "Refused",
    ...context,
    ...subjectOf(trace?.principal),
    error: error._tag,
    check: isOfTokens ? error.check : undefined,
    header: isOfTokens ? error.header : undefined,
    status,
    message: error.message
  }
}

const timesOf = (trace: Trace | undefined, clock: Clock.Clock): Pick<Admitted, "atMillis" | "durationMillis"> => ({
  atMillis: clock.currentTimeMillisUnsafe(),
  durationMillis: trace === undefined ? 0 : millisSince(clock, trace.startedAtNanos)
})

/** Who asks, as events name it. */
export const subjectOf = (principal: Principal | undefined): Pick<Admitted, "sub" | "clientId"> => ({
  sub: principal?._tag === "User" ? principal.sub : undefined,
  clientId: principal?._tag === "Service" ? principal.clientId : undefined
})
