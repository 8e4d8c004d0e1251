import { once } from "node:events"
import { createServer, request, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import { connect } from "node:tls"
import { PolicySource } from "@cognito-auth/core"
import { ConfigurationError, GradioAuth, type GradioAuthOptions, type MountOptions } from "@cognito-auth/gradio"
import express from "express"
import fastify from "fastify"
import { createLocalJWKSet, jwtVerify } from "jose"
import { describe, expect, it, onTestFinished } from "vitest"
import { WebSocket } from "ws"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { selfSigned } from "../../cli/test/selfSigned.ts"
import { startUpstream } from "../../gateway/test/startUpstream.ts"

const forge = await sharedForge()
const admin = { email: "ada@example.com", groups: ["admins"] }
const staff = { email: "sam@example.com", groups: ["staff"] }

const makeAuth = (options: GradioAuthOptions = {}): GradioAuth => {
  const auth = new GradioAuth({
    ...forge.settings().options,
    environment: {},
    keySource: forge.keySource(),
    logger: false,
    onUpstream: () => undefined,
    ...options
  })
  onTestFinished(() => auth.dispose())
  return auth
}

const listen = async (server: Server): Promise<string> => {
  onTestFinished(() => void server.close().closeAllConnections())
  await once(server.listen(0, "127.0.0.1"), "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const upstreams = async () => {
  const [publicOne, adminOne] = await Promise.all([startUpstream(), startUpstream()])
  return { publicOne, adminOne, seen: () => [...publicOne.seen, ...adminOne.seen] }
}
type Upstreams = Awaited<ReturnType<typeof upstreams>>

/** The same app in either framework: a page of its own, whose user is asked for, and two Gradio apps. */
const frameworks = [
  {
    name: "Express",
    start: async (auth: GradioAuth, { publicOne, adminOne }: Upstreams) => {
      const app = express()
      app.get("/me", async (req, res) => void res.send((await auth.getAuthUser(req)).email))
      auth.protectApp(app, { bypass: ["/health"] })
      app.get("/health", (_req, res) => void res.send("ok"))
      auth.mountGradioApp(app, { upstream: publicOne.url, path: "/" })
      auth.mountGradioApp(app, { upstream: adminOne.url, path: "/admin", require: { groups: "admins" } })
      const server = createServer(app)
      auth.forwardUpgrades(app, server)
      return listen(server)
    }
  },
  {
    name: "Fastify",
    start: async (auth: GradioAuth, { publicOne, adminOne }: Upstreams) => {
      const app = fastify({ forceCloseConnections: true })
      auth.protectApp(app, { bypass: ["/health"] })
      app.get("/me", async (request) => (await auth.getAuthUser(request)).email)
      app.get("/health", async () => "ok")
      auth.mountGradioApp(app, { upstream: publicOne.url, path: "/" })
      auth.mountGradioApp(app, { upstream: adminOne.url, path: "/admin", require: { groups: "admins" } })
      auth.forwardUpgrades(app, app.server)
      onTestFinished(() => app.close())
      return app.listen({ port: 0, host: "127.0.0.1" })
    }
  }
]

describe.each(frameworks)("Gradio apps in $name", ({ start }) => {
  it("are reached by those who may, each under its own path, and by nobody else", async () => {
    const apps = await upstreams()
    const url = await start(makeAuth(), apps)
    const get = async (path: string, user?: object) => {
      const answer = await fetch(url + path, { headers: user === undefined ? {} : await forge.headers(user), redirect: "manual" })
      return [answer.status, await answer.text()]
    }
    for (const path of ["/", "/config", "/gradio_api/queue/join", "/admin/", "/admin/config", "/me"]) expect((await get(path))[0]).toBe(401)
    expect((await get("/admin/config", staff))[0]).toBe(403)
    for (const path of ["/%61dmin/config", "//admin/config", "/ADMIN/config"]) expect((await get(path, staff))[0]).toBe(403)
    expect(apps.seen()).toEqual([])

    expect(await get("/health")).toEqual([200, "ok"])
    expect(await get("/me", staff)).toEqual([200, "sam@example.com"])
    expect(await get("/config?x=1", staff)).toEqual([200, "GET /config?x=1"])
    expect(await get("/admin/config", admin)).toEqual([200, "GET /config"])
    expect(apps.publicOne.seen[0]?.headers).toMatchObject({ "x-forwarded-email": "sam@example.com" })
    expect(apps.adminOne.seen[0]?.headers).toMatchObject({ "x-forwarded-groups": "admins", "x-forwarded-prefix": "/admin" })
  })

  it.each<[what: string, options: GradioAuthOptions, answer: [status: number, location: string | null]]>([
    ["the page that the Python package documents", {}, [302, "https://gds-idea.click/401.html"]],
    ["where the environment says", { environment: { COGNITO_AUTH_REDIRECT_URL: "/variable" } }, [302, "/variable"]],
    ["where an option says", { redirectUrl: "/option", environment: { COGNITO_AUTH_REDIRECT_URL: "/variable" } }, [302, "/option"]],
    ["where another preset says", { preset: { preset: "own", redirectUrl: "/preset" } }, [302, "/preset"]],
    ["nowhere, where that is turned off", { redirectUrl: false }, [401, null]]
  ])("redirect a page load to %s", async (_what, options, answer) => {
    const url = await start(makeAuth(options), await upstreams())
    const headers = { accept: "text/html", "sec-fetch-mode": "navigate" }
    const [message] = await once(request(url, { headers }).end(), "response")
    message.resume()
    expect([message.statusCode, message.headers.location ?? null]).toEqual(answer)
  })

  it("get uploads and send streams as they come, and the user's assertion", async () => {
    const apps = await upstreams()
    const auth = makeAuth()
    const url = await start(auth, apps)
    const headers = await forge.headers(admin)
    const uploaded = await fetch(`${url}/upload`, {
      method: "POST",
      body: Buffer.alloc(5_000_000),
      headers: { ...headers, "content-type": "application/json" }
    })
    expect(await uploaded.json()).toMatchObject({ bytes: 5_000_000 })
    const events = await fetch(`${url}/admin/events`, { headers })
    const reader = (events.body as ReadableStream<Uint8Array>).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("data: first\n\n")
    await reader.cancel()
    const keys = createLocalJWKSet(JSON.parse(auth.jwks()))
    const { payload } = await jwtVerify(String(apps.adminOne.seen[0]?.headers["x-cognito-auth-assertion"]), keys, {
      audience: apps.adminOne.url
    })
    expect(payload["email"]).toBe("ada@example.com")
  })

  it("get the WebSockets of those who may, until the session ends, and nobody else's", async () => {
    const apps = await upstreams()
    const url = await start(makeAuth(), apps)
    const connect = async (path: string, headers: Record<string, string> = {}) => {
      const socket = new WebSocket(url.replace("http", "ws") + path, { headers })
      onTestFinished(() => socket.terminate())
      socket.on("error", () => undefined)
      const status = once(socket, "unexpected-response").then(([, answer]) => answer.statusCode)
      return { socket, outcome: await Promise.race([once(socket, "open").then(() => "open"), status]) }
    }
    const asStaff = await forge.headers(staff)
    expect((await connect("/ws")).outcome).toBe(401)
    for (const path of ["/admin/ws", "/%61dmin/ws", "//admin/ws"]) expect((await connect(path, asStaff)).outcome).toBe(403)
    expect(apps.seen()).toEqual([])

    const { socket, outcome } = await connect("/admin/ws?x=1", await forge.headers(admin))
    expect(outcome).toBe("open")
    socket.send("hello")
    expect(String((await once(socket, "message"))[0])).toBe("echo hello")
    expect(apps.adminOne.seen[0]).toMatchObject({ target: "/ws?x=1", headers: { "x-forwarded-email": "ada@example.com" } })
    const brief = await connect("/ws", await forge.with({ accessLifetime: "1 second" }).headers(staff))
    expect(brief.outcome).toBe("open")
    await once(brief.socket, "close")
  })

  it("that are down are 502, and the rest of the app is not", async () => {
    const apps = await upstreams()
    const url = await start(makeAuth(), apps)
    await apps.adminOne.close()
    const headers = await forge.headers(admin)
    expect((await fetch(`${url}/admin/x`, { headers })).status).toBe(502)
    expect((await fetch(`${url}/x`, { headers })).status).toBe(200)
  })
})

describe("a Gradio app that is mounted without protectApp", () => {
  it("is protected all the same, and the routes before it are the app's own", async () => {
    const upstream = await startUpstream()
    const app = express()
    app.get("/open", (_req, res) => void res.send("open"))
    makeAuth().mountGradioApp(app, { upstream: upstream.url, path: "/demo" })
    const url = await listen(createServer(app))
    expect(await (await fetch(`${url}/open`)).text()).toBe("open")
    expect((await fetch(`${url}/demo/config`)).status).toBe(401)
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
    expect(upstream.seen).toEqual([])
    expect((await fetch(`${url}/demo/config`, { headers: await forge.headers() })).status).toBe(200)
  })

  it("says so where its bodies have been read before", async () => {
    const upstream = await startUpstream()
    const app = express()
    app.set("env", "test")
    app.use(express.json())
    makeAuth().mountGradioApp(app, { upstream: upstream.url, path: "/" })
    app.use(((error, _req, res, _next) => void res.status(500).send(error.message)) as express.ErrorRequestHandler)
    const url = await listen(createServer(app))
    const headers = { ...(await forge.headers()), "content-type": "application/json" }
    const answer = await fetch(`${url}/upload`, { method: "POST", body: "{}", headers })
    expect([answer.status, await answer.text()]).toEqual([500, "The request's body has been read: mount Gradio apps before body parsers."])
  })
})

describe("forwardUpgrades", () => {
  it("answers 404 where no Gradio app is mounted, wants to be alone, and lets go of what is open when it is disposed of", async () => {
    const upstream = await startUpstream()
    const auth = makeAuth()
    const app = express()
    auth.mountGradioApp(app, { upstream: upstream.url, path: "/demo" })
    const server = createServer(app)
    auth.forwardUpgrades(app, server)
    expect(() => auth.forwardUpgrades(app, server)).toThrow(ConfigurationError)
    const url = (await listen(server)).replace("http", "ws")
    const headers = await forge.headers(staff)
    const [, answer] = await once(
      new WebSocket(`${url}/elsewhere`, { headers }).on("error", () => undefined),
      "unexpected-response"
    )
    expect(answer.statusCode).toBe(404)
    const socket = new WebSocket(`${url}/demo/ws`, { headers }).on("error", () => undefined)
    await once(socket, "open")
    const closed = once(socket, "close")
    await auth.dispose()
    await closed
  })
})

describe("a server of TLS", () => {
  const start = async () => {
    const upstream = await startUpstream()
    const auth = makeAuth()
    const app = express()
    auth.mountGradioApp(app, { upstream: upstream.url, path: "/" })
    const server = createTlsServer({ ...selfSigned(new Date(Date.now() + 86_400_000)), maxHeaderSize: 65_536 }, app)
    auth.forwardUpgrades(app, server)
    const { port } = new URL(await listen(server))
    const lines = Object.entries({ host: "localhost", ...(await forge.headers()) }).map(([name, value]) => `${name}: ${value}\r\n`)
    /** What is received until the connection ends. */
    return async (start: string, ...more: ReadonlyArray<string>): Promise<string> => {
      const socket = connect({ port: Number(port), host: "127.0.0.1", rejectUnauthorized: false })
      socket.write([`${start}\r\n`, ...lines, ...more.map((each) => `${each}\r\n`), "\r\n"].join(""))
      return Buffer.concat(await socket.toArray()).toString("latin1")
    }
  }

  // TLS has no resets.
  it("outlives an answer that is cut to a client of HTTP/1.0", async () => {
    const ask = await start()
    expect(await ask("GET /cut HTTP/1.0")).toMatch(/^HTTP\/1\.1 200 [\s\S]*only so much$/)
    expect(await ask("GET /config HTTP/1.0")).toMatch(/^HTTP\/1\.1 200 [\s\S]*GET \/config$/)
  })

  it("takes an offer of h2c for a plain request", async () => {
    const ask = await start()
    expect(await ask("GET /config HTTP/1.1", "Connection: Upgrade, close", "Upgrade: h2c")).toMatch(/^HTTP\/1\.1 200 [\s\S]*GET \/config$/)
  })
})

describe("getAuthUser", () => {
  it("verifies on demand where nothing is protected, and rejects with a typed error", async () => {
    const auth = makeAuth()
    const server = createServer((req, res) => {
      auth.getAuthUser(req).then(
        (user) => res.end(user.email),
        (error) => res.end(error._tag)
      )
    })
    const url = await listen(server)
    const ask = async (headers: Record<string, string>) => {
      const [answer] = await once(request(url, { headers: { accept: "text/html", ...headers } }).end(), "response")
      return Buffer.concat(await answer.toArray()).toString()
    }
    expect(await ask(await forge.headers(admin))).toBe("ada@example.com")
    expect(await ask({})).toBe("HeaderMissing")
    expect(await ask({ ...(await forge.headers(admin)), "x-amzn-oidc-identity": "another" })).toBe("SubjectMismatch")
  })

  it("takes a Fetch request, and refuses whom the policy does not admit", async () => {
    const auth = new GradioAuth({
      ...forge.settings({ allowedGroups: ["admins"] }).options,
      keySource: forge.keySource(),
      logger: false
    })
    onTestFinished(() => auth.dispose())
    expect((await auth.getAuthUser(new Request("http://app.example/", { headers: await forge.headers(admin) }))).groups).toEqual(["admins"])
    await expect(auth.getAuthUser(new Request("http://app.example/", { headers: await forge.headers(staff) }))).rejects.toMatchObject({
      _tag: "NotAuthorised"
    })
  })
})

describe("reload", () => {
  it("reads the policy again: a user who is removed from it is refused from then on", async () => {
    let allowed = ["staff"]
    const policy = PolicySource.document({ name: "a policy", read: async () => JSON.stringify({ allowed_groups: allowed }) })
    const auth = new GradioAuth({ ...forge.settings().options, policy, keySource: forge.keySource(), logger: false })
    onTestFinished(() => auth.dispose())
    const request = new Request("http://app.example/", { headers: await forge.headers(staff) })
    expect((await auth.getAuthUser(request)).email).toBe("sam@example.com")
    allowed = ["admins"]
    await auth.reload()
    await expect(auth.getAuthUser(new Request(request))).rejects.toMatchObject({ _tag: "NotAuthorised" })
  })
})

it("a wrong configuration fails at start-up, with every fault", () => {
  expect(() => new GradioAuth({ environment: {} })).toThrow(ConfigurationError)
  const auth = makeAuth()
  try {
    auth.mountGradioApp(express(), { upstream: "nowhere", path: "admin", timeout: "0 seconds" })
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as ConfigurationError).faults.map(({ setting }) => setting)).toEqual(["path", "upstream", "timeout"])
  }
})

it("a mounted app's requirement that is undefined is a fault, and not an app without one", () => {
  const options: unknown = { upstream: "http://127.0.0.1:1", path: "/admin", require: undefined }
  expect(() => makeAuth().mountGradioApp(express(), options as MountOptions)).toThrow("require: requires nothing")
})

it("services are not offered: naming their paths is a fault", () => {
  const options: object = { services: ["/api"] }
  expect(() => makeAuth().protectApp(express(), options)).toThrow("services: is not offered here")
})
