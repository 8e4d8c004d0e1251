/**
 * A record of who was refused, and of who was admitted where a route asks for it: one JSON line each. A slow or failing sink never delays
 * a decision: lines wait in a bounded buffer, and those that are dropped are counted.
 *
 * @module
 */
import * as DateTime from "effect/DateTime"
import type { AuditDropped, AuthEvent } from "./Event.ts"
import { makeRepeats } from "./Repeats.ts"

/** What a line says beside the event. */
export interface AuditContext {
  /** The rule that decided: of the policy, or of the route. It names no user. */
  readonly rule: string | undefined
  /** The request's id, as the load balancer or a tracer gave it. */
  readonly requestId: string | undefined
}

export interface AuditLogOptions {
  /** Writes one line, without a line break at its end. Lines are written in order, the next one when this one's promise has settled. */
  readonly write: (line: string) => unknown
  /** How many lines may wait for a slow sink. Further ones are dropped, and counted. Default 10,000. */
  readonly maxWaiting?: number | undefined
}

/** An audit log, for the option `auditLog`. */
export interface AuditLog {
  /** Records an event. It returns at once, and never throws; `onDropped` is called where lines are lost. */
  readonly record: (event: AuthEvent, context: AuditContext, onDropped: (event: AuditDropped) => void) => void
  /** Resolves when every line has been written, or dropped: wait for it before the process ends. */
  readonly drained: () => Promise<void>
}

/** Which events have a line. Admissions have one on routes that ask for it: the caller knows. */
const isRecorded: { readonly [Tag in AuthEvent["_tag"]]: boolean } = {
  Admitted: true,
  Bypassed: false,
  Refused: true,
  KeysFetched: false,
  KeyFetchFailed: false,
  PolicyLoaded: true,
  PolicyLoadFailed: true,
  ConnectionClosed: true,
  AuditDropped: false,
  Warned: false
}

/**
 * Writes audit lines. Throws a `TypeError` if `write` is not a function.
 *
 * @example
 * const file = createWriteStream("audit.jsonl", { flags: "a" })
 * cognitoAuth({ auditLog: auditLog({ write: (line) => new Promise((done) => file.write(`${line}\n`, done)) }) })
 */
export const auditLog = (options: AuditLogOptions): AuditLog => {
  const { maxWaiting = 10_000 } = options
  if (typeof options.write !== "function") throw new TypeError("auditLog: expected write to be a function that takes a line.")
  if (!Number.isSafeInteger(maxWaiting) || maxWaiting < 1)
    throw new TypeError("auditLog: expected maxWaiting to be a whole number above zero.")
  // A Set keeps the order, and gives up its first at once.
  const waiting = new Set<Waiting>()
  const losses = { full: makeLosses("full"), failed: makeLosses("failed") }
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    for (const next of waiting) {
      waiting.delete(next)
      try {
        await options.write(next.line)
      } catch {
        losses.failed.add(next)
      }
    }
    for (const each of [losses.full, losses.failed]) each.tellRest()
    running = undefined
  }

  return {
    record: (event, { rule, requestId }, onDropped) => {
      if (!isRecorded[event._tag]) return
      const { _tag, atMillis, durationMillis: _duration, message: _message, ...fields }: AuthEvent & Unrecorded = event
      const time = DateTime.formatIso(DateTime.makeUnsafe(atMillis))
      const line = JSON.stringify({ time, event: _tag, ...fields, rule, requestId })
      if (waiting.size >= maxWaiting) return losses.full.add({ line, atMillis, onDropped })
      waiting.add({ line, atMillis, onDropped })
      // After the decision has been made: even a sink that blocks does not hold it up.
      running ??= Promise.resolve().then(drain)
    },
    drained: async () => running
  }
}

/** What some events have, and no line: nothing of who did what. */
interface Unrecorded {
  readonly durationMillis?: number
  readonly message?: string
}

interface Waiting {
  readonly line: string
  readonly atMillis: number
  readonly onDropped: (event: AuditDropped) => void
}

/** Counts lost lines: the first is told at once, then at most every ten seconds how many there were, and the rest at the end. */
const makeLosses = (reason: AuditDropped["reason"]) => {
  const isTold = makeRepeats()
  let lines = 0
  let last: Waiting | undefined
  const tellRest = (): void => {
    if (last === undefined || lines === 0) return
    const event: AuditDropped = { _tag: "AuditDropped", atMillis: last.atMillis, reason, lines }
    lines = 0
    try {
      last.onDropped(event)
    } catch {
      // The log goes on, whoever was to be told.
    }
  }
  const add = (lost: Waiting): void => {
    lines++
    last = lost
    if (isTold(reason, lost.atMillis) !== undefined) tellRest()
  }
  return { add, tellRest }
}
