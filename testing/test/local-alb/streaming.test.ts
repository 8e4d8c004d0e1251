import { once } from "node:events"
import { type ClientRequest, get, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { connect, type Socket } from "node:net"
import { setTimeout as wait } from "node:timers/promises"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { type App, forge, serve } from "./apps.ts"

const ada = { email: "ada@example.com", name: "Ada Lovelace", groups: ["admins"] }

const behind = async (app: App, options = {}) => {
  const alb = await localAlb({ target: app.url, forge, ...options })
  const headers = { cookie: await alb.signIn(ada) }
  return { alb, url: alb.url, headers, [Symbol.asyncDispose]: alb.close }
}

/** How many connections a server has. */
const connectionsOf = ({ server }: App): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))))

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 10_000; !(await holds()); await wait(10)) {
    if (Date.now() > end) throw new Error(`Expected ${what} within 10 seconds.`)
  }
}

describe("streams", () => {
  it("an event stream begins before its first event, and each event comes when it is sent", async () => {
    let events: { write: (text: string) => unknown } | undefined
    await using app = await serve((_request, response) => {
      events = response.writeHead(200, { "content-type": "text/event-stream" })
      response.flushHeaders()
    })
    await using alb = await behind(app)
    const response = await fetch(alb.url, { headers: alb.headers })
    expect(response.headers.get("content-type")).toBe("text/event-stream")
    const reader = response.body?.getReader()
    for (const event of ["data: one\n\n", "data: two\n\n"]) {
      events?.write(event)
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(event)
    }
    await reader?.cancel()
    await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
  })

  it("an answer's head comes before its body, and its header values byte for byte, though they are no ASCII", async () => {
    const bytes = Buffer.from(Array.from({ length: 128 }, (_, i) => 128 + i)).toString("latin1")
    const lines = ["X-Menu", "caf\xe9, m\xfcsli", "X-Bytes", bytes, "Set-Cookie", "place=Z\xfcrich"]
    let answer: ServerResponse | undefined
    await using app = await serve((_request, response) => {
      answer = response.writeHead(200, lines)
      // Node writes a head that has no body to go with as UTF-8.
      answer.write(Buffer.alloc(0))
    })
    await using alb = await behind(app)
    const request = open(alb, { method: "GET" })
    request.end()
    const [response] = (await once(request, "response")) as [IncomingMessage]
    const { rawHeaders } = response
    expect(rawHeaders.slice(0, lines.length)).toEqual(lines)
    answer?.end("the body")
    expect((await response.setEncoding("utf8").toArray()).join("")).toBe("the body")
  })

  it("a request is heard as it is said: the app can answer in the middle of its body", async () => {
    await using app = await serve((request, response) => void request.pipe(response))
    await using alb = await behind(app)
    const { request, first } = await converse(alb, "hello")
    expect(first).toBe("hello")
    request.destroy()
  })

  it("what was chunked stays chunked, and what had a length keeps it", async () => {
    await using app = await serve(async (request, response) => {
      const { "content-length": length = "none", "transfer-encoding": encoding = "none" } = request.headers
      response.end(`${length} ${encoding} ${(await request.setEncoding("utf8").toArray()).join("")}`)
    })
    await using alb = await behind(app)
    const ask = async (method: string, body?: string, headers = {}) => {
      const response = await fetch(alb.url, { method, ...(body === undefined ? {} : { body }), headers: { ...alb.headers, ...headers } })
      return response.text()
    }
    expect(await ask("POST", "hello")).toBe("5 none hello")
    expect(await ask("POST")).toBe("0 none ")
    expect(await ask("GET")).toBe("none none ")
    expect(await ask("DELETE")).toBe("none none ")
    const request = open(alb, { method: "PUT" })
    request.write("in ")
    request.end("chunks")
    expect(await textOf(request)).toBe("none chunked in chunks")
  })

  it("Expect: 100-continue is answered by the load balancer, and the body follows", async () => {
    await using app = await serve(async (request, response) => void response.end((await request.setEncoding("utf8").toArray()).join("")))
    await using alb = await behind(app)
    const request = open(alb, { method: "POST", headers: { expect: "100-continue", "content-length": "5" } })
    request.flushHeaders()
    await once(request, "continue")
    request.end("hello")
    expect(await textOf(request)).toBe("hello")
  })
})

