import { randomUUID } from "node:crypto"
import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { ConfigurationError, cognitoAuth, type ExpressAuth, NotProtected, type User } from "@cognito-auth/express"
import type { Express } from "express"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, toLines } from "../../node/test/rawHttp.ts"
import { frameworks, startApp } from "./app.ts"

const forge = await sharedForge()
const ada = toLines(await forge.headers({ email: "ada@example.com", groups: ["staff"] }))
const page = [["accept", "text/html"]] as const

describe.each(frameworks)("protect, with $name", ({ express }) => {
  it("lets the handler have the verified user, as req.user and by getAuthUser", async () => {
    const users: Array<User | undefined> = []
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      app.get("/", (req, res) => {
        users.push(req.user, auth.getAuthUser(req))
        res.send(`Hello ${req.user?.email}`)
      })
    })
    const sub = randomUUID()
    const headers = toLines(await forge.headers({ sub, email: "Zoë@Example.com", groups: ["a,b c"] }))
    expect(await ask(app.port, { headers })).toMatchObject({ status: 200 })
    expect(users[0]).toMatchObject({ sub, email: "Zoë@Example.com", groups: ["a,b c"], isAuthenticated: true })
    expect(users[1]).toBe(users[0])
  })

  it("warns once of a server that is not ready for a load balancer, as app.listen() makes it", async () => {
    const lines: Array<string> = []
    const spy = vi.spyOn(console, "log").mockImplementation((...words) => void lines.push(words.join(" ")))
    onTestFinished(() => spy.mockRestore())
    const listening: Array<Server> = []
    await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      listening.push(app.listen(0, "127.0.0.1"))
    })
    const [server] = listening
    if (server === undefined) throw new Error("app.listen() gave no server")
    onTestFinished(() => void server.close())
    if (!server.listening) await once(server, "listening")
    for (const headers of [ada, ada, []]) await ask((server.address() as AddressInfo).port, { headers })
    const warnings = lines.filter((line) => line.includes("this server"))
    expect(warnings).toEqual([expect.stringMatching(/cognito-auth: this server .*431.*502.*serverOptions/)])
  })

  it("refuses everything else before a handler sees it: pages by a page, the rest by a problem", async () => {
    let served = 0
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      app.use((_req, res) => {
        served++
        res.send("inside")
      })
    })
    const shown = await ask(app.port, { headers: page })
    expect([shown.status, shown.headers.get("content-type")]).toEqual([401, "text/html; charset=utf-8"])
    const refused = await ask(app.port, { method: "POST", headers: page })
    expect([refused.status, refused.headers.get("content-type")]).toEqual([401, "application/problem+json"])
    expect(JSON.parse(refused.body)).toMatchObject({ status: 401, error: "HeaderMissing" })
    expect(served).toBe(0)
    expect(app.refusals.map(({ error }) => error)).toEqual(["HeaderMissing", "HeaderMissing"])
  })

  it("answers as onFailure says", async () => {
    const build = (app: Express, auth: ExpressAuth) => {
      app.get("/status", auth.protect({ onFailure: "status" }))
      app.post("/redirect", auth.protect({ onFailure: "redirect" }))
    }
    const app = await startApp(forge, express, build, { options: { redirectUrl: "https://app.example/401.html" } })
    await expect(startApp(forge, express, build)).rejects.toThrow("set redirectUrl")
    expect((await ask(app.port, { target: "/status", headers: page })).status).toBe(401)
    expect((await ask(app.port, { method: "POST", target: "/redirect" })).status).toBe(302)
  })

  it("leaves req.user undefined on a bypassed path, whatever was in it, and getAuthUser says that nobody is there", async () => {
    const seen: Array<unknown> = []
    const app = await startApp(forge, express, (app, auth) => {
      app.use((req, _res, next) => {
        Object.assign(req, { user: { email: "mallory@example.com" } })
        next()
      })
      app.use(auth.protect({ bypass: ["/health"] }))
      app.get("/health", (req, res) => {
        seen.push(req.user)
        try {
          auth.getAuthUser(req)
        } catch (error) {
          seen.push(error)
        }
        res.send("ok")
      })
    })
    // Bypassed is bypassed: good headers make no difference.
    for (const headers of [[], ada]) expect((await ask(app.port, { target: "/health", headers })).status).toBe(200)
    expect(seen).toEqual([undefined, expect.any(NotProtected), undefined, expect.any(NotProtected)])
  })

  it("keeps the verified user for getAuthUser, though a handler on the way sets req.user to another user", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      app.use((req, _res, next) => {
        Object.assign(req, { user: { email: "mallory@example.com" } })
        next()
      })
      app.get("/", (req, res) => void res.send(auth.getAuthUser(req).email))
    })
    expect((await ask(app.port, { headers: ada })).body).toBe("ada@example.com")
  })

  it("protects a router by itself, and nothing beside it", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const router = express.Router()
      router.use(auth.protect({ bypass: ["/api/health"] }))
      router.get("/health", (_req, res) => void res.send("ok"))
      router.get("/me", (req, res) => void res.send(`${req.baseUrl} ${req.user?.email}`))
      app.use("/api", router)
      app.get("/open", (req, res) => void res.send(`open ${String(req.user)}`))
    })
    expect((await ask(app.port, { target: "/api/me", headers: ada })).body).toBe("/api ada@example.com")
    expect((await ask(app.port, { target: "/api/me" })).status).toBe(401)
    expect((await ask(app.port, { target: "/open" })).body).toBe("open undefined")
    expect((await ask(app.port, { target: "/api/health" })).body).toBe("ok")
    expect((await ask(app.port, { target: "/api/health/?x" })).body).toBe("ok")
  })

  it("bypasses the whole path as it was sent, never what is left of it behind a mount", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const inner = express()
      inner.use(auth.protect({ bypass: ["/health"] }))
      inner.use((_req, res) => void res.send("inside"))
      app.use("/api", inner)
      app.use(inner)
    })
    expect((await ask(app.port, { target: "/api/health" })).status).toBe(401)
    expect((await ask(app.port, { target: "/health" })).body).toBe("inside")
  })

  it("works in apps in apps in routers, each with a guard of its own", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const [inner, innermost, router] = [express(), express(), express.Router()]
      app.use(auth.protect())
      innermost.get("/c", auth.require({ groups: ["staff"] }), (req, res) => void res.send(`${req.baseUrl} ${req.user?.email}`))
      innermost.get("/admin", auth.require({ groups: ["admins"] }), (_req, res) => void res.send("inside"))
      router.use("/b", innermost)
      inner.use(auth.protect({ bypass: ["/a/b/c"] }), router)
      app.use("/a", inner)
    })
    expect((await ask(app.port, { target: "/a/b/c", headers: ada })).body).toBe("/a/b ada@example.com")
    expect((await ask(app.port, { target: "/a/b/c" })).status).toBe(401)
    expect((await ask(app.port, { target: "/a/b/admin", headers: ada })).status).toBe(403)
  })

  it("verifies a request once, however many guards it passes", async () => {
    const users: Array<User | undefined> = []
    const app = await startApp(forge, express, (app, auth) => {
      for (const guard of [auth.protect(), auth.protect(), auth.require({ groups: ["staff"] })]) {
        app.use(guard, (req, _res, next) => {
          users.push(req.user)
          next()
        })
      }
      app.get("/", (_req, res) => void res.send("inside"))
    })
    expect((await ask(app.port, { headers: ada })).body).toBe("inside")
    expect(users).toHaveLength(3)
    expect(new Set(users).size).toBe(1)
  })

  it("lets a second auth with another policy decide for itself behind the first", async () => {
    const app = await startApp(forge, express, (app, auth, keys) => {
      const strict = cognitoAuth({ ...keys.settings({ allowedGroups: ["admins"] }).options, logger: false })
      onTestFinished(strict.dispose)
      app.use(auth.protect())
      app.get("/", (req, res) => void res.send(req.user?.email))
      app.get("/strict", strict.protect(), (req, res) => void res.send(strict.getAuthUser(req).email))
    })
    const grace = toLines(await forge.headers({ email: "grace@example.com", groups: ["admins"] }))
    expect((await ask(app.port, { headers: ada })).body).toBe("ada@example.com")
    expect((await ask(app.port, { target: "/strict", headers: ada })).status).toBe(403)
    expect((await ask(app.port, { target: "/strict", headers: grace })).body).toBe("grace@example.com")
  })

  it("decides the same with trust proxy, whatever the forwarded headers say", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.set("trust proxy", true)
      app.use(auth.protect({ bypass: ["/health"] }))
      app.use((req, res) => void res.send(`${req.protocol} ${req.hostname} ${req.ip} ${req.user?.email}`))
    })
    const forwarded = [
      ["x-forwarded-proto", "https"],
      ["x-forwarded-host", "app.example"],
      ["x-forwarded-for", "192.0.2.1, 10.0.0.1"],
      ["x-forwarded-prefix", "/health"],
      ["x-forwarded-uri", "/health"]
    ] as const
    expect((await ask(app.port, { headers: [...ada, ...forwarded] })).body).toBe("https app.example 192.0.2.1 ada@example.com")
    expect((await ask(app.port, { target: "/admin", headers: forwarded })).status).toBe(401)
  })

  it("answers HEAD and OPTIONS as any other method: OPTIONS is refused, and Express answers it to a user", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      app.get("/", (_req, res) => void res.send("inside"))
    })
    const url = `http://127.0.0.1:${app.port}/`
    const head = await fetch(url, { method: "HEAD" })
    expect([head.status, await head.text()]).toEqual([401, ""])
    expect((await fetch(url, { method: "HEAD", headers: Object.fromEntries(ada) })).status).toBe(200)
    expect((await ask(app.port, { method: "OPTIONS" })).status).toBe(401)
    expect((await ask(app.port, { method: "OPTIONS", headers: ada })).headers.get("allow")).toMatch(/GET/)
  })

  it("throws at start-up for options that are wrong, and names each", async () => {
    await startApp(forge, express, (_app, auth) => {
      expect(() => auth.protect({ bypass: ["/a*b", "/%41"], onFailure: "stutus" as "status" })).toThrow(ConfigurationError)
      expect(() => auth.protect({ bypass: ["/a?b"], onFailure: "stutus" as "status" })).toThrow(/bypass[\s\S]*onFailure/)
      expect(() => auth.require({})).toThrow(ConfigurationError)
      expect(() => auth.signOut({ cognitoDomain: "", logoutUri: "" })).toThrow(ConfigurationError)
    })
  })
})
