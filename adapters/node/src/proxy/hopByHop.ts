/**
 * Which field lines of a message are hop-by-hop, and which are forwarded.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"

/** RFC 9110 §7.6.1, RFC 9113 §3.1. The body's framing (`Content-Length`) and `Expect` are for each proxy to write. */
export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings"
])

const nothing: ReadonlySet<string> = new Set()

/**
 * The names in `Connection`, in lower case; nearly always these are hop-by-hop anyway. A set, because there may be thousands, and
 * each line of the message is looked up.
 */
export const namesIn = (connection: string | undefined): ReadonlySet<string> =>
  connection === undefined || connection === "keep-alive" || connection === "close"
    ? nothing
    : new Set(connection.toLowerCase().split(/[\s,]+/))

/** Whether `Connection` removes a line. `Host` is never removed: without it, the request's destination is unknown. */
export const isNamed = (named: ReadonlySet<string>, name: string): boolean => {
  if (named.size === 0) return false
  const lowerName = name.toLowerCase()
  return lowerName !== "host" && named.has(lowerName)
}

/** The end-to-end lines: without the hop-by-hop ones and those that `Connection` names. As Node has them: name, value … */
export const endToEnd = ({ rawHeaders, headers, statusCode }: IncomingMessage): Array<string> => {
  const named = namesIn(headers.connection)
  const lines: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const lowerName = name.toLowerCase()
    if (hopByHop.has(lowerName) || isNamed(named, lowerName)) continue
    // RFC 9110 §8.6: a response of 204 has no Content-Length.
    if (statusCode === 204 && lowerName === "content-length") continue
    lines.push(name, rawHeaders[i + 1] as string)
  }
  return lines
}
