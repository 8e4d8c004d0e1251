import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { ConfigurationError, type NodeAuth, sessionExpiredCloseCode, User, type UserUpgradeHandler } from "@cognito-auth/node"
import { describe, expect, it, onTestFinished } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { recordCrashes } from "../../../testing/test/record.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { type App, type AppOptions, eventually, startApp } from "./app.ts"
import { ask, askUpgrade, exchange, open, readToEnd, toBytes, toLines, upgradeLines } from "./rawHttp.ts"

const forge = await sharedForge()
const navigate = [
  ["sec-fetch-mode", "navigate"],
  ["accept", "text/html"]
] as const

interface UpgradeApp extends App {
  /** The users whose upgrades came through. */
  readonly users: ReadonlyArray<User>
  readonly removeGuard: () => void
}

type UpgradeOptions = Parameters<NodeAuth["protectUpgrades"]>[2]

/** An app whose upgrades are a WebSocket that echoes, or what the handler makes of them. */
const startUpgradeApp = async (options: AppOptions = {}, route: UpgradeOptions = {}, handler?: UserUpgradeHandler): Promise<UpgradeApp> => {
  const app = await startApp(forge, options)
  const users: Array<User> = []
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on("connection", (socket) => socket.on("message", (message) => socket.send(`echo ${message}`)))
  const echo: UserUpgradeHandler = (req, socket, head, _user, expiry) =>
    sockets.handleUpgrade(req, socket, head, (webSocket) => {
      expiry.addEventListener("abort", () => webSocket.close(sessionExpiredCloseCode, "session expired"))
      sockets.emit("connection", webSocket, req)
    })
  const removeGuard = app.auth.protectUpgrades(
    app.server,
    (req, socket, head, user, expiry) => {
      users.push(user)
      ;(handler ?? echo)(req, socket, head, user, expiry)
    },
    route
  )
  onTestFinished(() => sockets.close())
  return { ...app, users, removeGuard }
}

const connectWebSocket = (app: App, headers: Record<string, string>, path = "/ws") => {
  const socket = new WebSocket(`ws://127.0.0.1:${app.port}${path}`, { headers })
  onTestFinished(() => socket.terminate())
  return socket
}

