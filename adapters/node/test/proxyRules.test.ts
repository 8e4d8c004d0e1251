import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, IncomingMessage, type Server, ServerResponse } from "node:http"
import { type AddressInfo, connect, Socket } from "node:net"
import { PassThrough } from "node:stream"
import {
  endToEnd,
  fieldLines,
  framingOf,
  hasNoBody,
  isForgetful,
  isUsable,
  isWebSocketHandshake,
  joinSockets,
  keepEarly,
  onClosed,
  onWebSocket,
  reasonPhrase,
  refuseRequest
} from "@cognito-auth/node/proxy"
import { describe, expect, it, onTestFinished } from "vitest"
import { open, readToEnd } from "./rawHttp.ts"

interface Given {
  readonly headers?: IncomingHttpHeaders
  readonly rawHeaders?: Array<string>
  readonly method?: string
  readonly httpVersion?: string
  readonly statusCode?: number
  readonly statusMessage?: string
}

/** A message as Node's parser gives it. */
const message = ({ headers = {}, rawHeaders, ...rest }: Given): IncomingMessage =>
  Object.assign(new IncomingMessage(new Socket()), {
    httpVersion: "1.1",
    ...rest,
    headers,
    rawHeaders: rawHeaders ?? Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
  })

describe("the framing of a request", () => {
  it.each<[Given, boolean, ReadonlyArray<string>]>([
    [{ method: "GET" }, false, []],
    [{ method: "DELETE" }, false, []],
    [{ method: "POST" }, false, ["content-length", "0"]],
    [{ method: "GET", headers: { "content-length": "0" } }, false, ["content-length", "0"]],
    [{ method: "POST", headers: { "content-length": "4" } }, true, ["content-length", "4"]],
    [{ method: "POST", headers: { "transfer-encoding": "chunked" } }, true, ["transfer-encoding", "chunked"]]
  ])("of %j is told as the client told it", (given, hasBody, lines) => {
    expect(framingOf(message(given), false)).toEqual({ hasBody, expectsContinue: false, lines })
  })

  it("has an expectation where nobody has answered it, the client waits for it, and its version knows of it", () => {
    const given = { method: "POST", headers: { "content-length": "4", expect: "100-Continue" } }
    const lines = ["content-length", "4", "expect", "100-continue"]
    expect(framingOf(message(given), true)).toEqual({ hasBody: true, expectsContinue: true, lines })
    for (const framing of [framingOf(message(given), false), framingOf(message({ ...given, httpVersion: "1.0" }), true)]) {
      expect(framing).toEqual({ hasBody: true, expectsContinue: false, lines: lines.slice(0, 2) })
    }
  })
})

describe("the lines of a message", () => {
  it("that concern the connection, or that it names, end here, in any case; Host never does", () => {
    const rawHeaders = [
      "Host",
      "a",
      "Connection",
      "X-Mine, close, Host",
      "Keep-Alive",
      "timeout=5",
      "x-mine",
      "1",
      "X-Other",
      "2",
      "TE",
      "trailers"
    ]
    const headers = { connection: "X-Mine, close, Host" }
    expect(endToEnd(message({ headers, rawHeaders }))).toEqual(["Host", "a", "X-Other", "2"])
    expect(endToEnd(message({ headers: { connection: "close" }, rawHeaders: ["Close", "1"] }))).toEqual(["Close", "1"])
  })

  it("of a 204 have no length", () => {
    const rawHeaders = ["Content-Length", "4", "X", "1"]
    expect(endToEnd(message({ statusCode: 204, rawHeaders }))).toEqual(["X", "1"])
    expect(endToEnd(message({ statusCode: 200, rawHeaders }))).toEqual(rawHeaders)
  })

  it("are the end of a head as text", () => {
    expect(fieldLines(["A", "1", "b", ""])).toBe("A: 1\r\nb: \r\n\r\n")
    expect(fieldLines([])).toBe("\r\n")
  })
})

const manyLines = Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? `x-${i}` : "1"))

