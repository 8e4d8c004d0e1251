/**
 * Ambiguous requests, which servers parse in different ways: not forwarded for any client.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"

// RFC 3986 §3.2.2: a name, an address, or an address in brackets; and a port.
const host = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i

/** Node keeps a thousand field lines of a message, and drops the rest: its length, and the user's tokens, may be among them. */
const mostRawHeaders = 2_000

/** Whether Node may have dropped field lines. */
export const isForgetful = ({ rawHeaders }: IncomingMessage): boolean => rawHeaders.length >= mostRawHeaders

/** The status with which the request is refused; `undefined` for nearly all. */
export const refuseRequest = (req: IncomingMessage): 400 | 431 | 501 | 505 | undefined => {
  const { headers, rawHeaders, httpVersion } = req
  if (isForgetful(req)) return 431
  // RFC 9110 §2.5: Node parses other versions as if they were HTTP/1.1.
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return 505
  // RFC 9112 §3.2: more than one Host, or an invalid one.
  if (!host.test(headers.host ?? "") || countHosts(rawHeaders) > 1) return 400
  const coding = headers["transfer-encoding"]
  if (coding === undefined) return undefined
  // RFC 9112 §6.1: HTTP/1.0 has no transfer codings, and one that is not understood is 501.
  if (httpVersion !== "1.1") return 400
  return coding.toLowerCase() === "chunked" ? undefined : 501
}

/** Node keeps the first of several in `headers`. */
const countHosts = (rawHeaders: ReadonlyArray<string>): number => {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === "host") count++
  }
  return count
}
