/**
 * The connections of a server, for a graceful shutdown: idle ones are closed at once, others after their response.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

export interface Connections {
  /** Accepts no more connections, and resolves when the last one has ended; after `limitMillis` they are closed. */
  readonly drain: (limitMillis: number) => Promise<void>
}

const sweepMillis = 100

/** The state of a connection. */
interface Known {
  /** The response to the last request. */
  latest: ServerResponse | undefined
  /** Whether the socket is upgraded: a WebSocket's, or one that waits for the upstream's response. */
  hasLeft: boolean
  /** The number of bytes received at the last sweep. */
  bytesSeen: number
}

/** `isUpgrade`: called for each upgraded socket; it is not idle from then on. */
export const trackConnections = (server: Server): Connections & { readonly leave: (socket: object) => void } => {
  const known = new Map<object, Known>()
  server.on("connection", (socket: Socket) => {
    // A connection may be passed to the server again.
    if (known.has(socket)) return
    known.set(socket, { latest: undefined, hasLeft: false, bytesSeen: -1 })
    socket.once("close", () => known.delete(socket))
  })
  const note = (req: IncomingMessage, res: ServerResponse) => {
    const connection = known.get(req.socket)
    if (connection !== undefined) connection.latest = res
  }
  server.prependListener("request", note)

  /** Closes idle connections. One whose request has begun to arrive has until the next sweep to progress. */
  const sweep = () => {
    for (const [socket, connection] of known) {
      const { latest, hasLeft, bytesSeen } = connection
      if (hasLeft || (latest !== undefined && !latest.destroyed && !latest.writableFinished)) continue
      const { bytesRead } = socket as Socket
      if (bytesRead === bytesSeen) (socket as Socket).destroy()
      connection.bytesSeen = bytesRead
    }
  }
  const cut = () => {
    for (const socket of known.keys()) (socket as Socket).destroy()
  }
  return {
    leave: (socket) => {
      const connection = known.get(socket)
      if (connection !== undefined) connection.hasLeft = true
    },
    drain: async (limitMillis) => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      const limit = setTimeout(cut, limitMillis)
      const sweeping = setInterval(sweep, sweepMillis)
      sweep()
      server.closeIdleConnections()
      await closed
      clearTimeout(limit)
      clearInterval(sweeping)
      cut()
    }
  }
}
