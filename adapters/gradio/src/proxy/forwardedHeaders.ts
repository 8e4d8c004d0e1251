/**
 * Which header lines go on: the client's, less what ends here and what it may not say, with what a proxy adds.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { claimsIdentity, identityLines, readAs, type Sender } from "./Identity.ts"

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
  const named = connection === undefined ? [] : connection.toLowerCase().split(/[\s,]+/)
  const lines: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    const lowerName = name.toLowerCase()
    if (!hopByHop.has(lowerName) && !named.includes(lowerName)) lines.push(name, rawHeaders[i + 1] ?? "")
  }
  return lines
}

/** Who asks, with the statement of it; and the path that the app is mounted on, `""` for the root. */
export interface Forwarded extends Sender {
  readonly assertion: string | undefined
  readonly prefix: string
}

/** The header lines for the upstream, as Node and undici take them: name, value, name, value … */
export const forwardedHeaders = (req: IncomingMessage, { prefix, assertion, ...sender }: Forwarded): Array<string> => {
  const { headers, rawHeaders, socket } = req
  const lines: Array<string> = []
  const passed = endToEnd(rawHeaders, headers.connection)
  for (let i = 0; i < passed.length; i += 2) {
    const name = passed[i] ?? ""
    const lowerName = name.toLowerCase()
    if (!claimsIdentity(lowerName, sender) && !proxyHeaders.has(readAs(lowerName))) lines.push(name, passed[i + 1] ?? "")
  }
  const { host } = headers
  const proto = text(headers["x-forwarded-proto"]) === "https" || "encrypted" in socket ? "https" : "http"
  const port = text(headers["x-forwarded-port"])
  const before = text(headers["x-forwarded-for"])
  const from = socket.remoteAddress ?? "unknown"
  lines.push("X-Forwarded-For", before === undefined ? from : `${before}, ${from}`, "X-Forwarded-Proto", proto)
  if (port !== undefined && /^\d{1,5}$/.test(port)) lines.push("X-Forwarded-Port", port)
  if (host !== undefined) {
    // Gradio makes its links of X-Forwarded-Host, which has no path; in its absence of X-Gradio-Server, which has one. Host
    // is passed on as it is, so that nobody misses the former.
    if (prefix === "") lines.push("X-Forwarded-Host", host)
    else lines.push("X-Forwarded-Prefix", prefix, "X-Gradio-Server", `${proto}://${host}${prefix}`)
  }
  if (sender.user !== undefined && assertion !== undefined) lines.push(...identityLines(sender.user, assertion))
  return lines
}

const text = (value: string | ReadonlyArray<string> | undefined): string | undefined => (typeof value === "string" ? value : value?.[0])
