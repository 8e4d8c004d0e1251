/** One small text over HTTPS, under limits. The only place in core that touches the network. */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** The endpoint gave no usable answer. `reason` is for logs: it holds nothing of the answer's body. */
export class FetchFailed extends Data.TaggedError("FetchFailed")<{
  readonly reason: string
  /** The connection failed before an answer came: asking once more may help. */
  readonly transport: boolean
}> {}

/** The endpoint answered that there is no such thing. */
export const notFound: unique symbol = Symbol("not found")

export interface Limits {
  readonly maxBytes: number
  /** From the first connection to the last byte, a second attempt included. */
  readonly timeout: Duration.Input
}

/** Fetches a text. Redirects are not followed: a key endpoint that sends elsewhere is not the configured one. */
export const fetchText = (url: string, limits: Limits): Effect.Effect<string | typeof notFound, FetchFailed> =>
  Effect.tryPromise({
    try: (signal) => request(url, limits.maxBytes, signal),
    catch: (cause) => (cause instanceof FetchFailed ? cause : new FetchFailed({ reason: transportReason(cause), transport: true }))
  }).pipe(
    // A kept connection that the other side has closed meanwhile fails at once: that is no outage yet.
    Effect.retry({ times: 1, while: (failure) => failure.transport }),
    Effect.timeoutOrElse({
      duration: limits.timeout,
      orElse: () => Effect.fail(new FetchFailed({ reason: "timeout", transport: false }))
    })
  )

const request = async (url: string, maxBytes: number, signal: AbortSignal): Promise<string | typeof notFound> => {
  const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "*/*" } })
  if (response.status !== 200) {
    await response.body?.cancel()
    // S3, which serves the ALB's keys, answers 403 for a key that does not exist.
    if ([403, 404, 410].includes(response.status)) return notFound
    throw new FetchFailed({ reason: `status ${response.status}`, transport: false })
  }
  const bytes: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    // Leaving the loop cancels the body: an endless one costs no more than the limit.
    if (length > maxBytes) throw new FetchFailed({ reason: `longer than ${maxBytes} bytes`, transport: false })
    bytes.push(chunk)
  }
  return Buffer.concat(bytes).toString("utf8")
}

const transportReason = (cause: unknown): string => {
  const inner: unknown = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
  const code: unknown = typeof inner === "object" && inner !== null && "code" in inner ? inner.code : undefined
  return typeof code === "string" ? `connection failed (${code})` : "connection failed"
}
