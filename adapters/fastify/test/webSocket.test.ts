import { once } from "node:events"
import { ConfigurationError, cognitoAuth, type FastifyAuthOptions, sessionExpiredCloseCode } from "@cognito-auth/fastify"
import websocket from "@fastify/websocket"
import type { FastifyInstance } from "fastify"
import { describe, expect, it, onTestFinished } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { askUpgrade, open, toBytes, toLines, upgradeLines } from "../../node/test/rawHttp.ts"
import { listen, makeApp, trusting } from "./app.ts"

const forge = await sharedForge()
const ada = await forge.headers({ email: "ada@example.com", groups: ["staff"] })
const grace = await forge.headers({ email: "grace@example.com", groups: ["admins"] })
const pageLoad = [
  ["sec-fetch-mode", "navigate"],
  ["accept", "text/html"]
] as const

const addRoutes = (app: FastifyInstance) => {
  const say = (socket: WebSocket, text: string) => socket.on("message", () => socket.send(text))
  app.get("/ws", { websocket: true }, (socket, request) => {
    say(socket, `Hello ${request.user.email}`)
    request.authExpiry.addEventListener("abort", () => socket.close(sessionExpiredCloseCode, "session expired"))
  })
  app.get("/twice", { websocket: true, onRequest: app.requireAuth({ groups: ["staff"] }) }, (socket, request) => {
    say(socket, `Hello ${request.user.email}`)
    request.authExpiry.addEventListener("abort", () => socket.close(sessionExpiredCloseCode, "session expired"))
  })
  app.get("/silent", { websocket: true }, (socket, request) => void say(socket, `Hello ${request.user.email}`))
  app.get("/admin", { websocket: true, onRequest: app.requireAuth({ groups: ["admins"] }) }, (socket, request) => {
    say(socket, `Hello ${request.user.email}`)
  })
  app.get("/page", async (request) => request.user.email)
}

/** The plugins in either order, and @fastify/websocket in a scope of its own. `build` gets the place for routes. */
const orders: Readonly<
  Record<string, (app: FastifyInstance, options: FastifyAuthOptions, build: (place: FastifyInstance) => void) => Promise<void>>
> = {
  "after @fastify/websocket": async (app, options, build) => {
    await app.register(websocket)
    await app.register(cognitoAuth, options)
    build(app)
  },
  "before @fastify/websocket": async (app, options, build) => {
    await app.register(cognitoAuth, options)
    await app.register(websocket)
    build(app)
  },
  "around a scope with @fastify/websocket": async (app, options, build) => {
    await app.register(cognitoAuth, options)
    await app.register(async (scope) => {
      await scope.register(websocket)
      build(scope)
    })
  }
}

const connectWebSocket = (port: number, path: string, headers: Record<string, string>): WebSocket => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  onTestFinished(() => socket.terminate())
  return socket
}

const hear = async (socket: WebSocket): Promise<string> => {
  await once(socket, "open")
  socket.send("who am I?")
  const [heard] = await once(socket, "message")
  return String(heard)
}

