import { type AuthEvent, HeaderMissing, NotAuthorised } from "@cognito-auth/core"
import { bypassed, type Decision } from "@cognito-auth/core/Decision"
import { makeRoute, type RouteOptions } from "@cognito-auth/core/Route"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { startTrace } from "../../src/answer/DecisionEvent.ts"
import { makeDecisionReport } from "../../src/answer/DecisionReport.ts"
import type { AuditContext } from "../../src/events/AuditLog.ts"
import { userWith } from "../userOf.ts"

const ada = userWith("ada@example.com", ["staff"])
const admitted: Decision = { _tag: "Admit", principal: ada, user: ada, headers: {}, closeOnExpiry: false }
const refuse = (error: HeaderMissing | NotAuthorised): Decision => ({ _tag: "Refuse", status: 401, headers: {}, body: "", error })
const missing = new HeaderMissing({ header: "x-amzn-oidc-data", check: "presence", expected: "the header", message: "It is missing." })
const forbidden = new NotAuthorised({ required: "a member of admins", message: "Not allowed." })
const clock = Effect.runSync(Clock.Clock)

/** Who was told what of one decision. */
const told = (
  decision: Decision,
  {
    seesAdmissions = false,
    isAudited = true,
    route = {} as RouteOptions,
    headers = {},
    trace = startTrace(clock, ada) as ReturnType<typeof startTrace> | undefined
  } = {}
) => {
  const events: Array<AuthEvent> = []
  const records: Array<readonly [AuthEvent, AuditContext]> = []
  const record = (event: AuthEvent, context: AuditContext) => void records.push([event, context])
  const report = makeDecisionReport({ observe: (event) => events.push(event), record, hasAuditLog: isAudited, seesAdmissions })
  const request = { method: "GET", target: "/", headers }
  report.tell({ decision, request, route: makeRoute(route), trace, framework: "test", clock })
  return {
    events: events.map(({ _tag }) => _tag),
    records: records.map(([{ _tag }]) => _tag),
    contexts: records.map(([, context]) => context)
  }
}

describe("the report of a decision", () => {
  it.each<[string, Decision, Parameters<typeof told>[1], ReadonlyArray<string>, ReadonlyArray<string>]>([
    ["a refusal", refuse(missing), { isAudited: false }, ["Refused"], []],
    ["a refusal", refuse(missing), {}, ["Refused"], ["Refused"]],
    ["an admission", admitted, {}, [], []],
    ["an admission", admitted, { seesAdmissions: true }, ["Admitted"], []],
    ["an admission", admitted, { route: { audit: true } }, [], ["Admitted"]],
    ["an admission", admitted, { seesAdmissions: true, route: { audit: true } }, ["Admitted"], ["Admitted"]],
    ["an admission", admitted, { isAudited: false, route: { audit: true } }, [], []],
    ["a bypassed path", bypassed, {}, [], []],
    ["a bypassed path", bypassed, { seesAdmissions: true }, ["Bypassed"], []]
  ])("of %s goes to those who asked for it: %#", (_of, decision, options, events, records) => {
    expect(told(decision, options)).toMatchObject({ events, records })
  })

  it("names the rule that decided: the policy's and the route's that admitted, or the one that refused", () => {
    const byPolicy = { ...startTrace(clock, ada), rule: "anybody" }
    const rule = (decision: Decision, options: Parameters<typeof told>[1]) => told(decision, options).contexts[0]?.rule
    const guarded: RouteOptions = { audit: true, require: { groups: "staff" } }
    expect(rule(admitted, { route: guarded, trace: byPolicy })).toBe("anybody; and a member of staff")
    expect(rule(admitted, { route: { audit: true }, trace: byPolicy })).toBe("anybody")
    expect(rule(admitted, { route: guarded })).toBe("a member of staff")
    expect(rule(admitted, { route: guarded, trace: undefined })).toBe("a member of staff")
    expect(rule(admitted, { route: { audit: true } })).toBeUndefined()
    expect(rule(refuse(forbidden), { route: guarded, trace: byPolicy })).toBe("a member of admins")
    expect(rule(refuse(missing), { route: guarded, trace: byPolicy })).toBeUndefined()
  })

  it("starts a trace only where somebody is told what it holds", () => {
    const starts = (seesAdmissions: boolean, hasAuditLog: boolean) =>
      makeDecisionReport({ observe: () => undefined, record: () => undefined, hasAuditLog, seesAdmissions }).start(clock) !== undefined
    expect([starts(false, false), starts(true, false), starts(false, true), starts(true, true)]).toEqual([false, true, true, true])
  })

  it("says how long the decision took, by a clock that is never set back, and that a user without a trace was not cached", async () => {
    const events: Array<AuthEvent> = []
    const observe = (event: AuthEvent) => events.push(event)
    const report = makeDecisionReport({ observe, record: () => undefined, hasAuditLog: false, seesAdmissions: true })
    const program = Effect.gen(function* () {
      const testClock = yield* Clock.Clock
      yield* TestClock.adjust("3 seconds")
      const trace = report.start(testClock)
      yield* TestClock.adjust("1500 millis")
      const decided = { decision: admitted, request: { method: "GET", target: "/", headers: {} }, route: makeRoute(), framework: "test" }
      report.tell({ ...decided, trace, clock: testClock })
      report.tell({ ...decided, trace: undefined, clock: testClock })
    })
    await Effect.runPromise(Effect.provide(program, TestClock.layer()))
    expect(events).toMatchObject([
      { atMillis: 4_500, durationMillis: 1_500, cached: false },
      { atMillis: 4_500, durationMillis: 0, cached: false }
    ])
  })
})
