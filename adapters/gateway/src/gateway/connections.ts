/**
 * The connections of a server, so that it can end: those that are idle at once, those that serve somebody when they have.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

export interface Connections {
  /** Takes no more connections, and resolves when the last one has ended; after `limitMillis` they are cut. */
  readonly drain: (limitMillis: number) => Promise<void>
}

const sweepMillis = 100

/** What is known of a connection. */
interface Known {
  /** The answer to the last request. */
  latest: ServerResponse | undefined
  /** Whether the socket has left HTTP: a WebSocket's, or one that waits for what an upstream says of it. */
  hasLeft: boolean
  /** What had been received when the last sweep came by. */
  bytesSeen: number
}

/** `isUpgrade`: called for each socket that is handed over; it is not idle from then on. */
export const trackConnections = (server: Server): Connections & { readonly leave: (socket: object) => void } => {
  const known = new Map<object, Known>()
  server.on("connection", (socket: Socket) => {
    // A connection may be given to the server again.
    if (known.has(socket)) return
    known.set(socket, { latest: undefined, hasLeft: false, bytesSeen: -1 })
    socket.once("close", () => known.delete(socket))
  })
  const note = (req: IncomingMessage, res: ServerResponse) => {
    const connection = known.get(req.socket)
    if (connection !== undefined) connection.latest = res
  }
  server.prependListener("request", note)

  /** Ends what serves nobody. One whose request has begun to arrive has until the next sweep to go on. */
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
