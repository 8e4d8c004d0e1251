/**
 * A WebSocket's handshake → the upstream: two sockets, joined. The upstream decides whether to accept it, so
 * a refusal is forwarded as the HTTP response that it is.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import {
  endToEnd,
  fieldLines,
  hasNoBody,
  isUsable,
  isWebSocketAnswer,
  joinSockets,
  keepEarly,
  reasonPhrase
} from "@cognito-auth/node/proxy"
import type { Watched } from "./Deadlines.ts"
import type { Exchange } from "./Exchange.ts"
import type { Upstream } from "./Upstream.ts"
import { failureStatus, reasonOf } from "./UpstreamFailure.ts"

/** A client's socket that requested an upgrade, and the bytes received after its request. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

/** Joins the client's socket to the upstream's, once the upstream accepts. `exchange.onFailed` answers the socket. */
export const tunnel = (
  upstream: Upstream,
  { socket, head }: Upgrade,
  exchange: Pick<Exchange, "target" | "lines" | "onAnswered" | "onFailed">
): void => {
  const { target, lines, onAnswered, onFailed } = exchange
  const asked = upstream.ask({ method: "GET", target, lines: [...lines, "Connection", "Upgrade", "Upgrade", "websocket"] }, "fresh")
  let hasAnswered = false
  const leave = () => void asked.destroy()
  const takeEarly = keepEarly(socket, head, leave)
  const fail = (status: 502 | 504, reason: string) => {
    if (hasAnswered) return
    answer()
    asked.destroy()
    if (!socket.destroyed) onFailed(status, reason)
  }
  const watched: Watched = { movedAt: performance.now(), place: undefined, expire: () => fail(504, "ETIMEDOUT") }
  const answer = () => {
    hasAnswered = true
    upstream.deadlines.delete(watched)
    return takeEarly()
  }
  upstream.deadlines.add(watched)
  socket.on("error", () => socket.destroy()).once("close", leave)
  asked.on("error", (error) => fail(failureStatus(error) === 504 ? 504 : 502, reasonOf(error)))
  asked.once("close", () => fail(502, "closed"))
  asked.on("response", (answered) => {
    if (!isUsable(answered)) return fail(502, "an unusable answer")
    answer()
    onAnswered()
    socket.resume()
    // From here on it is a response like any other: it is cut if it stalls.
    if (socket instanceof Socket) socket.setTimeout(upstream.timeoutMillis, () => socket.destroy())
    relay(answered, socket)
  })
  asked.on("upgrade", (answered, other, otherHead) => {
    if (!isWebSocketAnswer(answered)) {
      other.destroy()
      return fail(502, "upgrade")
    }
    const early = answer()
    onAnswered()
    socket.off("close", leave)
    joinSockets(answered, { socket, early }, { socket: other, early: [otherHead] })
  })
  asked.end()
}

/** The upstream's refusal, as the last response on this connection. If it is cut, so is the connection. */
const relay = (answered: IncomingMessage, socket: Duplex): void => {
  const lines = fieldLines([...endToEnd(answered), "Connection", "close"])
  socket.write(`HTTP/1.1 ${answered.statusCode} ${reasonPhrase(answered)}\r\n${lines}`, "latin1")
  answered.on("error", () => socket.destroy())
  answered.on("end", () => socket.end(() => socket.destroy()))
  if (hasNoBody("GET", answered.statusCode)) {
    answered.destroy()
    socket.end(() => socket.destroy())
  } else answered.pipe(socket, { end: false })
}
