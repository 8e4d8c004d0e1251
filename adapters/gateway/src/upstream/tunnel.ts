/**
 * An upgrade → the upstream's upgrade: two sockets, each the other's end. Whether there is one is the upstream's decision, so
 * a refusal comes back as the HTTP answer that it is.
 *
 * @module
 */
import { request as httpRequest, type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http"
import { request as httpsRequest } from "node:https"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { endToEnd } from "../identity/forwardedHeaders.ts"
import type { Exchange } from "./forward.ts"
import type { Upstream } from "./Upstream.ts"
import { failureStatus, reasonOf } from "./UpstreamFailure.ts"

/** A client's socket that asked to leave HTTP, and what it has said behind its request. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

/** Joins the client's socket to the upstream's, once that agrees. `exchange.onFailed` answers the socket. */
export const tunnel = (
  { origin, timeoutMillis }: Upstream,
  req: IncomingMessage,
  { socket, head }: Upgrade,
  { target, lines, onAnswered, onFailed }: Omit<Exchange, "onStream" | "answerHeaders">
): void => {
  let timedOut = false
  const upstream = (origin.protocol === "https:" ? httpsRequest : httpRequest)({
    host: origin.hostname.replace(/^\[|\]$/g, ""),
    port: origin.port || (origin.protocol === "https:" ? 443 : 80),
    method: req.method,
    path: target,
    headers: [...lines, "Connection", "Upgrade", "Upgrade", req.headers.upgrade ?? ""],
    setHost: false,
    agent: false,
    timeout: timeoutMillis
  })
  socket.on("error", () => socket.destroy())
  socket.once("close", () => upstream.destroy())
  upstream.on("timeout", () => {
    timedOut = true
    upstream.destroy()
  })
  upstream.on("error", (error) => {
    if (!socket.destroyed) onFailed(timedOut ? 504 : failureStatus(error), timedOut ? "ETIMEDOUT" : reasonOf(error))
  })
  upstream.on("response", (answered) => {
    onAnswered()
    const response = new ServerResponse(req)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Socket)
    response.on("finish", () => socket.end(() => socket.destroy()))
    response.writeHead(answered.statusCode ?? 502, answered.statusMessage, endToEnd(answered.rawHeaders, answered.headers.connection))
    answered.on("error", () => socket.destroy())
    answered.pipe(response)
  })
  upstream.on("upgrade", (answered, other, otherHead) => {
    onAnswered()
    other.setTimeout(0)
    const fields = answered.rawHeaders
    const answer = [`HTTP/1.1 101 ${STATUS_CODES[101]}`]
    for (let i = 0; i < fields.length; i += 2) answer.push(`${fields[i]}: ${fields[i + 1]}`)
    socket.write(`${answer.join("\r\n")}\r\n\r\n`, "latin1")
    socket.write(otherHead)
    other.write(head)
    pipe(socket, other)
    pipe(other, socket)
  })
  upstream.end()
}

/** What one says, the other hears; when one is gone, the other goes, with all that it has still to hear. */
const pipe = (from: Duplex, to: Duplex): void => {
  from.on("error", () => from.destroy())
  from.on("close", () => {
    if (from.errored !== null || to.writableEnded) to.destroy()
    else to.end(() => to.destroy())
  })
  from.pipe(to)
}
