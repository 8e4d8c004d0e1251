/**
 * The head of an upstream's answer → the one that the client gets.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { ResponseHeaders } from "@cognito-auth/core"
import { namesIn } from "../identity/forwardedHeaders.ts"
import { isForgetful } from "../target/refuseRequest.ts"

/** RFC 9110 §7.6.1. Trailers are not passed on (docs/decisions/0010-data-plane.md), so they are not announced. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

/** Lines that do not end at this hop: neither those that never go on, nor those that `Connection` names. */
export const endToEnd = ({ rawHeaders, headers, statusCode }: IncomingMessage): Array<string> => {
  const named = namesIn(headers.connection)
  const lines: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    const lowerName = name.toLowerCase()
    if (hopByHop.has(lowerName) || (named.length > 0 && named.includes(lowerName))) continue
    // RFC 9110 §8.6: an answer of 204 has no Content-Length.
    if (statusCode === 204 && lowerName === "content-length") continue
    lines.push(name, rawHeaders[i + 1] ?? "")
  }
  return lines
}

/**
 * Whether the client can be given this answer: nothing of its head has been forgotten, its status is one that an answer can end with (RFC 9110 §15; 101 was not asked for), and
 * its body is in no coding that would have to be taken off first (RFC 9112 §6.1).
 */
export const isUsable = (answered: IncomingMessage): boolean => {
  const { statusCode = 0, headers } = answered
  const isUnderstood = (headers["transfer-encoding"] ?? "chunked").toLowerCase() === "chunked"
  return statusCode >= 200 && statusCode <= 999 && isUnderstood && !isForgetful(answered)
}

/** The upstream's reason phrase; none where it is not plain text, because the status says it all (RFC 9112 §4). */
export const reasonPhrase = ({ statusMessage = "" }: IncomingMessage): string =>
  /^[\t\x20-\x7e]*$/.test(statusMessage) ? statusMessage : ""

/** RFC 9112 §6.3: these end with their head, whatever it says of a body. */
export const hasNoBody = (method: string | undefined, status: number | undefined): boolean =>
  method === "HEAD" || status === 204 || status === 304

/** Writes the head, with the fields to add. Throws where Node does not take it. */
export const writeHead = (answered: IncomingMessage, res: ServerResponse, added: ResponseHeaders): void => {
  const lines = endToEnd(answered)
  for (const name in added) for (const each of [added[name] ?? []].flat()) lines.push(name, each)
  const status = answered.statusCode ?? 0
  if (res.getHeaderNames().length === 0) {
    res.writeHead(status, reasonPhrase(answered), lines)
    return
  }
  // A framework has set some already, and then Node keeps but the last of each name that is given to writeHead.
  const fields = new Map<string, { readonly name: string; readonly values: Array<string> }>()
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] ?? ""
    const value = lines[i + 1] ?? ""
    const known = fields.get(name.toLowerCase())
    if (known === undefined) fields.set(name.toLowerCase(), { name, values: [value] })
    else known.values.push(value)
  }
  for (const { name, values } of fields.values()) res.setHeader(name, values.length === 1 ? (values[0] ?? "") : values)
  res.writeHead(status, reasonPhrase(answered))
}
