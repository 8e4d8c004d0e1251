/**
 * What a proxy must know of an upstream's answer before it passes it on.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { isForgetful } from "./refuseRequest.ts"

/**
 * Whether the client can be given this answer: nothing of its head has been forgotten, its status is one that an answer can end with
 * (RFC 9110 §15; 101 was not asked for), and its body is in no coding that would have to be taken off first (RFC 9112 §6.1).
 */
export const isUsable = (answered: IncomingMessage): boolean => {
  const { statusCode = 0, headers } = answered
  const isUnderstood = (headers["transfer-encoding"] ?? "chunked").toLowerCase() === "chunked"
  return statusCode >= 200 && statusCode <= 999 && isUnderstood && !isForgetful(answered)
}

/** Whether the upstream has agreed to a WebSocket; to another protocol nobody has. */
export const isWebSocketAnswer = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === "websocket"

/** The upstream's reason phrase; none where it is not plain text, because the status says it all (RFC 9112 §4). */
export const reasonPhrase = ({ statusMessage = "" }: IncomingMessage): string =>
  /^[\t\x20-\x7e]*$/.test(statusMessage) ? statusMessage : ""

/** RFC 9112 §6.3: these end with their head, whatever it says of a body. */
export const hasNoBody = (method: string | undefined, status: number | undefined): boolean =>
  method === "HEAD" || status === 204 || status === 304

/**
 * Finds out whether a connection to an upstream ends or is reset. libuv may take a reset for the end (`uv__stream_io`, POLLHUP after a
 * partial read): writing nothing tells, and leaves the error in `socket.errored`. Call it before Node's client sees the socket's end.
 */
export const noteReset = (socket: Socket): void => void socket.prependOnceListener("end", () => socket.write(""))

/** RFC 9112 §8: the end of the connection is the end of an answer that has no other, unless it was reset. */
export const wasReset = ({ socket }: Pick<ClientRequest, "socket">, { headers }: IncomingMessage): boolean =>
  headers["content-length"] === undefined && headers["transfer-encoding"] === undefined && socket?.errored != null
