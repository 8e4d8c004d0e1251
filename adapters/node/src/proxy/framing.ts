/** How the end of a request's body is told to the upstream: as the client told it (RFC 9112 §6.3). */
import type { IncomingMessage } from "node:http"

export interface Framing {
  readonly hasBody: boolean
  readonly expectsContinue: boolean
  readonly lines: ReadonlyArray<string>
}

const none: Framing = { hasBody: false, expectsContinue: false, lines: [] }
const empty: Framing = { hasBody: false, expectsContinue: false, lines: ["content-length", "0"] }

/** Their content has no meaning (RFC 9110 §9.3): they need not say that there is none. */
const withoutBody: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"])

/** `passesContinue`: nobody has answered an expectation yet. RFC 9110 §10.1.1: one of HTTP/1.0 is none. */
export const framingOf = ({ headers, method = "GET", httpVersion }: IncomingMessage, passesContinue: boolean): Framing => {
  const length = headers["content-length"]
  const isChunked = headers["transfer-encoding"] !== undefined
  // Without a length, Node would announce chunks.
  if (!isChunked && (length === undefined || Number(length) === 0)) return length === undefined && withoutBody.has(method) ? none : empty
  const expectsContinue = passesContinue && httpVersion !== "1.0" && headers.expect?.toLowerCase() === "100-continue"
  const lines = isChunked ? ["transfer-encoding", "chunked"] : ["content-length", length ?? ""]
  return { hasBody: true, expectsContinue, lines: expectsContinue ? [...lines, "expect", "100-continue"] : lines }
}
