/**
 * Which header lines go on: the client's, less what ends here and what it may not say, with what a proxy adds.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { claimsIdentity, readAs, type Sender } from "./Identity.ts"

/** RFC 9110 §7.6.1. `Expect` has been answered by the time that a request is forwarded. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect"
])

/**
 * What a proxy says, so that no client may. The load balancer sets -For, -Proto and -Port. The last two are heeded instead of
 * the path by some frameworks, which would lead round the path rules.
 */
const proxyHeaders: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-host",
  "x-forwarded-prefix",
  "x-forwarded-server",
  "x-forwarded-ssl",
  "x-script-name",
  "x-gradio-server",
  "x-original-url",
  "x-rewrite-url"
])

/** Lines that do not end at this hop: neither those that never go on, nor those that `Connection` names. */
export const endToEnd = (rawHeaders: ReadonlyArray<string>, connection: string | undefined): Array<string> => {
  const named = namesIn(connection)
  const lines: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    if (!endsHere(name.toLowerCase(), named)) lines.push(name, rawHeaders[i + 1] ?? "")
  }
  return lines
}

const nothing: ReadonlyArray<string> = []
/** What `Connection` names; nearly always that is nothing but a line that ends here anyway. */
const namesIn = (connection: string | undefined): ReadonlyArray<string> =>
  connection === undefined || connection === "keep-alive" ? nothing : connection.toLowerCase().split(/[\s,]+/)

const endsHere = (lowerName: string, named: ReadonlyArray<string>): boolean =>
  hopByHop.has(lowerName) || (named.length > 0 && named.includes(lowerName))

/** Who asks, in lines of its own; and the path that the app is mounted on, `""` for the root. */
export interface Forwarded extends Sender {
  readonly identity: ReadonlyArray<string>
  readonly prefix: string
}

/** The header lines for the upstream, as Node and undici take them: name, value, name, value … */
export const forwardedHeaders = (req: IncomingMessage, forwarded: Forwarded): Array<string> => {
  const { headers, rawHeaders, socket } = req
  const { prefix, identity } = forwarded
  const named = namesIn(headers.connection)
  const lines: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    const lowerName = name.toLowerCase()
    if (endsHere(lowerName, named) || claimsIdentity(lowerName, forwarded) || proxyHeaders.has(readAs(lowerName))) continue
    lines.push(name, rawHeaders[i + 1] ?? "")
  }
  const { host } = headers
  const proto = text(headers["x-forwarded-proto"]) === "https" || "encrypted" in socket ? "https" : "http"
  const port = text(headers["x-forwarded-port"])
  const before = text(headers["x-forwarded-for"])
  const from = socket.remoteAddress ?? "unknown"
  lines.push("x-forwarded-for", before === undefined ? from : `${before}, ${from}`, "x-forwarded-proto", proto)
  if (port !== undefined && /^\d{1,5}$/.test(port)) lines.push("x-forwarded-port", port)
  if (host !== undefined) {
    // Gradio makes its links of X-Forwarded-Host, which has no path; in its absence of X-Gradio-Server, which has one. Host
    // is passed on as it is, so that nobody misses the former.
    if (prefix === "") lines.push("x-forwarded-host", host)
    else lines.push("x-forwarded-prefix", prefix, "x-gradio-server", `${proto}://${host}${prefix}`)
  }
  for (const each of identity) lines.push(each)
  return lines
}

const text = (value: string | ReadonlyArray<string> | undefined): string | undefined => (typeof value === "string" ? value : value?.[0])