describe("who leaves takes the other side along", () => {
  for (const [what, leave] of [
    ["before the app has answered", async (request) => void request.end()],
    ["in the middle of its body", async (request) => void request.write("some")],
    [
      "in the middle of the response",
      async (request) => {
        request.end()
        await once(request, "response")
      }
    ]
  ] as ReadonlyArray<readonly [string, (request: ClientRequest) => Promise<void>]>) {
    it(`a client that leaves ${what} leaves no socket behind`, async () => {
      let asked = 0
      await using app = await serve((request, response) => {
        asked += 1
        request.resume()
        if (what.endsWith("response")) response.write("the first bytes")
      })
      await using alb = await behind(app)
      const request = open(alb, { method: "POST", headers: { "transfer-encoding": "chunked" } })
      request.on("error", () => undefined)
      await leave(request)
      await until("the app to be asked", () => asked === 1)
      expect(await connectionsOf(app)).toBe(1)
      request.destroy()
      await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
      expect(
        await (
          await fetch(`${alb.url}/`, { headers: alb.headers, method: "HEAD", signal: AbortSignal.timeout(200) }).catch(() => undefined)
        )?.text()
      ).toBe(undefined)
    })
  }

  it("close() ends every connection: keep-alive, streams and WebSockets", async () => {
    await using app = await serve((_request, response) => void response.write("the first bytes"))
    echo(app)
    const alb = await behind(app)
    const stream = await fetch(alb.url, { headers: alb.headers })
    const socket = await openSocket(alb)
    const closed = once(socket, "close")
    await alb.alb.close()
    await closed
    await expect(stream.text()).rejects.toThrow()
    await until("the app's connections to end", async () => (await connectionsOf(app)) === 0)
    await expect(fetch(alb.url)).rejects.toThrow()
  })
})

