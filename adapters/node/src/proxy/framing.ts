/** How the end of a request's body is marked for the upstream: as the client marked it (RFC 9112 §6.3). */
import type { IncomingMessage } from "node:http"

export interface Framing {
  readonly hasBody: boolean
  readonly expectsContinue: boolean
  readonly lines: ReadonlyArray<string>
}

const none: Framing = { hasBody: false, expectsContinue: false, lines: [] }
const empty: Framing = { hasBody: false, expectsContinue: false, lines: ["content-length", "0"] }

/** Their content has no meaning (RFC 9110 §9.3), so they need no Content-Length of 0. */
const withoutBody: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"])

/** `passesContinue`: an expectation has not been answered yet. RFC 9110 §10.1.1: one in HTTP/1.0 is ignored. */
export const framingOf = ({ headers, method = "GET", httpVersion }: IncomingMessage, passesContinue: boolean): Framing => {
  const length = headers["content-length"]
  const isChunked = headers["transfer-encoding"] !== undefined
  // Without a length, Node would announce chunks.
  if (!isChunked && (length === undefined || Number(length) === 0)) return length === undefined && withoutBody.has(method) ? none : empty
  const expectsContinue = passesContinue && httpVersion !== "1.0" && headers.expect?.toLowerCase() === "100-continue"
  const lines = isChunked ? ["transfer-encoding", "chunked"] : ["content-length", length ?? ""]
  return { hasBody: true, expectsContinue, lines: expectsContinue ? [...lines, "expect", "100-continue"] : lines }
}
