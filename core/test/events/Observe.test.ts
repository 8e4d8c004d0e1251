import { type AuthEvent, type Logger, type LogLine, Observer, report } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import * as EffectLogger from "effect/Logger"
import { describe, expect, it } from "vitest"
import { makeObservation } from "../../src/events/Observe.ts"

const atMillis = 1_800_000_000_000
const decided = { atMillis, framework: "test", route: "reports", durationMillis: 1.5 }
const admitted: AuthEvent = { _tag: "Admitted", ...decided, sub: "the-sub", clientId: undefined, cached: true }
const refused = (error: "HeaderMissing" | "PolicyUnavailable", status: 401 | 503): AuthEvent => ({
  ...{ _tag: "Refused", ...decided, sub: undefined, clientId: undefined, error, check: undefined, header: undefined, status },
  message: "It is so."
})
const missing = refused("HeaderMissing", 401)

/** A logger that keeps its lines, each with its level. */
const keeping = () => {
  const lines: Array<readonly [string, LogLine]> = []
  const at = (level: string) => (line: LogLine) => lines.push([level, line])
  return { lines, logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } satisfies Logger }
}
/** What goes to Effect's loggers. */
const withEffectLog = () => {
  const lines: Array<string> = []
  const loggers = EffectLogger.layer([
    EffectLogger.make(({ logLevel, message }) => lines.push(`${logLevel} ${[message].flat().join(" ")}`))
  ])
  return { lines, fork: (effect: Effect.Effect<void>) => Effect.runFork(Effect.provide(effect, loggers)) }
}
const silent = () => undefined
const broken = () => {
  throw new Error("SECRET")
}
const rejecting = () => Promise.reject(new Error("SECRET"))

describe("the logger", () => {
  it("gets one object for each event: its fields without sub, a message, and a level by what it means", () => {
    const { lines, logger } = keeping()
    const { observe } = makeObservation({ logger }, silent)
    const source = "the keys"
    const events: ReadonlyArray<readonly [AuthEvent, string]> = [
      [admitted, "debug"],
      [{ _tag: "Bypassed", ...decided }, "debug"],
      [missing, "warn"],
      [refused("PolicyUnavailable", 503), "error"],
      [{ _tag: "KeysFetched", atMillis, source, keys: 2, durationMillis: 3 }, "debug"],
      [{ _tag: "KeyFetchFailed", atMillis, source, reason: "timeout", durationMillis: 3 }, "warn"],
      [{ _tag: "PolicyLoaded", atMillis, source: "file a.json", change: "the same rules" }, "info"],
      [{ _tag: "PolicyLoadFailed", atMillis, source: "file a.json", reason: "ENOENT", isKept: true }, "warn"],
      [{ _tag: "PolicyLoadFailed", atMillis, source: "file a.json", reason: "ENOENT", isKept: false }, "error"],
      [{ _tag: "ConnectionClosed", atMillis, framework: "test", sub: "the-sub", clientId: undefined, reason: "expired" }, "info"],
      [{ _tag: "Warned", atMillis, message: "dev mode is on." }, "warn"]
    ]
    for (const [event] of events) observe(event)
    expect(lines.map(([level, { event }]) => [level, event])).toEqual(events.map(([{ _tag }, level]) => [level, _tag]))
    expect(lines[0]?.[1]).toEqual({ ...decided, cached: true, event: "Admitted", message: "cognito-auth: admitted, as verified before." })
    expect(lines[2]?.[1]).toMatchObject({ error: "HeaderMissing", status: 401, message: "cognito-auth: HeaderMissing: It is so." })
    expect(JSON.stringify(lines)).not.toContain("the-sub")
  })

  it("gets the first refusal of a kind at once, and the others as a count ten seconds later", () => {
    const { lines, logger } = keeping()
    const { observe } = makeObservation({ logger }, silent)
    for (const later of [0, 1, 9_999]) observe({ ...missing, atMillis: atMillis + later })
    observe(refused("PolicyUnavailable", 503))
    expect(lines.map(([, { error }]) => error)).toEqual(["HeaderMissing", "PolicyUnavailable"])
    observe({ ...missing, atMillis: atMillis + 10_000 })
    expect(lines[2]?.[1]).toMatchObject({
      suppressed: 2,
      message: "cognito-auth: HeaderMissing: It is so. (and 2 more since the last such line)"
    })
  })

  it("that is false gets nothing, and nothing goes elsewhere", () => {
    const { lines, fork } = withEffectLog()
    makeObservation({ logger: false }, fork).observe(missing)
    expect(lines).toEqual([])
  })

  it("that is absent is Effect's: admissions are left out", () => {
    const { lines, fork } = withEffectLog()
    const { observe } = makeObservation({}, fork)
    for (const event of [admitted, missing]) observe(event)
    expect(lines).toEqual(["Warn cognito-auth: HeaderMissing: It is so."])
  })

  it.each([
    ["throws", broken],
    ["rejects", rejecting]
  ])("that %s is complained of once, to Effect's loggers and to observe", async (_how, fails) => {
    const { lines, fork } = withEffectLog()
    const seen: Array<AuthEvent> = []
    const logger = { debug: fails, info: fails, warn: fails, error: fails }
    const { observe } = makeObservation({ logger, observe: (event) => seen.push(event) }, fork)
    for (const event of [missing, admitted, admitted]) observe(event)
    await expect.poll(() => lines).toEqual(["Warn cognito-auth: the option logger threw."])
    expect(seen.map(({ _tag }) => _tag).sort()).toEqual(["Admitted", "Admitted", "Refused", "Warned"])
    expect(JSON.stringify([lines, seen])).not.toContain("SECRET")
  })
})

