/**
 * The forwarded header lines: the client's, without hop-by-hop and forbidden ones, and those that a proxy adds.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { isNamed, namesIn } from "@cognito-auth/node/proxy"
import type { HeaderFilter } from "./HeaderFilter.ts"

/** The input for a request's forwarded headers. */
export interface Forwarded {
  readonly filter: HeaderFilter
  /** The lines that identify the user; none without a user. */
  readonly identity: ReadonlyArray<string>
  /** Whether the load balancer's own headers were verified: with a mock user, or none, they were not. */
  readonly isVerified: boolean
  /** The path that the app is mounted on; `""` for the root. */
  readonly prefix: string
  /** The `Host` for the upstream if the client sent none, as HTTP/1.0 allows. */
  readonly upstreamHost: string
}

/** The header lines for the upstream, as Node takes them: name, value, name, value … */
export const forwardedHeaders = (req: IncomingMessage, forwarded: Forwarded): Array<string> => {
  const { headers, rawHeaders, socket } = req
  const { filter, prefix, identity, isVerified, upstreamHost } = forwarded
  const named = namesIn(headers.connection)
  const lines: Array<string> = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    const verdict = filter(name)
    // A client that names one in Connection would appear signed out to the app alone.
    if (verdict === "verified" ? !isVerified : verdict !== "keep" || isNamed(named, name)) continue
    lines.push(name, rawHeaders[i + 1] ?? "")
  }
  const { host } = headers
  const proto = text(headers["x-forwarded-proto"]) === "https" || "encrypted" in socket ? "https" : "http"
  const port = text(headers["x-forwarded-port"])
  const before = text(headers["x-forwarded-for"])
  const from = socket.remoteAddress ?? "unknown"
  lines.push("x-forwarded-for", before === undefined ? from : `${before}, ${from}`, "x-forwarded-proto", proto)
  if (port !== undefined && /^\d{1,5}$/.test(port)) lines.push("x-forwarded-port", port)
  if (host === undefined) lines.push("host", upstreamHost)
  // Gradio builds its links from X-Forwarded-Host, which has no path; in its absence from X-Gradio-Server, which has one. Host
  // is forwarded unchanged, so the former is not needed.
  else if (prefix === "") lines.push("x-forwarded-host", host)
  else lines.push("x-forwarded-prefix", prefix, "x-gradio-server", `${proto}://${host}${prefix}`)
  for (const each of identity) lines.push(each)
  return lines
}

const text = (value: string | ReadonlyArray<string> | undefined): string | undefined => (typeof value === "string" ? value : value?.[0])
