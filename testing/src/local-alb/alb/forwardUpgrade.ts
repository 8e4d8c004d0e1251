/**
 * A WebSocket's handshake → the target: two sockets, joined. The app decides whether to accept it, so a
 * refusal is forwarded as the HTTP response that it is.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { isWebSocketAnswer, joinSockets } from "@cognito-auth/node/proxy"

/** A client's socket that requested an upgrade. Until it is accepted, its bytes are buffered, and a disconnect is detected. */
export interface Upgrade {
  readonly socket: Socket
  /** The bytes that the client has sent after its request; from now on the caller reads the socket. */
  readonly takeEarly: () => ReadonlyArray<Buffer>
}

/** Joins the sockets once the target accepts. `onJoined` is called with its response. */
export const join = (
  upstream: ClientRequest,
  response: ServerResponse,
  { socket, takeEarly }: Upgrade,
  setCookies: ReadonlyArray<string>,
  idleTimeoutMillis: number,
  onJoined: (answered: IncomingMessage) => void
): void => {
  upstream.on("upgrade", (answered, targetSocket: Socket, targetHead) => {
    if (!isWebSocketAnswer(answered)) return void targetSocket.destroy()
    onJoined(answered)
    response.detachSocket(socket)
    const added = setCookies.flatMap((line) => ["Set-Cookie", line])
    joinSockets(answered, { socket, early: takeEarly() }, { socket: targetSocket, early: [targetHead] }, added)
    targetSocket.setTimeout(idleTimeoutMillis, () => targetSocket.destroy())
  })
}