describe("observe", () => {
  it("gets every event as it is, refusals of the same kind included", () => {
    const seen: Array<AuthEvent> = []
    const { observe } = makeObservation({ observe: (event) => seen.push(event), logger: false }, silent)
    for (const event of [admitted, missing, missing]) observe(event)
    expect(seen).toEqual([admitted, missing, missing])
  })

  it.each([
    ["throws", broken],
    ["rejects", rejecting]
  ])("that %s is complained of once to the logger, which gets the events all the same", async (_how, fails) => {
    const { lines, logger } = keeping()
    const { observe } = makeObservation({ observe: fails, logger }, silent)
    for (const event of [missing, admitted]) observe(event)
    await expect
      .poll(() => lines.filter(([, { event }]) => event === "Warned"))
      .toMatchObject([["warn", { message: "cognito-auth: the option observe threw." }]])
    expect(lines).toHaveLength(3)
    expect(JSON.stringify(lines)).not.toContain("SECRET")
  })

  it("cannot change what the log and the audit log are told", () => {
    const { lines, logger } = keeping()
    const records: Array<AuthEvent> = []
    const auditLog = { record: (event: AuthEvent) => void records.push(event), drained: async () => undefined }
    const change = (event: AuthEvent) => Object.assign(event, { _tag: "auth.Warned", message: "changed", self: event })
    const event: AuthEvent = { _tag: "PolicyLoaded", atMillis, source: "file a.json", change: "the same rules" }
    makeObservation({ observe: change, logger, auditLog }, silent).observe(event)
    expect(records).toEqual([{ _tag: "PolicyLoaded", atMillis, source: "file a.json", change: "the same rules" }])
    expect(lines.map(([, { event, message }]) => [event, message])).toEqual([
      ["Warned", "cognito-auth: the option observe threw."],
      ["PolicyLoaded", "cognito-auth: policy of file a.json in force: the same rules"]
    ])
  })

  it("and the log are told where an audit log throws, which nothing else notices", () => {
    const { lines, logger } = keeping()
    const seen: Array<AuthEvent> = []
    const auditLog = { record: broken, drained: async () => undefined }
    const { observe, record } = makeObservation({ observe: (event) => seen.push(event), logger, auditLog }, silent)
    observe({ _tag: "PolicyLoaded", atMillis, source: "file a.json", change: "the same rules" })
    record(missing, { rule: undefined, requestId: undefined })
    expect(lines.map(([, { message }]) => message)).toContain("cognito-auth: the option auditLog threw.")
    expect(seen.map(({ _tag }) => _tag)).toEqual(["PolicyLoaded", "Warned"])
  })

  it.each([
    [{}, false],
    [{ logger: false as const }, false],
    [{ logger: keeping().logger }, true],
    [{ observe: silent }, true]
  ])("or a logger sees admissions, and without either their events are not made: %#", (options, seesAdmissions) => {
    expect(makeObservation(options, silent).seesAdmissions).toBe(seesAdmissions)
  })
})

describe("a source's report", () => {
  it("goes to the observer of the fiber, and is logged where there is none", async () => {
    const { lines, fork } = withEffectLog()
    const seen: Array<AuthEvent> = []
    await Effect.runPromise(Effect.provideService(report(missing), Observer, (event) => void seen.push(event)))
    expect([seen, lines]).toEqual([[missing], []])
    await Effect.runPromise(Effect.asVoid(Effect.sync(() => fork(report(missing)))))
    expect(lines).toEqual(["Warn cognito-auth: HeaderMissing: It is so."])
  })
})
