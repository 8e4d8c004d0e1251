/** Fetches one small string over HTTPS, with limits. The only place in core that uses the network. */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { codeOf } from "../errors/codeOf.ts"

/**
 * How a fetch can fail:
 * - `connection`: the connection failed before the response was complete; one retry may help.
 * - `timeout`: no response in time.
 * - `server`: a 5xx.
 * - `absent`: a 403, 404 or 410.
 * - `unusable`: any other response, or one that cannot be read.
 */
export type FetchFailure = "connection" | "timeout" | "server" | "absent" | "unusable"

/** The endpoint gave no usable response. `reason` is for logs: it contains nothing of the response body. */
export class FetchFailed extends Data.TaggedError("FetchFailed")<{
  readonly reason: string
  readonly kind: FetchFailure
}> {}

/** The received value cannot be used. */
export const unusable = (reason: string): FetchFailed => new FetchFailed({ reason, kind: "unusable" })

/** RFC 5861 §4: stale-if-error covers a source that is unreachable or fails, not one that gives any other response. */
export const isOutage = ({ kind }: FetchFailed): boolean => kind === "connection" || kind === "timeout" || kind === "server"

export interface Limits {
  readonly maxBytes: number
  /** From the first connection to the last byte, including the retry. */
  readonly timeout: Duration.Input
}

/** Fetches a string. Redirects are not followed: their target is not the configured endpoint. */
export const fetchText = (url: string, limits: Limits): Effect.Effect<string, FetchFailed> =>
  Effect.tryPromise({
    try: (signal) => request(url, limits.maxBytes, signal),
    catch: (cause) => (cause instanceof FetchFailed ? cause : new FetchFailed({ reason: transportReason(cause), kind: "connection" }))
  }).pipe(
    // A kept-alive connection that the server has closed in the meantime fails immediately. That is not an outage yet.
    Effect.retry({ times: 1, while: ({ kind }) => kind === "connection" }),
    Effect.timeoutOrElse({
      duration: limits.timeout,
      orElse: () => Effect.fail(new FetchFailed({ reason: "timeout", kind: "timeout" }))
    })
  )

const request = async (url: string, maxBytes: number, signal: AbortSignal): Promise<string> => {
  // biome-ignore lint/style/noRestrictedGlobals: the only place in core that uses the network.
  const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "*/*" } })
  const { status } = response
  if (status !== 200) {
    await response.body?.cancel()
    throw new FetchFailed({ reason: `status ${status}`, kind: kindOf(status) })
  }
  const bytes: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    // Leaving the loop cancels the body, so an endless body costs no more than the limit.
    if (length > maxBytes) throw unusable(`longer than ${maxBytes} bytes`)
    bytes.push(chunk)
  }
  return Buffer.concat(bytes).toString("utf8")
}

/** S3, which serves the ALB's keys, responds 403 for a key that does not exist. */
const kindOf = (status: number): FetchFailure => {
  if (status === 403 || status === 404 || status === 410) return "absent"
  return status >= 500 ? "server" : "unusable"
}

const transportReason = (cause: unknown): string => {
  const inner: unknown = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
  const code = codeOf(inner)
  return code !== undefined ? `connection failed (${code})` : "connection failed"
}
