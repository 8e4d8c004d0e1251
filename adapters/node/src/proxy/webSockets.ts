/**
 * Which requests may be upgraded: a WebSocket handshake, and nothing else. `h2c` would bypass every guard (RFC 9113 §3.1 has
 * withdrawn it); how an upstream handles a list, or an unknown protocol, is not known.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Server as TlsServer } from "node:tls"
import { toSocket } from "../toResponse.ts"
import { namesIn } from "./hopByHop.ts"
import { isForgetful } from "./refuseRequest.ts"

export type UpgradeHandler = (req: IncomingMessage, socket: Socket, head: Buffer) => void

/**
 * Calls back for the handshakes of WebSockets. Any other request that asks for an upgrade becomes a plain one, which RFC 9110 §7.8 allows
 * any server to do: it is passed to the server again without its `Upgrade`.
 */
export const onWebSocket = (server: Server, handle: UpgradeHandler): void => {
  const latest = new WeakMap<Duplex, ServerResponse>()
  server.prependListener("request", (req: IncomingMessage, res: ServerResponse) => void latest.set(req.socket, res))
  server.on("upgrade", (req: IncomingMessage, socket: Socket, head: Buffer) => {
    const ignore = () => socket.destroy()
    socket.on("error", ignore)
    const go = () => {
      if (socket.destroyed || socket.writableEnded) return
      socket.setTimeout(0)
      const isHandshake = isWebSocketHandshake(req)
      // Node has dropped fields, and Content-Length may be one of them: where the next request begins is unknown.
      if (!isHandshake && isForgetful(req)) return toSocket({ status: 431, headers: {}, body: "" }, socket)
      socket.off("error", ignore)
      if (isHandshake) handle(req, socket, head)
      else receiveAgain(server, req, socket, head)
    }
    // RFC 9112 §9.3.2: earlier requests are answered first.
    const before = latest.get(socket)
    if (before === undefined || before.closed || before.destroyed) go()
    else before.once("close", go)
  })
}

/** RFC 6455 §4.2.1, without a body, which a handshake does not need. */
export const isWebSocketHandshake = ({ method, httpVersion, headers }: IncomingMessage): boolean =>
  method === "GET" &&
  httpVersion === "1.1" &&
  headers.upgrade?.toLowerCase() === "websocket" &&
  namesIn(headers.connection).has("upgrade") &&
  headers["sec-websocket-version"] === "13" &&
  /^[A-Za-z0-9+/]{22}==$/.test(headers["sec-websocket-key"] ?? "") &&
  headers["transfer-encoding"] === undefined &&
  (headers["content-length"] ?? "0") === "0"

const asking: ReadonlySet<string> = new Set(["upgrade", "http2-settings"])

/**
 * By now Node has detached its parser from the socket, for any upgrade, and has read nothing after the header section. So that is put back in front
 * of the bytes that follow, and the server takes the socket as a new connection: both are documented (`readable.unshift`, event `connection`; of TLS, `secureConnection`).
 */
const receiveAgain = (server: Server, req: IncomingMessage, socket: Socket, head: Buffer): void => {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`]
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] as string
    const value = req.rawHeaders[i + 1] as string
    const lowerName = name.toLowerCase()
    if (asking.has(lowerName)) continue
    lines.push(`${name}: ${lowerName === "connection" ? withoutAsking(value) : value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]))
  if (server.timeout > 0) socket.setTimeout(server.timeout)
  server.emit(server instanceof TlsServer ? "secureConnection" : "connection", socket)
}

const withoutAsking = (connection: string): string =>
  connection
    .split(",")
    .filter((each) => !asking.has(each.trim().toLowerCase()))
    .join(",")