describe("WebSockets", () => {
  it("carry text and binary messages both ways, with the identity of the signed-in user, until one side closes", async () => {
    await using app = await serve((_request, response) => response.end())
    const { requests } = echo(app)
    await using alb = await behind(app)
    const socket = await openSocket(alb, { "x-amzn-oidc-data": "forged", X_Amzn_Oidc_Identity: "forged" }, "/ws?room=1")
    expect(requests[0]?.url).toBe("/ws?room=1")
    expect(requests[0]?.headers["x-amzn-oidc-data"]).toMatch(/^[\w-]+=*\./)
    expect(JSON.stringify(requests[0]?.rawHeaders)).not.toContain("forged")
    for (const message of ["hello", "é".repeat(70_000), Buffer.alloc(1_000_000, 7)]) {
      socket.send(message)
      const [answer] = (await once(socket, "message")) as [Buffer]
      expect(answer.equals(Buffer.from(message as string))).toBe(true)
    }
    socket.close(4000, "enough")
    expect(await once(socket, "close")).toEqual([4000, Buffer.from("enough")])
    await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
  })

  it("what the app closes with comes through, and what it said before", async () => {
    await using app = await serve((_request, response) => response.end())
    const { server } = echo(app)
    server.on("connection", (socket) => {
      socket.send("bye")
      socket.close(4401, "session expired")
    })
    await using alb = await behind(app)
    const socket = new WebSocket(alb.url.replace("http", "ws"), { headers: alb.headers })
    const said: Array<string> = []
    socket.on("message", (data) => said.push(String(data)))
    expect(await once(socket, "close")).toEqual([4401, Buffer.from("session expired")])
    expect(said).toEqual(["bye"])
  })

  it("are redirected, denied or refused with a real status, and the connection ends", async () => {
    await using app = await serve((_request, response) => response.end())
    app.server.on("upgrade", (_request, socket: Socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: application/problem+json\r\ncontent-length: 25\r\n\r\n{"error":"NotAuthorised"}')
    )
    await using alb = await behind(app, { rules: [{ path: "/deny", action: "deny" }] })
    expect(await refusalOf(alb.url, {})).toBe(302)
    expect(await refusalOf(`${alb.url}/deny`, {})).toBe(401)
    expect(await refusalOf(alb.url, alb.headers)).toBe(403)
    await until("the reason to be noted", () => alb.alb.recentRequests()[0]?.reason === "NotAuthorised")
    await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
  })

  it("an app that cannot upgrade answers the request", async () => {
    await using app = await serve((_request, response) => response.end("no sockets here"))
    await using alb = await behind(app)
    expect(await refusalOf(alb.url, alb.headers)).toBe(200)
  })

  it("a WebSocket that the client or the app aborts leaves no socket open", async () => {
    await using app = await serve((_request, response) => response.end())
    const { server } = echo(app)
    await using alb = await behind(app)
    const rude = await openSocket(alb)
    rude.terminate()
    await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
    const left = await openSocket(alb)
    const closed = once(left, "close")
    for (const client of server.clients) client.terminate()
    expect((await closed)[0]).toBe(1006)
  })

  it("a client that leaves while the app thinks about its upgrade leaves no socket behind", async () => {
    await using app = await serve((_request, response) => response.end())
    app.server.on("upgrade", (_request, socket) =>
      socket
        .on("error", () => undefined)
        .on("end", () => socket.end())
        .resume()
    )
    await using alb = await behind(app)
    const { port, host } = new URL(alb.url)
    const client = connect(Number(port), "127.0.0.1")
    const handshake =
      "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    client.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n${handshake}cookie: ${alb.headers.cookie}\r\n\r\n`)
    await until("the app to be asked", async () => (await connectionsOf(app)) === 1)
    client.destroy()
    await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
  })

  it("are cut when both sides are silent for the idle time, and not while one speaks", async () => {
    await using app = await serve((_request, response) => response.end())
    echo(app)
    await using alb = await behind(app, { idleTimeout: "1500 millis" })
    const socket = await openSocket(alb)
    const closed = once(socket, "close")
    for (let i = 0; i < 4; i++) {
      await wait(400)
      socket.send("still here")
      await once(socket, "message")
    }
    expect((await closed)[0]).toBe(1006)
  })
})

describe("a body that is long", () => {
  const chunk = Buffer.alloc(1024 ** 2)

  // streaming.nightly.ts passes 1 GiB up and down, and looks at the memory.
  it("a reader that is slow holds the app back", async () => {
    let written = 0
    await using app = await serve(async (_request, response) => {
      response.on("error", () => undefined)
      while (!response.destroyed && written < 512) {
        written += 1
        if (!response.write(chunk)) await new Promise<void>((resolve) => response.once("drain", resolve).once("close", resolve))
      }
    })
    await using alb = await behind(app)
    const request = open(alb)
    request.end()
    const [response] = (await once(request, "response")) as [IncomingMessage]
    await wait(300)
    expect(written).toBeLessThan(64)
    response.destroy()
    await until("the app's connection to end", async () => (await connectionsOf(app)) === 0)
  })
})

interface Reached {
  readonly url: string
  readonly headers: { readonly cookie: string }
}

const open = ({ url, headers }: Reached, options: { method?: string; headers?: Record<string, string> } = {}): ClientRequest =>
  httpRequest(url, { agent: false, ...options, headers: { ...headers, ...options.headers } })

const textOf = async (request: ClientRequest): Promise<string> => {
  const [response] = (await once(request, "response")) as [IncomingMessage]
  return (await response.setEncoding("utf8").toArray()).join("")
}

/** Says something, and hears the first of the answer. */
const converse = async (alb: Reached, say: string) => {
  const request = open(alb, { method: "POST" })
  request.on("error", () => undefined)
  request.write(say)
  const [response] = (await once(request, "response")) as [IncomingMessage]
  const [first] = (await once(response, "data")) as [Buffer]
  return { request, first: String(first) }
}

/** Puts WebSockets that repeat what they hear on the app. */
const echo = ({ server: http }: App) => {
  const server = new WebSocketServer({ server: http })
  const requests: Array<IncomingMessage> = []
  server.on("connection", (socket, request) => {
    requests.push(request)
    socket.on("error", () => undefined)
    socket.on("message", (data, binary) => socket.send(data, { binary }))
  })
  return { server, requests }
}

const openSocket = async ({ url, headers }: Reached, more = {}, path = "/"): Promise<WebSocket> => {
  const socket = new WebSocket(new URL(path, url.replace("http", "ws")), { headers: { ...headers, ...more } })
  await once(socket, "open")
  socket.on("error", () => undefined)
  return socket
}

/** The status that an upgrade was refused with, once the connection has ended. */
const refusalOf = async (url: string, headers: Record<string, string>): Promise<number | undefined> => {
  const request = get(url, {
    agent: false,
    headers: {
      ...headers,
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="
    }
  })
  const [response] = (await once(request, "response")) as [IncomingMessage]
  const closed = once(response.socket, "close")
  response.resume()
  await closed
  return response.statusCode
}
