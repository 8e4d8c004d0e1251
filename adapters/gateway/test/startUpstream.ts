/** An app behind the gateway that keeps a log, and misbehaves on demand. */
import { createHash } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { Readable } from "node:stream"
import { onTestFinished } from "vitest"
import { WebSocketServer } from "ws"

interface Seen {
  readonly method: string
  readonly target: string
  /** Header lines to the letter. */
  readonly lines: ReadonlyArray<readonly [name: string, value: string]>
  /** By lower-case name. */
  readonly headers: IncomingMessage["headers"]
}

export interface FakeUpstream {
  readonly url: string
  readonly port: number
  /** Its access log, upgrades too. */
  readonly seen: ReadonlyArray<Seen>
  /** Connections that it has accepted. */
  readonly connections: () => number
  /** Bytes that it has handed to the kernel for the connections that are open. */
  readonly bytesSent: () => number
  /** Requests whose client has left before the end. */
  readonly abandoned: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

const mebibyte = Buffer.alloc(1_048_576, "m")

export const startUpstream = async (port = 0): Promise<FakeUpstream> => {
  const seen: Array<Seen> = []
  const abandoned: Array<string> = []
  const note = (req: IncomingMessage) => {
    const lines: Array<readonly [string, string]> = []
    for (let i = 0; i < req.rawHeaders.length; i += 2) lines.push([req.rawHeaders[i] ?? "", req.rawHeaders[i + 1] ?? ""])
    seen.push({ method: req.method ?? "", target: req.url ?? "", lines, headers: req.headers })
  }
  const sockets = new Set<Socket>()
  const server = createServer((req, res) => {
    note(req)
    res.once("close", () => {
      if (!res.writableFinished) abandoned.push(req.url ?? "")
    })
    const { pathname, searchParams } = new URL(req.url ?? "", "http://upstream")
    void (routes[pathname] ?? echo)(req, res, searchParams)
  })
  server.on("connection", (socket) => sockets.add(socket))
  const bytesSent = () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0)
  const webSockets = new WebSocketServer({ noServer: true })
  server.on("upgrade", (req, socket, head) => {
    note(req)
    if (req.url === "/refuse-upgrade") return void socket.end("HTTP/1.1 418 Teapot\r\ncontent-length: 3\r\n\r\nno!")
    webSockets.handleUpgrade(req, socket, head, (webSocket) => {
      webSocket.on("message", (message, isBinary) => webSocket.send(isBinary ? (message as Buffer) : `echo ${message}`))
    })
  })
  await once(server.listen(port, "127.0.0.1"), "listening")
  const address = server.address() as AddressInfo
  const close = async () => {
    if (!server.listening) return
    const closed = once(server.close(), "close")
    for (const socket of sockets) socket.destroy()
    await closed
  }
  onTestFinished(close)
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, seen, abandoned, connections: () => sockets.size, bytesSent, close }
}

type Route = (req: IncomingMessage, res: ServerResponse, query: URLSearchParams) => unknown

const echo: Route = (req, res) => res.end(`${req.method} ${req.url}`)

const routes: Readonly<Record<string, Route>> = {
  "/two-cookies": (_req, res) =>
    res
      .writeHead(201, "Made", ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Connection", "x-internal", "X-Internal", "1", "X-Ok", "caf\xe9"])
      .end(Buffer.from("made")),
  "/events": (_req, res) => res.writeHead(200, { "content-type": "text/event-stream" }).write("data: first\n\n"),
  "/upload": async (req, res) => {
    const hash = createHash("sha256")
    let bytes = 0
    for await (const chunk of req) {
      hash.update(chunk)
      bytes += chunk.length
    }
    res.end(JSON.stringify({ bytes, sha256: hash.digest("hex") }))
  },
  "/refuse-upload": (_req, res) => res.writeHead(413, { connection: "close" }).end("too large"),
  "/download": (_req, res, query) => {
    const mebibytes = Number(query.get("mebibytes"))
    res.writeHead(200, { "content-length": mebibytes * mebibyte.length })
    Readable.from(
      (function* () {
        for (let sent = 0; sent < mebibytes; sent++) yield mebibyte
      })()
    ).pipe(res)
  },
  "/silent": () => undefined,
  "/cut": (_req, res) => {
    res.writeHead(200, { "content-length": 100 }).write("only so much")
    setImmediate(() => res.destroy())
  },
  "/hang-up": (_req, res) => res.destroy(),
  "/nonsense": (_req, res) => res.socket?.end("this is no HTTP\r\n\r\n"),
  "/stall": (_req, res) => res.writeHead(200).write("and then nothing")
}
