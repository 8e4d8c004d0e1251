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

interface Optional {
  readonly durationMillis?: number
  readonly message?: string
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
export const auditLog = ({ write, maxWaiting = 10_000 }: AuditLogOptions): AuditLog => {
  if (typeof write !== "function") throw new TypeError("auditLog: expected write to be a function that takes a line.")
  if (!Number.isSafeInteger(maxWaiting) || maxWaiting < 1)
    throw new TypeError("auditLog: expected maxWaiting to be a whole number above zero.")
  const waiting: Array<{ readonly line: string; readonly onLost: (reason: AuditDropped["reason"]) => void }> = []
  const isTold = makeRepeats()
  let running: Promise<void> | undefined
  let dropped = 0

  const drain = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await write(next.line)
      } catch {
        next.onLost("failed")
      }
    }
    running = undefined
  }

  return {
    record: (event, { rule, requestId }, onDropped) => {
      if (!isRecorded[event._tag]) return
      const onLost = (reason: AuditDropped["reason"]) => {
        dropped++
        if (isTold(reason, event.atMillis) === undefined) return
        onDropped({ _tag: "AuditDropped", atMillis: event.atMillis, reason, lines: dropped })
        dropped = 0
      }
      if (waiting.length >= maxWaiting) return onLost("full")
      const { _tag, atMillis, durationMillis: _duration, message: _message, ...fields }: AuthEvent & Optional = event
      const time = DateTime.formatIso(DateTime.makeUnsafe(atMillis))
      waiting.push({ line: JSON.stringify({ time, event: _tag, ...fields, rule, requestId }), onLost })
      // After the decision has been made: even a sink that blocks does not hold it up.
      running ??= Promise.resolve().then(drain)
    },
    drained: async () => running
  }
}
