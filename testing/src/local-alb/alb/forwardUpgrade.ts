/**
 * A WebSocket's handshake → the target's: two sockets, each the other's end. Whether there is one is the app's decision, so a
 * refusal comes back as the HTTP answer that it is.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { isWebSocketAnswer, joinSockets } from "@cognito-auth/node/proxy"

/** A client's socket that asked to leave HTTP. Until it may, what it sends is kept, and it is seen to leave. */
export interface Upgrade {
  readonly socket: Socket
  /** What the client has sent behind its request; it is the caller's from now on to read. */
  readonly takeEarly: () => ReadonlyArray<Buffer>
}

/** Joins the sockets once the target agrees. `onJoined` is told of its answer. */
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
