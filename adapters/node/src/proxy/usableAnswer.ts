/**
 * What a proxy must check in an upstream's response before it forwards it.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { isForgetful } from "./refuseRequest.ts"

/**
 * Whether this response can be forwarded: Node has dropped none of its fields, its status is a final one
 * (RFC 9110 §15; 101 was not requested), and its body is in no coding that would have to be removed first (RFC 9112 §6.1).
 */
export const isUsable = (answered: IncomingMessage): boolean => {
  const { statusCode = 0, headers } = answered
  const isUnderstood = (headers["transfer-encoding"] ?? "chunked").toLowerCase() === "chunked"
  return statusCode >= 200 && statusCode <= 999 && isUnderstood && !isForgetful(answered)
}

/** Whether the upstream has accepted a WebSocket; any other protocol was not requested. */
export const isWebSocketAnswer = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === "websocket"

/** The upstream's reason phrase; none if it is not plain text, because the status suffices (RFC 9112 §4). */
export const reasonPhrase = ({ statusMessage = "" }: IncomingMessage): string =>
  /^[\t\x20-\x7e]*$/.test(statusMessage) ? statusMessage : ""

/** RFC 9112 §6.3: these end with their header section, whatever it says about a body. */
export const hasNoBody = (method: string | undefined, status: number | undefined): boolean =>
  method === "HEAD" || status === 204 || status === 304

/**
 * Detects whether a connection to an upstream ends or is reset. libuv may report a reset as an end (`uv__stream_io`, POLLHUP after a
 * partial read): an empty write reveals it, and leaves the error in `socket.errored`. Call it before Node's client sees the socket's end.
 */
export const noteReset = (socket: Socket): void => void socket.prependOnceListener("end", () => socket.write(""))

/** RFC 9112 §8: the end of the connection ends a response without a length, unless it was reset. */
export const wasReset = ({ socket }: Pick<ClientRequest, "socket">, { headers }: IncomingMessage): boolean =>
  headers["content-length"] === undefined && headers["transfer-encoding"] === undefined && socket?.errored != null
