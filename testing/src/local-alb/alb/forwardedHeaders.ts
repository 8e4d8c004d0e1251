/**
 * The header lines for the app: the client's, without hop-by-hop ones, and those that a load balancer adds.
 *
 * @module
 */
import { randomBytes } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { endToEnd, framingOf } from "@cognito-auth/node/proxy"
import { cognitoCookie } from "../cognito/cognitoCookie.ts"

/** Framing is rewritten, and an expectation has been answered by the time that a request is forwarded. */
const written: ReadonlySet<string> = new Set(["content-length", "expect", "x-forwarded-proto", "x-forwarded-port"])

/** The values to add for one request. */
export interface Added {
  readonly port: number
  readonly proto: "http" | "https"
  readonly nowMillis: number
  /** Whether it is a WebSocket's handshake. */
  readonly isUpgrade: boolean
  /** The three headers, which replace the client's; `undefined`: nobody is signed in, and the client's are forwarded. */
  readonly identity: ReadonlyArray<readonly [name: string, value: string]> | undefined
}

/** The header lines for the app, as Node writes them: name, value, name, value … */
export const forwardedHeaders = (request: IncomingMessage, added: Added): Array<string> => {
  const lines: Array<string> = []
  const forwardedFor: Array<string> = []
  let trace: string | undefined
  const received = endToEnd(request)
  for (let i = 0; i < received.length; i += 2) {
    const name = received[i] ?? ""
    const value = received[i + 1] ?? ""
    const lowerName = name.toLowerCase()
    if (written.has(lowerName) || (added.identity !== undefined && isIdentity(lowerName))) continue
    if (lowerName === "x-forwarded-for") forwardedFor.push(value)
    else if (lowerName === "x-amzn-trace-id") trace ??= value
    else if (lowerName === "cookie") pushCookies(lines, name, value)
    else lines.push(name, value)
  }
  lines.push("X-Forwarded-For", [...forwardedFor, request.socket.remoteAddress ?? "unknown"].join(", "))
  lines.push("X-Forwarded-Proto", added.proto, "X-Forwarded-Port", String(added.port))
  lines.push("X-Amzn-Trace-Id", traced(trace, added.nowMillis))
  for (const line of added.identity ?? []) lines.push(...line)
  if (added.isUpgrade) lines.push("Connection", "Upgrade", "Upgrade", "websocket")
  // With `Connection: close`, an app would close after its response, even while a body is still arriving, and reset the connection.
  else lines.push("Connection", "keep-alive")
  // An expectation is not forwarded, because Node has answered it.
  lines.push(...framingOf(request, false).lines)
  return lines
}

/** `X_Amzn_Oidc_Data` is the same header to some upstreams (WSGI): every variant is stripped. */
const isIdentity = (lowerName: string): boolean => lowerName.replaceAll("_", "-").startsWith("x-amzn-oidc-")

/** Cookies are not separated by port: the pool's own, set on another port of this host, is removed. */
const pushCookies = (lines: Array<string>, name: string, value: string): void => {
  const others = value.split(";").filter((pair) => pair.split("=")[0]?.trim() !== cognitoCookie)
  if (others.length > 0) lines.push(name, others.join(";").trim())
}

/** AWS ELB guide, "Request tracing": a new Root if there is none; else a Self before the existing value. */
const traced = (given: string | undefined, nowMillis: number): string => {
  const newId = () => `1-${Math.floor(nowMillis / 1000).toString(16)}-${randomBytes(12).toString("hex")}`
  const fields = (given ?? "").split(";").filter((each) => each !== "" && !/^Self=/i.test(each))
  if (!fields.some((each) => /^Root=/i.test(each))) fields.unshift(`Root=${newId()}`)
  return given === undefined || given === "" ? fields.join(";") : [`Self=${newId()}`, ...fields].join(";")
}
