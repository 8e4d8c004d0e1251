/**
 * A WebSocket through a proxy: two sockets, each the other's end.
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

/** How long the last bytes of a socket that has closed may wait to be read. */
const longestUnreadMillis = 60_000

/** As much as is kept of what a client sends before the upstream has agreed. */
const mostEarlyBytes = 65_536

/**
 * Reads what a client sends behind its handshake, and tells when it leaves: whoever does not read does not learn of that. Returns a function
 * that ends it and hands over the bytes.
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

/** What one sends, the other gets. When one is closed, so is the other, once it has got everything; or at once, where the one was reset. */
const pass = ({ socket: from, early }: Side, to: Duplex): void => {
  for (const chunk of early) to.write(chunk)
  from.on("error", () => from.destroy())
  from.on("close", () => {
    if (from.errored !== null) return void to.destroy()
    // Nobody else would ever end a socket that is not read.
    if (to instanceof Socket) to.setTimeout(longestUnreadMillis, () => to.destroy())
    to.end(() => to.destroy())
  })
  from.pipe(to)
}
