/**
 * Messages that the two sides of a proxy may read in different ways: neither a request nor an answer of that kind passes.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"

/** Why a request goes no further. */
export interface Malformed {
  readonly status: number
  readonly reason: string
}

/** AWS ELB guide, "Quotas": a request line is of 16 KiB at most. */
const longestTarget = 16_384

/** Node keeps a thousand field lines of a message, and forgets the rest. */
const mostRawHeaders = 2_000

// RFC 3986 §3.2.2: a name, an address, or an address in brackets; and a port.
const hostName = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i

/** Why this request is refused before anything else; `undefined` for nearly all. The target is the app's to judge, but for its length. */
export const readMalformed = ({ url = "", headers, rawHeaders, httpVersion }: IncomingMessage): Malformed | undefined => {
  if (httpVersion !== "1.0" && httpVersion !== "1.1") return { status: 505, reason: "The request is of another version than HTTP/1.1." }
  if (rawHeaders.length >= mostRawHeaders) return { status: 431, reason: "The request has more than a thousand header fields." }
  if (url.length > longestTarget) return { status: 414, reason: "The request's target is longer than 16 KiB." }
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host")
  if (hosts.length > 1 || !hostName.test(headers.host ?? "")) return { status: 400, reason: "The request has no one valid Host." }
  const coding = headers["transfer-encoding"]
  if (coding === undefined) return undefined
  if (httpVersion === "1.0") return { status: 400, reason: "HTTP/1.0 has no Transfer-Encoding." }
  return coding.toLowerCase() === "chunked" ? undefined : { status: 501, reason: "The body's Transfer-Encoding is not chunked alone." }
}

/** Whether the client can be given this answer (RFC 9110 §15, RFC 9112 §6.1). */
export const isUsable = ({ statusCode = 0, headers, rawHeaders }: IncomingMessage): boolean =>
  statusCode >= 200 &&
  statusCode <= 999 &&
  rawHeaders.length < mostRawHeaders &&
  (headers["transfer-encoding"] ?? "chunked").toLowerCase() === "chunked"

/** The app's reason phrase; none where it is not plain text. */
export const reasonPhrase = ({ statusMessage = "" }: IncomingMessage): string =>
  /^[\t\x20-\x7e]*$/.test(statusMessage) ? statusMessage : ""

/** RFC 9112 §6.3: an answer that ends with its head, whatever that says of a body. */
export const endsAtHead = (method: string | undefined, { statusCode }: IncomingMessage): boolean =>
  method === "HEAD" || statusCode === 204 || statusCode === 304

/** RFC 6455 §4.2.1, without a body: an Application Load Balancer upgrades to nothing else. */
export const isWebSocketHandshake = ({ method, httpVersion, headers }: IncomingMessage): boolean =>
  method === "GET" &&
  httpVersion === "1.1" &&
  headers.upgrade?.toLowerCase() === "websocket" &&
  headers["sec-websocket-version"] === "13" &&
  /^[A-Za-z0-9+/]{22}==$/.test(headers["sec-websocket-key"] ?? "") &&
  headers["transfer-encoding"] === undefined &&
  (headers["content-length"] ?? "0") === "0"
