/**
 * An upgrade → the target's upgrade: two sockets, each the other's end. Whether there is one is the app's decision, so a
 * refusal comes back as the HTTP answer that it is.
 *
 * @module
 */
import { type ClientRequest, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"

/** A client's socket that asked to leave HTTP. Until it may, what it says is kept, and it is seen to leave. */
export interface Upgrade {
  readonly socket: Duplex
  /** What the client has said behind its request; it is the caller's from now on to listen. */
  readonly take: () => Buffer
}

/** As much as a client may say before it is answered. */
const mostEarlyBytes = 65_536

/** Listens to a client that waits for its upgrade. */
export const hear = (socket: Duplex, head: Buffer): Upgrade => {
  let said = head
  const keep = (bytes: Buffer) => {
    said = Buffer.concat([said, bytes])
    if (said.length > mostEarlyBytes) socket.pause()
  }
  const leave = () => socket.destroy()
  socket.on("data", keep).on("end", leave)
  return {
    socket,
    take: () => {
      socket.off("data", keep).off("end", leave)
      return said
    }
  }
}

const asking: ReadonlySet<string> = new Set(["upgrade", "http2-settings"])

/**
 * Makes a plain request of one that asks for another protocol than WebSocket (RFC 9110 §7.8). Node has left HTTP with its socket by now, and
 * has read nothing behind the head: that is put back in front without the asking, and the server takes the socket as a new connection.
 */
export const receiveAgain = (server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void => {
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    const value = rawHeaders[i + 1] ?? ""
    if (asking.has(name.toLowerCase())) continue
    const others = value.split(",").filter((each) => !asking.has(each.trim().toLowerCase()))
    lines.push(`${name}: ${name.toLowerCase() === "connection" ? others.join() : value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]))
  server.emit("connection", socket)
}

/** Joins the sockets once the target agrees. `onJoined` is told of its answer. */
export const join = (
  upstream: ClientRequest,
  response: ServerResponse,
  { socket, take }: Upgrade,
  setCookies: ReadonlyArray<string>,
  idleTimeoutMillis: number,
  onJoined: (answered: IncomingMessage) => void
): void => {
  upstream.on("upgrade", (answered, targetSocket, targetHead) => {
    // To another protocol nobody has agreed.
    if (answered.headers.upgrade?.toLowerCase() !== "websocket") return void targetSocket.destroy()
    onJoined(answered)
    response.detachSocket(socket as never)
    const { statusCode = 101, rawHeaders } = answered
    const lines = [`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`]
    for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
    for (const line of setCookies) lines.push(`Set-Cookie: ${line}`)
    socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
    socket.write(targetHead)
    targetSocket.write(take())
    pipe(socket, targetSocket)
    pipe(targetSocket, socket)
    targetSocket.setTimeout(idleTimeoutMillis, () => targetSocket.destroy())
  })
}

/** What one says, the other hears; when one is gone, the other goes, with all that it has still to hear. */
const pipe = (from: Duplex, to: Duplex): void => {
  from.on("error", () => from.destroy())
  from.on("close", () => {
    if (to.writableEnded) to.once("finish", () => to.destroy())
    else to.end(() => to.destroy())
    if (from.errored !== null) to.destroy()
  })
  from.pipe(to)
}
