/**
 * A WebSocket's handshake → the upstream's: two sockets, each the other's end. Whether there is one is the upstream's decision, so
 * a refusal comes back as the HTTP answer that it is.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { endToEnd, hasNoBody, isUsable, reasonPhrase } from "./answerHead.ts"
import type { Watched } from "./Deadlines.ts"
import type { Exchange } from "./forward.ts"
import type { Upstream } from "./Upstream.ts"
import { failureStatus, reasonOf } from "./UpstreamFailure.ts"

/** A client's socket that asked to leave HTTP, and what it has said behind its request. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

/** As much as is kept of what a client says before the upstream has agreed. */
const mostEarlyBytes = 65_536

/** Joins the client's socket to the upstream's, once that agrees. `exchange.onFailed` answers the socket. */
export const tunnel = (
  upstream: Upstream,
  { socket, head }: Upgrade,
  exchange: Pick<Exchange, "target" | "lines" | "onAnswered" | "onFailed">
): void => {
  const { target, lines, onAnswered, onFailed } = exchange
  const asked = upstream.ask({ method: "GET", target, lines: [...lines, "Connection", "Upgrade", "Upgrade", "websocket"] }, "fresh")
  let hasAnswered = false
  const early = head.length === 0 ? [] : [head]
  let earlyBytes = head.length
  // Whoever does not read does not hear that the client has left.
  const keep = (chunk: Buffer) => {
    early.push(chunk)
    earlyBytes += chunk.length
    if (earlyBytes > mostEarlyBytes) socket.pause()
  }
  const leave = () => void asked.destroy()
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
    socket.off("data", keep).off("end", leave)
  }
  upstream.deadlines.add(watched)
  socket.on("error", () => socket.destroy()).once("close", leave)
  socket.on("data", keep).once("end", leave)
  asked.on("error", (error) => fail(failureStatus(error) === 504 ? 504 : 502, reasonOf(error)))
  asked.once("close", () => fail(502, "closed"))
  asked.on("response", (answered) => {
    if (!isUsable(answered)) return fail(502, "an unusable answer")
    answer()
    onAnswered()
    socket.resume()
    relay(answered, socket)
  })
  asked.on("upgrade", (answered, other, otherHead) => {
    // To another protocol nobody has agreed.
    if (answered.headers.upgrade?.toLowerCase() !== "websocket") {
      other.destroy()
      return fail(502, "upgrade")
    }
    answer()
    onAnswered()
    socket.off("close", leave)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\n${fieldLines([...endToEnd(answered), "Connection", "Upgrade", "Upgrade", "websocket"])}`,
      "latin1"
    )
    socket.write(otherHead)
    for (const chunk of early) other.write(chunk)
    join(socket, other)
    join(other, socket)
  })
  asked.end()
}

/** The upstream's refusal, as the last answer on this connection. Where it is cut, so is the connection. */
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

const fieldLines = (lines: ReadonlyArray<string>): string => {
  let text = ""
  for (let i = 0; i < lines.length; i += 2) text += `${lines[i]}: ${lines[i + 1]}\r\n`
  return `${text}\r\n`
}

/** What one says, the other hears; when one is gone, the other goes, with all that it has still to hear. */
const join = (from: Duplex, to: Duplex): void => {
  from.on("error", () => from.destroy())
  from.on("close", () => {
    if (from.errored !== null || to.writableEnded) to.destroy()
    else to.end(() => to.destroy())
  })
  from.pipe(to)
}