describe.each(Object.entries(orders))("registered %s", (_name, register) => {
  const start = async (options: FastifyAuthOptions = {}) => {
    const app = makeApp()
    let injectWS = app.injectWS
    await register(app, trusting(forge, options), (place) => {
      addRoutes(place)
      injectWS = place.injectWS
    })
    return { injectWS, port: await listen(app) }
  }

  it("lets a WebSocket of a signed-in user in, and tells it who that is", async () => {
    const { port } = await start()
    expect(await hear(connectWebSocket(port, "/ws", ada))).toBe("Hello ada@example.com")
    expect(await hear(connectWebSocket(port, "/admin", grace))).toBe("Hello grace@example.com")
  })

  it("refuses the others with a status and a body, never a redirect, and ends the connection", async () => {
    const { port } = await start({ onFailure: "redirect", redirectUrl: "/signed-out" })
    for (const [target, headers, status] of [
      ["/ws", [], 401],
      ["/ws", pageLoad, 401],
      ["/ws?x=1", pageLoad, 401],
      ["/admin", toLines(ada), 403],
      ["/page", pageLoad, 401],
      ["/none", pageLoad, 401]
    ] as const) {
      const answer = await askUpgrade(port, { target, headers })
      expect(answer.status, target).toBe(status)
      expect(answer.headers.get("connection")).toBe("close")
      expect(answer.headers.get("content-type")).toBe("application/problem+json")
      expect(JSON.parse(answer.body).status).toBe(status)
    }
  })

  it("refuses what follows a refused upgrade on its connection", async () => {
    const { port } = await start({ bypass: ["/page"] })
    const answer = await askUpgrade(port, { target: "/ws", body: toBytes({ target: "/page" }).toString("latin1") })
    expect(answer.status).toBe(401)
  })

  it("admits an upgrade without a user where bypass says so, and by nothing like it", async () => {
    const { port } = await start({ bypass: ["/ws"] })
    expect(await hear(connectWebSocket(port, "/ws", {}))).toBe("Hello ")
    for (const target of ["//ws", "/WS", "/%77s", "/ws/../silent", "http://app.example/ws"]) {
      expect((await askUpgrade(port, { target })).status, target).toBe(401)
    }
  })

  it("passes the same guards by injectWS", async () => {
    const { injectWS } = await start()
    const socket = await injectWS("/ws", { headers: ada })
    socket.send("who am I?")
    const [heard] = await once(socket, "message")
    expect(String(heard)).toBe("Hello ada@example.com")
    socket.terminate()
    await expect(injectWS("/ws")).rejects.toThrow("401")
    await expect(injectWS("/admin", { headers: ada })).rejects.toThrow("403")
  })

  it("closes a WebSocket with 4401 when its session expires, and cuts one that says nothing", async () => {
    const { port } = await start()
    const short = await forge.with({ accessLifetime: "1 second" }).headers({ groups: ["staff"] })
    const closeOf = async (path: string) => {
      const [code, reason] = await once(connectWebSocket(port, path, short), "close")
      return `${code} ${reason}`
    }
    expect(await Promise.all(["/ws", "/twice", "/silent"].map(closeOf))).toEqual([
      `${sessionExpiredCloseCode} session expired`,
      `${sessionExpiredCloseCode} session expired`,
      "1006 "
    ])
  })
})

it("ends a connection where one of two guards says so, whichever admitted last", async () => {
  for (const [outer, inner] of [
    [true, false],
    [false, true],
    [true, true]
  ] as const) {
    const app = makeApp()
    await app.register(cognitoAuth, trusting(forge, { closeOnExpiry: outer }))
    await app.register(websocket)
    await app.register(async (scope) => {
      await scope.register(cognitoAuth, trusting(forge, { closeOnExpiry: inner }))
      scope.get("/ws", { websocket: true }, (socket, request) => {
        request.authExpiry.addEventListener("abort", () => socket.close(sessionExpiredCloseCode))
      })
    })
    const short = await forge.with({ accessLifetime: "1 second" }).headers()
    const [code] = await once(connectWebSocket(await listen(app), "/ws", short), "close")
    expect(code, `${outer} ${inner}`).toBe(sessionExpiredCloseCode)
  }
})

it("decides about an upgrade whose client has left without harm", async () => {
  const keys = await forge.serve()
  onTestFinished(() => keys.close())
  await keys.misbehave("slow", { delay: "100 millis" })
  const app = makeApp()
  await app.register(cognitoAuth, { ...keys.settings().options, logger: false })
  await app.register(websocket)
  addRoutes(app)
  const port = await listen(app)
  for (const leave of ["end", "destroy", "resetAndDestroy"] as const) {
    for (const headers of [ada, {}]) {
      const socket = await open(port)
      socket.on("error", () => undefined).write(toBytes({ target: "/ws", headers: [...upgradeLines, ...toLines(headers)] }))
      socket[leave]()
    }
  }
  expect(await hear(connectWebSocket(port, "/ws", grace))).toBe("Hello grace@example.com")
})

describe("protectUpgrades", () => {
  it("guards WebSockets that are not @fastify/websocket's", async () => {
    const app = makeApp()
    await app.register(cognitoAuth, trusting(forge))
    const sockets = new WebSocketServer({ noServer: true })
    app.cognitoAuth.protectUpgrades(
      (req, socket, head, user) =>
        sockets.handleUpgrade(req, socket, head, (webSocket) => webSocket.on("message", () => webSocket.send(`Hello ${user.email}`))),
      { require: { groups: ["admins"] } }
    )
    const port = await listen(app)
    expect(await hear(connectWebSocket(port, "/ws", grace))).toBe("Hello grace@example.com")
    expect((await askUpgrade(port, { target: "/ws", headers: toLines(ada) })).status).toBe(403)
    expect((await askUpgrade(port, { target: "/ws", headers: pageLoad })).status).toBe(401)
  })

  it("does not share the server's upgrades with @fastify/websocket", async () => {
    const app = makeApp()
    await app.register(cognitoAuth, trusting(forge))
    await app.register(websocket)
    expect(() => app.cognitoAuth.protectUpgrades(() => undefined)).toThrow(ConfigurationError)
  })
})
