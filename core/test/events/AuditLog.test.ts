import { type AuditDropped, type AuthEvent, auditLog } from "@cognito-auth/core"
import { describe, expect, it } from "vitest"

const atMillis = Date.UTC(2026, 0, 2, 3, 4, 5)
const decided = { atMillis, framework: "test", route: "reports", durationMillis: 1.5, sub: "ada", clientId: undefined }
const admitted: AuthEvent = { _tag: "Admitted", ...decided, cached: true }
const of = { rule: "a member of staff", requestId: "Root=1-67891233-abcdef012345678912345678" }

/** A sink whose writes wait until they are let go. */
const slowSink = () => {
  const lines: Array<string> = []
  const waiting: Array<() => void> = []
  const write = (line: string) => {
    lines.push(line)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  return { lines, write, letGo: () => waiting.shift()?.() }
}
const ignore = () => undefined

describe("a line of the audit log", () => {
  it("is JSON: when, what, who, by which rule, where, and the request's id", async () => {
    const lines: Array<string> = []
    const log = auditLog({ write: (line) => lines.push(line) })
    log.record(admitted, of, ignore)
    await log.drained()
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: "2026-01-02T03:04:05.000Z", event: "Admitted", framework: "test", route: "reports", sub: "ada", cached: true, ...of }
    ])
  })

  it("says why a request was refused, by the error and the check", async () => {
    const lines: Array<string> = []
    const log = auditLog({ write: (line) => lines.push(line) })
    const why = { error: "TokenExpired", check: "exp", header: "x-amzn-oidc-data", status: 401 } as const
    log.record({ _tag: "Refused", ...decided, ...why, message: "It has expired." }, { rule: undefined, requestId: undefined }, ignore)
    await log.drained()
    expect(JSON.parse(lines.join())).toMatchObject({ event: "Refused", sub: "ada", ...why })
  })

  it("is one line, whatever is in it", async () => {
    const lines: Array<string> = []
    const log = auditLog({ write: (line) => lines.push(line) })
    log.record({ ...admitted, sub: 'a\n{"sub":"b"}\r\u2028' }, of, ignore)
    await log.drained()
    expect(lines.join()).not.toMatch(/[\n\r]/)
  })

  it.each([
    ["PolicyLoaded", { source: "file a.json", change: "the same rules" }, 1],
    ["PolicyLoadFailed", { source: "file a.json", reason: "ENOENT", isKept: true }, 1],
    ["ConnectionClosed", { framework: "test", sub: "ada", clientId: undefined, reason: "expired" }, 1],
    ["Bypassed", { framework: "test", route: undefined, durationMillis: 1 }, 0],
    ["KeysFetched", { source: "keys", keys: 2, durationMillis: 1 }, 0],
    ["KeyFetchFailed", { source: "keys", reason: "timeout", durationMillis: 1 }, 0],
    ["Warned", { message: "dev mode is on." }, 0]
  ] as const)("is written of %s or not: %#", async (tag, fields, count) => {
    const lines: Array<string> = []
    const log = auditLog({ write: (line) => lines.push(line) })
    log.record({ _tag: tag, atMillis, ...fields } as AuthEvent, of, ignore)
    await log.drained()
    expect(lines).toHaveLength(count)
  })
})

describe("the sink", () => {
  it("is never called while the decision is made", async () => {
    const lines: Array<string> = []
    const log = auditLog({ write: (line) => lines.push(line) })
    log.record(admitted, of, ignore)
    expect(lines).toEqual([])
    await log.drained()
    expect(lines).toHaveLength(1)
  })

  it("gets the lines in order, the next one when it has written the last", async () => {
    const { lines, write, letGo } = slowSink()
    const log = auditLog({ write })
    for (const sub of ["1", "2", "3"]) log.record({ ...admitted, sub }, of, ignore)
    const subs = () => lines.map((line) => JSON.parse(line).sub)
    await expect.poll(subs).toEqual(["1"])
    letGo()
    await expect.poll(subs).toEqual(["1", "2"])
    letGo()
    await expect.poll(subs).toEqual(["1", "2", "3"])
    letGo()
    await log.drained()
    log.record({ ...admitted, sub: "4" }, of, ignore)
    await expect.poll(subs).toEqual(["1", "2", "3", "4"])
    letGo()
  })

  it("that is too slow loses what does not fit into the buffer, and says how much: at once, then every ten seconds, then at the end", async () => {
    const { lines, write, letGo } = slowSink()
    const log = auditLog({ write, maxWaiting: 2 })
    const lost: Array<AuditDropped> = []
    const record = (later: number) => log.record({ ...admitted, atMillis: atMillis + later }, of, (event) => lost.push(event))
    record(0)
    await expect.poll(() => lines).toHaveLength(1)
    for (const later of [1, 2, 3, 4, 5, 10_003, 10_004]) record(later)
    const told = (later: number, lines: number) => ({ _tag: "AuditDropped", atMillis: atMillis + later, reason: "full", lines })
    expect(lost).toEqual([told(3, 1), told(10_003, 3)])
    for (let times = 0; times < 3; times++) {
      await expect.poll(() => lines.length).toBeGreaterThan(times)
      letGo()
    }
    await log.drained()
    expect(lines).toHaveLength(3)
    expect(lost.slice(2)).toEqual([told(10_004, 1)])
  })

  it("is called on the object that it came with, and goes on where nobody can be told of a loss", async () => {
    class Sink {
      readonly lines: Array<string> = []
      write(line: string) {
        this.lines.push(line)
        if (this.lines.length === 1) throw new Error("the disk is full")
      }
    }
    const sink = new Sink()
    const log = auditLog(sink)
    const broken = () => {
      throw new Error("SECRET")
    }
    for (let times = 0; times < 2; times++) log.record(admitted, of, broken)
    await log.drained()
    log.record(admitted, of, broken)
    await log.drained()
    expect(sink.lines).toHaveLength(3)
  })

  it.each([
    [
      "throws",
      () => {
        throw new Error("SECRET")
      }
    ],
    ["rejects", () => Promise.reject(new Error("SECRET"))]
  ])("that %s loses the line, says so, and gets the next one", async (_how, fails) => {
    const lines: Array<string> = []
    const lost: Array<AuditDropped> = []
    const log = auditLog({ write: (line) => (lines.push(line) === 1 ? fails() : undefined) })
    for (let times = 0; times < 2; times++) log.record(admitted, of, (event) => lost.push(event))
    await log.drained()
    expect(lines).toHaveLength(2)
    expect(lost).toEqual([{ _tag: "AuditDropped", atMillis, reason: "failed", lines: 1 }])
  })

  it("that goes on failing is complained of at once, every ten seconds, and at the end", async () => {
    const lost: Array<AuditDropped> = []
    const log = auditLog({ write: () => Promise.reject(new Error("the disk is full")) })
    for (const later of [0, 5_000, 10_000, 15_000]) {
      log.record({ ...admitted, atMillis: atMillis + later }, of, (event) => lost.push(event))
    }
    await log.drained()
    expect(lost.map(({ lines, atMillis: at }) => [at - atMillis, lines])).toEqual([
      [0, 1],
      [10_000, 2],
      [15_000, 1]
    ])
  })

  it("has to be a function, and its buffer has to hold a line", () => {
    expect(() => auditLog({ write: "audit.jsonl" as never })).toThrow("expected write to be a function")
    for (const maxWaiting of [0, -1, 1.5, Number.NaN]) {
      expect(() => auditLog({ write: ignore, maxWaiting })).toThrow("expected maxWaiting to be a whole number above zero")
    }
  })
})