/** What a WebSocket client is told: that it is open, or the status of the refusal. */
const outcomeOf = (socket: WebSocket): Promise<"open" | number> =>
  new Promise((resolve, reject) => {
    socket.once("open", () => resolve("open"))
    socket.once("unexpected-response", (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.once("error", reject)
  })

const lastConnection = (app: App): Socket => {
  const socket = app.connections.at(-1)
  if (socket === undefined) throw new Error("No connection was made.")
  return socket
}

describe("an upgrade of an admitted user", () => {
  it("reaches the handler with the user, and the WebSocket works", async () => {
    const app = await startUpgradeApp()
    const socket = connectWebSocket(app, await forge.headers({ email: "ada@example.com", groups: ["staff"] }))
    expect(await outcomeOf(socket)).toBe("open")
    socket.send("hello")
    const [message] = await once(socket, "message")
    expect(String(message)).toBe("echo hello")
    expect(app.users.map(({ email, groups }) => ({ email, groups }))).toEqual([{ email: "ada@example.com", groups: ["staff"] }])
  })

  it("reaches it too where a key must be fetched first", async () => {
    const app = await startUpgradeApp({ options: { keys: { preload: false } } })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const socket = connectWebSocket(app, await forge.headers())
    expect(await outcomeOf(socket)).toBe("open")
  })

  it("has its user for getAuthUser", async () => {
    const seen: Array<boolean> = []
    const auths: Array<NodeAuth> = []
    const app = await startUpgradeApp({}, {}, (req, socket, _head, user) => {
      seen.push(auths[0]?.getAuthUser(req) === user)
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    })
    auths.push(app.auth)
    expect((await askUpgrade(app.port, { headers: toLines(await forge.headers()) })).status).toBe(200)
    expect(seen).toEqual([true])
  })

  it.each([true, false])("hands over what the client sent right behind it, and all that follows; keys cached: %s", async (preload) => {
    const heads: Array<string> = []
    const app = await startUpgradeApp({ options: { keys: { preload } } }, {}, (_req, socket, head) => {
      heads.push(head.toString())
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n")
      socket.on("data", (chunk: Buffer) => socket.end(`got ${head.toString()}${chunk.toString()}`))
    })
    if (!preload) await app.keys.misbehave("slow", { delay: "100 millis" })
    const client = await open(app.port)
    const answer = readToEnd(client)
    client.write(Buffer.concat([toBytes({ headers: [...upgradeLines, ...toLines(await forge.headers())] }), Buffer.from("first,")]))
    await eventually(() => expect(preload ? heads.length : app.keys.requests.count("alb")).toBe(1))
    client.write("second")
    expect(await answer).toMatch(/101 Switching Protocols[\s\S]*got first,second$/)
    expect(heads).toEqual(["first,"])
  })

  it("leaves the socket to the handler without a listener of its own", async () => {
    const counts: Array<number> = []
    const bare = await startApp(forge)
    bare.server.on("upgrade", (_req, socket: Duplex) => {
      counts.push(socket.listenerCount("error"))
      socket.destroy()
    })
    await exchange(bare.port, toBytes({ headers: upgradeLines }))
    const app = await startUpgradeApp({}, {}, (_req, socket) => {
      counts.push(socket.listenerCount("error"))
      socket.destroy()
    })
    await exchange(app.port, toBytes({ headers: [...upgradeLines, ...toLines(await forge.headers())] }))
    expect(counts).toEqual([counts[0], counts[0]])
  })
})

describe("an upgrade that is refused", () => {
  it("gets a real HTTP answer, and its socket is destroyed", async () => {
    const app = await startUpgradeApp()
    const answer = await askUpgrade(app.port, { target: "/ws" })
    expect(answer.text.split("\r\n")[0]).toBe("HTTP/1.1 401 Unauthorized")
    expect(Object.fromEntries(answer.headers)).toEqual({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "www-authenticate": 'Bearer error="invalid_token"',
      connection: "close",
      "content-length": String(answer.body.length)
    })
    expect(JSON.parse(answer.body)).toMatchObject({ status: 401, error: "HeaderMissing" })
    await eventually(() => expect(lastConnection(app).destroyed).toBe(true))
    expect([...app.users, ...app.served]).toEqual([])
  })

  it("gets 403 where the user is not allowed, and 503 with Retry-After in an outage", async () => {
    const app = await startUpgradeApp({ policy: { allowedGroups: ["staff"] }, options: { keys: { preload: false } } })
    const headers = toLines(await forge.headers())
    await app.keys.misbehave("down")
    const outage = await askUpgrade(app.port, { headers })
    expect([outage.status, outage.headers.get("retry-after")]).toEqual([503, "5"])
    expect(outage.text).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
    await app.keys.behave()
    expect((await askUpgrade(app.port, { headers })).text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    await eventually(() => expect(app.connections.every(({ destroyed }) => destroyed)).toBe(true))
    expect(app.users).toEqual([])
  })

  it("is told so by a real WebSocket client", async () => {
    const app = await startUpgradeApp({ policy: { allowedGroups: ["staff"] } })
    expect(await outcomeOf(connectWebSocket(app, {}))).toBe(401)
    expect(await outcomeOf(connectWebSocket(app, await forge.headers()))).toBe(403)
    expect(await outcomeOf(connectWebSocket(app, await forge.headers({ groups: ["staff"] })))).toBe("open")
  })

  it("is never a redirect, whatever it says of itself", async () => {
    const app = await startUpgradeApp({ options: { redirectUrl: "https://app.example/401.html" } })
    expect((await askUpgrade(app.port, { headers: navigate })).status).toBe(401)
  })

  it.each(["h2c", "TLS/1.0", "websocket, h2c", "nonsense"])("is refused for every protocol: %s", async (protocol) => {
    const app = await startUpgradeApp()
    const answer = await askUpgrade(app.port, { headers: [["upgrade", protocol]] })
    expect(answer.status).toBe(401)
    expect([...app.users, ...app.served]).toEqual([])
  })

  it("reaches its client though the client has sent a lot behind it", async () => {
    const app = await startUpgradeApp()
    const client = await open(app.port)
    const answer = readToEnd(client)
    client.write(Buffer.concat([toBytes({ headers: upgradeLines }), Buffer.alloc(200_000, "x")]))
    expect(await answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]*"error":"HeaderMissing"/)
    await eventually(() => expect(lastConnection(app).destroyed).toBe(true))
  })

  it("ends though its client never reads or ends", async () => {
    const app = await startUpgradeApp()
    const client = await open(app.port)
    onTestFinished(() => void client.destroy())
    client.pause()
    client.write(toBytes({ headers: upgradeLines }))
    await eventually(() => expect(lastConnection(app).destroyed).toBe(true))
  })

  it("holds no token, and no user, in its answer or the log", async () => {
    const app = await startUpgradeApp({ policy: { allowedGroups: ["staff"] } })
    const sub = randomUUID()
    const headers = await forge.headers({ sub, email: "grace@navy.example", name: "Grace Hopper" })
    const answer = await askUpgrade(app.port, { headers: toLines(headers) })
    expect(app.log()).toContain("NotAuthorised")
    for (const secret of [...Object.values(headers), sub, "navy.example", "Hopper"]) {
      expect(answer.text + app.log()).not.toContain(secret)
    }
  })

  it("never reaches the handler of requests", async () => {
    const app = await startUpgradeApp({ bypass: ["/health"] })
    expect((await askUpgrade(app.port, { target: "/health" })).status).toBe(401)
    expect([...app.users, ...app.served]).toEqual([])
  })
})

describe("the options of upgrades", () => {
  it("bypass: lets a named path in as the anonymous user, and no other", async () => {
    const app = await startUpgradeApp({}, { bypass: ["/public"] })
    const socket = connectWebSocket(app, {}, "/public?room=1")
    expect(await outcomeOf(socket)).toBe("open")
    expect(app.users).toEqual([User.anonymous])
    expect(await outcomeOf(connectWebSocket(app, {}, "/public/x"))).toBe(401)
  })

  it("require: asks for more than the policy does", async () => {
    const app = await startUpgradeApp({}, { require: { groups: ["admins"] } })
    expect(await outcomeOf(connectWebSocket(app, await forge.headers({ groups: ["staff"] })))).toBe(403)
    expect(await outcomeOf(connectWebSocket(app, await forge.headers({ groups: ["admins"] })))).toBe("open")
  })

  it("are refused at once where they are wrong, and leave the server as it was", async () => {
    const app = await startApp(forge)
    const handler: UserUpgradeHandler = () => undefined
    expect(() => app.auth.protectUpgrades(app.server, handler, { bypass: ["public"] })).toThrow(ConfigurationError)
    expect(() => app.auth.protectUpgrades(app.server, handler, { require: {} })).toThrow(ConfigurationError)
    expect(app.server.listenerCount("upgrade")).toBe(0)
  })
})

describe("another upgrade listener", () => {
  it("is a configuration error, because it would answer unprotected", async () => {
    const app = await startApp(forge)
    const sockets = new WebSocketServer({ server: app.server })
    expect(() => app.auth.protectUpgrades(app.server, () => undefined)).toThrow(ConfigurationError)
    expect(() => app.auth.protectUpgrades(app.server, () => undefined)).toThrow(/noServer/)
    sockets.close()
  })

  it("is one too where it comes later", async () => {
    const app = await startUpgradeApp()
    expect(() => new WebSocketServer({ server: app.server })).toThrow(ConfigurationError)
    expect(() => app.server.on("upgrade", () => undefined)).toThrow(ConfigurationError)
    expect(() => app.server.prependListener("upgrade", () => undefined)).toThrow(ConfigurationError)
    expect(app.server.listenerCount("upgrade")).toBe(1)
    expect(await outcomeOf(connectWebSocket(app, {}))).toBe(401)
  })

  it("is one too where it is another guard's", async () => {
    const app = await startUpgradeApp()
    expect(() => app.auth.protectUpgrades(app.server, () => undefined)).toThrow(ConfigurationError)
  })

  it("is fine on another server", async () => {
    const app = await startUpgradeApp()
    const server = createServer()
    app.auth.protectUpgrades(server, () => undefined)
    expect(server.listenerCount("upgrade")).toBe(1)
  })
})

describe("taking the guard off", () => {
  it("leaves the server as it was: upgrades are requests again, and the request's guard answers", async () => {
    const app = await startUpgradeApp()
    const before = createServer().eventNames()
    app.removeGuard()
    expect(app.server.listenerCount("upgrade")).toBe(0)
    expect(app.server.eventNames().filter((name) => !before.includes(name))).toEqual(["request"])
    const answer = await ask(app.port, { headers: upgradeLines.filter(([name]) => name !== "connection") })
    expect(answer.status).toBe(401)
    app.auth.protectUpgrades(app.server, () => undefined)
  })

  it("leaves open WebSockets alone", async () => {
    const app = await startUpgradeApp()
    const socket = connectWebSocket(app, await forge.headers())
    expect(await outcomeOf(socket)).toBe("open")
    app.removeGuard()
    socket.send("still here")
    const [message] = await once(socket, "message")
    expect(String(message)).toBe("echo still here")
  })
})

describe("a client that leaves while its key is fetched", () => {
  it.each(["destroy", "resetAndDestroy", "end"] as const)("does no harm, and takes nobody with it: %s", async (leave) => {
    const crashes = recordCrashes()
    const destroyed: Array<boolean> = []
    const app = await startUpgradeApp({ options: { keys: { preload: false } } }, {}, (_req, socket) => {
      destroyed.push(socket.destroyed)
      socket.on("error", () => undefined)
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", () => socket.destroy())
    })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const headers = toLines(await forge.headers())
    const leaving = await open(app.port)
    leaving.write(toBytes({ headers: [...upgradeLines, ...headers] }))
    await eventually(() => expect(app.keys.requests.count("alb")).toBe(1))
    leaving[leave]()
    leaving.on("error", () => undefined)

    expect((await askUpgrade(app.port, { headers })).status).toBe(200)
    expect(app.keys.requests.count("alb")).toBe(1)
    // The handler was called for the second alone: nobody would tell it that the first has left.
    expect(destroyed).toEqual([false])
    await eventually(() => expect(app.connections.every((socket) => socket.destroyed)).toBe(true))
    expect(crashes).toEqual([])
  })

  it("does no harm where the answer is a refusal", async () => {
    const crashes = recordCrashes()
    const app = await startUpgradeApp({ options: { keys: { preload: false } } })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const headers = toLines(await forge.headers({ alb: { signWith: () => Buffer.alloc(64, 7) } }))
    const leaving = await Promise.all(Array.from({ length: 20 }, () => open(app.port)))
    for (const client of leaving) client.write(toBytes({ headers: [...upgradeLines, ...headers] }))
    await eventually(() => expect(app.keys.requests.count("alb")).toBe(1))
    for (const [index, client] of leaving.entries()) index % 2 === 0 ? client.resetAndDestroy() : client.end()
    expect((await askUpgrade(app.port, { headers })).status).toBe(401)
    await eventually(() => expect(app.connections.every((socket) => socket.destroyed)).toBe(true))
    expect([...crashes, ...app.users]).toEqual([])
  })
})

describe("when the access token that opened it expires", () => {
  const soon = () => forge.headers({ access: { claims: { exp: Math.floor(Date.now() / 1000) + 1 } } })

  it("a WebSocket is told to close, a socket whose app sends no close frame is cut, and a route may leave both out", async () => {
    const polite = await startUpgradeApp()
    const webSocket = connectWebSocket(polite, await soon())
    const unlimited = await startUpgradeApp({}, { closeOnExpiry: false })
    const other = connectWebSocket(unlimited, await soon())
    expect(await outcomeOf(other)).toBe("open")
    const silent = await startUpgradeApp({}, {}, (_req, socket) => void socket.on("error", () => undefined))
    const client = await open(silent.port)
    client.write(toBytes({ headers: [...upgradeLines, ...toLines(await soon())] }))

    const [[code, reason], rest] = await Promise.all([once(webSocket, "close"), readToEnd(client)])
    expect([code, String(reason)]).toEqual([sessionExpiredCloseCode, "session expired"])
    expect(rest).toBe("")
    expect([polite.users.length, silent.users.length, lastConnection(silent).destroyed]).toEqual([1, 1, true])
    expect(other.readyState).toBe(WebSocket.OPEN)
  })
})
