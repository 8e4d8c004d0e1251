/**
 * The header section of an upstream's response → the one that the client gets.
 *
 * @module
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import type { ResponseHeaders } from "@cognito-auth/core"
import { endToEnd, reasonPhrase } from "@cognito-auth/node/proxy"

/** Writes the header section, with the fields to add. Trailers do not follow (docs/decisions/0012-data-plane.md). Throws if Node refuses it. */
export const writeHead = (answered: IncomingMessage, res: ServerResponse, added: ResponseHeaders): void => {
  const lines = endToEnd(answered)
  for (const name in added) for (const each of [added[name] ?? []].flat()) lines.push(name, each)
  const status = answered.statusCode ?? 0
  if (res.getHeaderNames().length === 0) {
    res.writeHead(status, reasonPhrase(answered), lines)
    return
  }
  // If a framework has set fields already, Node keeps only the last of each name that is passed to writeHead.
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

const streamTypes = /^(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:x-ndjson|json-seq))\b/i

/** Whether the response continues for as long as the client reads. */
export const isStream = (headers: IncomingHttpHeaders): boolean =>
  headers["content-length"] === undefined && streamTypes.test(headers["content-type"] ?? "")
