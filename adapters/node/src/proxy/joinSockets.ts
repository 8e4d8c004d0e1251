/**
 * A WebSocket through a proxy: two sockets, joined.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { endToEnd } from "./hopByHop.ts"

/** One of the two. */
export interface Side {
  readonly socket: Duplex
  /** What was received from it before the two were joined. */
  readonly early: ReadonlyArray<Buffer>
}

/** How long the last bytes of a closed socket may wait to be read. */
const longestUnreadMillis = 60_000

/** The most bytes that are buffered of what a client sends before the upstream has accepted. */
const mostEarlyBytes = 65_536

/**
 * Reads what a client sends after its handshake, and detects when it disconnects: a socket that is not read does not report that. Returns a function
 * that stops reading and returns the bytes.
 */
export const keepEarly = (socket: Duplex, head: Buffer, onLeave: () => void): (() => ReadonlyArray<Buffer>) => {
  const early = head.length === 0 ? [] : [head]
  let bytes = head.length
  const keep = (chunk: Buffer) => {
    early.push(chunk)
    bytes += chunk.length
    if (bytes > mostEarlyBytes) socket.pause()
  }
  socket.on("data", keep).once("end", onLeave)
  return () => {
    socket.off("data", keep).off("end", onLeave)
    return early
  }
}

/** Writes the upstream's 101 to the client, with field lines to add (name, value …), and joins the sockets. */
export const joinSockets = (answered: IncomingMessage, client: Side, upstream: Side, added: ReadonlyArray<string> = []): void => {
  const lines = [...endToEnd(answered), ...added, "Connection", "Upgrade", "Upgrade", "websocket"]
  // A header's characters are bytes to Node, both ways.
  client.socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fieldLines(lines)}`, "latin1")
  pass(upstream, client.socket)
  pass(client, upstream.socket)
}

/** Name, value, name, value … as the end of a message's head. */
export const fieldLines = (lines: ReadonlyArray<string>): string => {
  let text = ""
  for (let i = 0; i < lines.length; i += 2) text += `${lines[i]}: ${lines[i + 1]}\r\n`
  return `${text}\r\n`
}

/** Forwards bytes both ways. When one socket is closed, so is the other, once it has received everything; or at once, if the first was reset. */
const pass = ({ socket: from, early }: Side, to: Duplex): void => {
  for (const chunk of early) to.write(chunk)
  from.on("error", () => from.destroy())
  from.on("close", () => {
    if (from.errored !== null) return void to.destroy()
    // Otherwise a socket that is not read would never be ended.
    if (to instanceof Socket) to.setTimeout(longestUnreadMillis, () => to.destroy())
    to.end(() => to.destroy())
  })
  from.pipe(to)
}
