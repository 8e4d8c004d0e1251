/** When a response is closed. */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"

const waiting = new WeakMap<Socket, Set<() => void>>()

/**
 * Calls back when the response is closed: it has ended, or the client has disconnected; perhaps twice. Node 20 does not report the latter for a response
 * that waits for another one on its connection.
 */
export const onClosed = ({ socket }: IncomingMessage, res: ServerResponse, closed: () => void): void => {
  res.once("close", closed)
  if (res.socket !== null) return
  if (socket.destroyed) {
    closed()
    return
  }
  const all = waiting.get(socket) ?? new Set()
  if (!waiting.has(socket)) {
    waiting.set(socket, all)
    // One listener for all of them: Node warns of more than ten.
    socket.once("close", () => {
      for (const each of all) each()
    })
  }
  all.add(closed)
  res.once("close", () => all.delete(closed))
}