describe("a request that servers read in different ways", () => {
  it.each<[number | undefined, Given]>([
    [undefined, { headers: { host: "app.example:8080" } }],
    [undefined, { headers: { host: "[::1]:8080" } }],
    [undefined, { headers: {} }],
    [undefined, { headers: { host: "a", "transfer-encoding": "Chunked" } }],
    [undefined, { headers: { host: "a" }, httpVersion: "1.0" }],
    [400, { headers: { host: "a/b" } }],
    [400, { headers: { host: "a b" } }],
    [400, { headers: { host: "a" }, rawHeaders: ["Host", "a", "hOST", "b"] }],
    [400, { headers: { host: "a", "transfer-encoding": "chunked" }, httpVersion: "1.0" }],
    [501, { headers: { host: "a", "transfer-encoding": "gzip, chunked" } }],
    [505, { headers: { host: "a" }, httpVersion: "2.0" }],
    [505, { headers: { host: "a" }, httpVersion: "0.9" }],
    [431, { headers: { host: "a" }, rawHeaders: manyLines }]
  ])("is %s: %j", (status, given) => {
    expect(refuseRequest(message(given))).toBe(status)
  })
})

describe("an answer", () => {
  it.each<[boolean, Given]>([
    [true, { statusCode: 200 }],
    [true, { statusCode: 999, headers: { "transfer-encoding": "Chunked" } }],
    [false, { statusCode: 101 }],
    [false, { statusCode: 50 }],
    [false, { statusCode: 200, headers: { "transfer-encoding": "gzip, chunked" } }],
    [false, { statusCode: 200, rawHeaders: manyLines }],
    [false, {}]
  ])("is usable (%s): %j", (usable, given) => {
    expect(isUsable(message(given))).toBe(usable)
  })

  it("has its reason phrase where that is plain text", () => {
    expect(reasonPhrase(message({ statusMessage: "Not Found" }))).toBe("Not Found")
    for (const statusMessage of ["\x01", "ü", "a\u{7f}"]) expect(reasonPhrase(message({ statusMessage }))).toBe("")
    expect(reasonPhrase({} as IncomingMessage)).toBe("")
  })

  it("ends with its head where RFC 9112 says so", () => {
    expect([hasNoBody("HEAD", 200), hasNoBody("GET", 204), hasNoBody("GET", 304), hasNoBody("GET", 200)]).toEqual([true, true, true, false])
  })
})

const handshake: IncomingHttpHeaders = {
  host: "a",
  connection: "keep-alive, Upgrade",
  upgrade: "WebSocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="
}

describe("a WebSocket's handshake", () => {
  it.each<[boolean, Given]>([
    [true, {}],
    [true, { headers: { "content-length": "0" } }],
    [false, { method: "POST" }],
    [false, { httpVersion: "1.0" }],
    [false, { headers: { upgrade: "h2c" } }],
    [false, { headers: { upgrade: "websocket, h2c" } }],
    [false, { headers: { connection: "close" } }],
    [false, { headers: { "sec-websocket-version": "8" } }],
    [false, { headers: { "sec-websocket-key": "short" } }],
    [false, { headers: { "content-length": "4" } }],
    [false, { headers: { "transfer-encoding": "chunked" } }]
  ])("is one (%s) with %j", (is, { headers, ...given }) => {
    expect(isWebSocketHandshake(message({ method: "GET", ...given, headers: { ...handshake, ...headers } }))).toBe(is)
  })

  it("without an upgrade or a key is none", () => {
    for (const name of ["upgrade", "sec-websocket-key"] as const) {
      const { [name]: _, ...headers } = handshake
      expect(isWebSocketHandshake(message({ method: "GET", headers }))).toBe(false)
    }
  })
})

describe("what a client sends behind its handshake", () => {
  it("is kept, up to 64 KiB, and handed over", () => {
    const socket = new PassThrough()
    const take = keepEarly(socket, Buffer.from("a"), () => undefined)
    socket.emit("data", Buffer.from("b"))
    expect(socket.isPaused()).toBe(false)
    socket.emit("data", Buffer.alloc(65_536))
    expect(socket.isPaused()).toBe(true)
    expect(Buffer.concat(take()).length).toBe(2 + 65_536)
    socket.emit("data", Buffer.from("c"))
    expect(Buffer.concat(take()).length).toBe(2 + 65_536)
  })

  it("ends with the client, who is missed", async () => {
    const socket = new PassThrough()
    const left = new Promise<void>((resolve) => void keepEarly(socket, Buffer.alloc(0), resolve))
    socket.end()
    await left
  })
})

