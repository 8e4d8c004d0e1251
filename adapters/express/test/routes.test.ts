import { once } from "node:events"
import type { ErrorRequestHandler } from "express"
import { describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, askUpgrade, toLines } from "../../node/test/rawHttp.ts"
import { frameworks, startApp } from "./app.ts"

const forge = await sharedForge()
const ada = toLines(await forge.headers({ email: "ada@example.com", groups: ["staff"] }))
const grace = toLines(await forge.headers({ email: "grace@example.com", groups: ["admins"] }))

describe.each(frameworks)("with $name", ({ express }) => {
  it("require protects a route by itself, and sets req.user", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.get("/admin/:page", auth.require({ groups: ["admins"] }), (req, res) => {
        res.send(`${req.params.page} for ${req.user?.email} ${auth.getAuthUser(req).email}`)
      })
    })
    expect((await ask(app.port, { target: "/admin/news" })).status).toBe(401)
    expect((await ask(app.port, { target: "/admin/news", headers: ada })).status).toBe(403)
    expect((await ask(app.port, { target: "/admin/news", headers: grace })).body).toBe("news for grace@example.com grace@example.com")
  })

  it("require protects a route on a path that protect bypasses", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect({ bypass: ["/status"] }))
      app.get("/status", auth.require({ users: "grace@example.com" }), (req, res) => void res.send(req.user?.email))
    })
    expect((await ask(app.port, { target: "/status" })).status).toBe(401)
    expect((await ask(app.port, { target: "/status", headers: ada })).status).toBe(403)
    expect((await ask(app.port, { target: "/status", headers: grace })).body).toBe("grace@example.com")
  })

  it("several requirements must all hold, wherever they stand", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const router = express.Router().use(auth.require({ groups: ["staff"] }))
      router
        .route("/both")
        .all(auth.require({ groups: ["admins"] }))
        .get((_req, res) => void res.send("inside"))
      app.use(router)
    })
    const both = toLines(await forge.headers({ groups: ["staff", "admins"] }))
    expect((await ask(app.port, { target: "/both", headers: ada })).status).toBe(403)
    expect((await ask(app.port, { target: "/both", headers: grace })).status).toBe(403)
    expect((await ask(app.port, { target: "/both", headers: both })).body).toBe("inside")
  })

  it("session tells when the session ends, at any mount, and protects itself", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use("/api", express.Router().get("/session", auth.session()))
    })
    const headers = toLines(await forge.with({ accessLifetime: "30 minutes" }).headers())
    const { expiresInSeconds } = JSON.parse((await ask(app.port, { target: "/api/session", headers })).body) as { expiresInSeconds: number }
    expect(expiresInSeconds).toBeGreaterThan(1_700)
    expect(expiresInSeconds).toBeLessThanOrEqual(1_800)
    const page = await ask(app.port, { target: "/api/session", headers: [["accept", "text/html"]] })
    expect([page.status, page.headers.get("content-type")]).toEqual([401, "application/problem+json"])
  })

  it("signOut answers where it is put, and goes nowhere that a request says", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const options = { cognitoDomain: "https://a.auth.eu-west-2.amazoncognito.com", logoutUri: "https://a.example/bye" }
      app.use("/user", express.Router().all("/sign-out", auth.signOut(options)))
      app.use(auth.protect())
    })
    const target = "/user/sign-out?logout_uri=https://evil.example&returnTo=//evil.example"
    for (const [method, status] of [
      ["GET", 302],
      ["POST", 303],
      ["DELETE", 405]
    ] as const) {
      const answer = await ask(app.port, { method, target, headers: [["referer", "https://evil.example/"]] })
      expect(answer.status).toBe(status)
      expect(answer.text).not.toContain("evil.example")
    }
    const response = await fetch(`http://127.0.0.1:${app.port}${target}`, { redirect: "manual" })
    expect(response.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual(
      [0, 1, 2, 3].map((shard) => `AWSELBAuthSessionCookie-${shard}`)
    )
    expect(response.headers.get("location")).toMatch(/^https:\/\/a\.auth\.eu-west-2\.amazoncognito\.com\/logout\?client_id=/)
  })

  it("protectUpgrades guards the app's server: a WebSocket with the user, whom getAuthUser knows too; a status for anybody else", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
    })
    const sockets = new WebSocketServer({ noServer: true })
    app.auth.protectUpgrades(app.server, (req, socket, head, user) => {
      sockets.handleUpgrade(req, socket, head, (opened) => opened.send(`${user.email} ${app.auth.getAuthUser(req).email}`))
    })
    const opened = new WebSocket(`ws://127.0.0.1:${app.port}/ws`, { headers: Object.fromEntries(ada) })
    const [message] = await once(opened, "message")
    opened.terminate()
    expect(String(message)).toBe("ada@example.com ada@example.com")
    expect((await askUpgrade(app.port, { target: "/ws" })).status).toBe(401)
    expect(() => app.auth.protectUpgrades(app.server, () => undefined)).toThrow(/upgrade/)
  })

  it("a guard that was never made lets nobody in: app.use(auth.protect)", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      for (const path of ["protect", "require"] as const) app.use(`/${path}`, auth[path] as never)
      app.use((_req, res) => void res.send("inside"))
      const report: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).send(error.name)
      app.use(report)
    })
    for (const target of ["/protect", "/require"]) {
      expect(await ask(app.port, { target, headers: ada })).toMatchObject({ status: 500, body: "ConfigurationError" })
    }
  })
})
