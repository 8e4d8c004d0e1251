import { type AuditDropped, type AuthEvent, HeaderMissing, NotAuthorised } from "@cognito-auth/core"
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
    trace = startTrace(clock, ada) as ReturnType<typeof startTrace> | undefined,
    loses = undefined as AuditDropped | undefined
  } = {}
) => {
  const events: Array<AuthEvent> = []
  const records: Array<readonly [AuthEvent, AuditContext]> = []
  const auditLog = {
    record: (event: AuthEvent, context: AuditContext, onDropped: (event: AuditDropped) => void) => {
      records.push([event, context])
      if (loses !== undefined) onDropped(loses)
    },
    drained: async () => undefined
  }
  const report = makeDecisionReport({ observe: (event) => events.push(event), seesAdmissions }, isAudited ? auditLog : undefined)
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

  it("tells observers what the audit log lost", () => {
    const loses: AuditDropped = { _tag: "AuditDropped", atMillis: 0, reason: "full", lines: 1 }
    expect(told(admitted, { route: { audit: true }, loses }).events).toEqual(["AuditDropped"])
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
    const starts = (seesAdmissions: boolean, auditLog?: Parameters<typeof makeDecisionReport>[1]) =>
      makeDecisionReport({ observe: () => undefined, seesAdmissions }, auditLog).start(clock) !== undefined
    const auditLog = { record: () => undefined, drained: async () => undefined }
    expect([starts(true), starts(false, auditLog), starts(true, auditLog)]).toEqual([true, true, true])
  })

  it("says how long the decision took, by a clock that is never set back, and that a user without a trace was not cached", async () => {
    const events: Array<AuthEvent> = []
    const report = makeDecisionReport({ observe: (event) => events.push(event), seesAdmissions: true }, undefined)
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