const listen = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

/** Sends the bytes, and gives all that came back once the server has closed. */
const exchange = async (port: number, bytes: string): Promise<string> => {
  const socket = await open(port)
  const received = readToEnd(socket)
  socket.write(bytes, "latin1")
  return received
}

describe("an offer to upgrade", () => {
  const serve = () => {
    const seen: Array<ReadonlyArray<string>> = []
    const server = createServer((req, res) => {
      seen.push([req.method ?? "", req.url ?? "", ...req.rawHeaders])
      req.resume().once("end", () => void res.end("plain"))
    })
    server.timeout = 60_000
    onWebSocket(server, (_req, socket, head) => void socket.end(`handled ${head}`))
    return { seen, port: listen(server) }
  }

  it("to anything but a WebSocket is a plain request without the asking, its body and what follows included", async () => {
    const { seen, port } = serve()
    const offer =
      "POST /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, X-Mine\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nContent-Length: 4\r\n\r\nbody"
    const received = await exchange(await port, `${offer}GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(received.match(/plain/g)).toHaveLength(2)
    expect(seen[0]).toEqual(["POST", "/a", "Host", "x", "Connection", "X-Mine", "Content-Length", "4"])
    expect(seen[1]?.slice(0, 2)).toEqual(["GET", "/b"])
  })

  it("to a WebSocket is handed over with what follows, behind the answer to what was asked before", async () => {
    const { port } = serve()
    const lines = Object.entries(handshake).map(([name, value]) => `${name}: ${value}\r\n`)
    const received = await exchange(await port, `GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /ws HTTP/1.1\r\n${lines.join("")}\r\nframe`)
    expect(received).toMatch(/^HTTP\/1\.1 200[\s\S]*plainhandled frame$/)
  })
})

describe("a client that disconnects", () => {
  it("with answers still to come leaves all of them", async () => {
    let closed = 0
    const bothAsked = new Promise<Array<ServerResponse>>((resolve) => {
      const answers: Array<ServerResponse> = []
      const server = createServer((req, res) => {
        onClosed(req, res, () => closed++)
        if (answers.push(res) === 3) resolve(answers)
      })
      void listen(server).then((port) => {
        const socket = connect(port, "127.0.0.1")
        socket.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
        void left.then(() => socket.destroy())
      })
    })
    let leave = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    const [first] = await bothAsked
    const gone = once(first as ServerResponse, "close")
    leave()
    await gone
    expect(closed).toBeGreaterThanOrEqual(3)
  })

  it("before anybody looked has left", () => {
    const socket = new Socket()
    socket.destroy()
    const req = new IncomingMessage(socket)
    let closed = 0
    onClosed(req, new ServerResponse(req), () => closed++)
    expect(closed).toBe(1)
  })
})

it("two sockets of the network are joined both ways, and closed together", async () => {
  const server = createServer()
  const sides: Array<Socket> = []
  server.on("connection", () => undefined)
  const port = await listen(server)
  server.removeAllListeners("connection")
  const accepted = new Promise<void>((resolve) =>
    server.on("connection", (socket: Socket) => {
      if (sides.push(socket) === 2) resolve()
    })
  )
  const [client, upstream] = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")]
  await accepted
  const [one, other] = sides as [Socket, Socket]
  const ports = new Map([client, upstream].map((socket) => [socket.localPort, socket]))
  joinSockets(message({ statusCode: 101 }), { socket: one, early: [Buffer.from("hi")] }, { socket: other, early: [] }, ["X-Added", "1"])
  const far = ports.get(other.remotePort) as Socket
  const near = ports.get(one.remotePort) as Socket
  expect(String((await once(far, "data"))[0])).toBe("hi")
  expect(String((await once(near, "data"))[0])).toContain("X-Added: 1")
  const closed = once(near, "close")
  near.resume()
  far.destroy()
  await closed
  expect(isForgetful(message({ rawHeaders: [] }))).toBe(false)
})
