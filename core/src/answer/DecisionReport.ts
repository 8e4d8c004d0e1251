/** Who is told of a decision: observers of its event, and the audit log. */
import type * as Clock from "effect/Clock"
import type { Fork, Observation } from "../events/Observe.ts"
import { firstValue } from "../request/Headers.ts"
import type { AuthRequest } from "../request/Request.ts"
import type { Principal } from "../user/Service.ts"
import type { Decision } from "./Decision.ts"
import { startTrace, type Trace, toEvent } from "./DecisionEvent.ts"
import type { Route } from "./Route.ts"

/** A decision that was made. */
export interface Decided {
  readonly decision: Decision
  readonly request: AuthRequest
  readonly route: Route
  /** What `startTrace` returned before the decision. */
  readonly trace: Trace | undefined
  readonly framework: string
  readonly clock: Clock.Clock
  readonly fork?: Fork | undefined
}

export interface DecisionReport {
  /** The trace of a decision that begins; `undefined` where nobody would be told what it holds. `principal`: from an earlier guard. */
  readonly start: (clock: Clock.Clock, principal?: Principal) => Trace | undefined
  readonly tell: (decided: Decided) => void
}

export const makeDecisionReport = ({ observe, record, hasAuditLog, seesAdmissions }: Observation): DecisionReport => ({
  start: (clock, principal) => (seesAdmissions || hasAuditLog ? startTrace(clock, principal) : undefined),
  tell: ({ decision, request, route, trace, framework, clock, fork }) => {
    const isRefused = decision._tag !== "Admit"
    const isAudited = hasAuditLog && (isRefused || route.audit)
    if (!seesAdmissions && !isRefused && !isAudited) return
    const event = toEvent(decision, trace, { framework, route: route.name }, clock)
    if (seesAdmissions || isRefused) observe(event, fork)
    if (isAudited) record(event, { rule: ruleOf(decision, route, trace), requestId: requestIdOf(request) }, fork)
  }
})

/** What decided: the policy and the route's own requirement. A rule's description names no user. */
const ruleOf = (decision: Decision, { requirement }: Route, trace: Trace | undefined): string | undefined => {
  if (decision._tag !== "Admit") return decision.error._tag === "NotAuthorised" ? decision.error.required : undefined
  return [trace?.rule, requirement?.describe].filter((rule) => rule !== undefined).join("; and ") || undefined
}

/** The load balancer's id (ELB guide, "Request tracing"), or a tracer's (W3C Trace Context §3.2). Clients can send either: only what has their form is kept. */
const requestIdOf = ({ headers }: AuthRequest): string | undefined => {
  for (const [name, form] of requestIdForms) {
    const id = firstValue(headers, name)
    if (id !== undefined && form.test(id)) return id
  }
  return undefined
}

const requestIdForms = [
  ["x-amzn-trace-id", /^(?=.{1,256}$)[A-Za-z]+=[\w:-]{1,80}(?:;[A-Za-z]+=[\w:-]{1,80})*$/],
  ["traceparent", /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/]
] as const
