import { ConfigurationError, type ExpressApp } from "@cognito-auth/express"
import type { ErrorRequestHandler, Express } from "express"
import { describe, expect, it } from "vitest"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { ask, toLines } from "../../node/test/rawHttp.ts"
import { frameworks, startApp } from "./app.ts"

const forge = await sharedForge()
/** Tokens whose keys nobody serves: the refusal has to wait for the key endpoints. */
const unknown = toLines(await (await unrelatedForge()).headers())
const ada = toLines(await forge.headers({ email: "ada@example.com" }))

describe.each(frameworks)("protectApp, with $name", ({ express }) => {
  it("protects what was registered before, and what is registered later", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.get("/before", (req, res) => void res.send(`before ${req.user?.email}`))
      auth.protectApp(app, { bypass: ["/health"] })
      app.get("/after", (req, res) => void res.send(`after ${auth.getAuthUser(req).email}`))
      app.get("/health", (req, res) => void res.send(`ok ${String(req.user)}`))
    })
    for (const target of ["/before", "/after", "/nowhere"]) expect((await ask(app.port, { target })).status, target).toBe(401)
    expect((await ask(app.port, { target: "/health" })).body).toBe("ok undefined")
    expect((await ask(app.port, { target: "/before", headers: ada })).body).toBe("before ada@example.com")
    expect((await ask(app.port, { target: "/after", headers: ada })).body).toBe("after ada@example.com")
    expect((await ask(app.port, { target: "/nowhere", headers: ada })).status).toBe(404)
  })

  it("protects an app that serves already", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.get("/", (_req, res) => void res.send("inside"))
      app.get("/protect", (_req, res) => {
        auth.protectApp(app)
        res.send("done")
      })
    })
    expect((await ask(app.port, {})).body).toBe("inside")
    expect((await ask(app.port, { target: "/protect" })).body).toBe("done")
    expect((await ask(app.port, {})).status).toBe(401)
    expect((await ask(app.port, { headers: ada })).body).toBe("inside")
  })

  it("protects an app that is mounted in another, before or after it is mounted, and nothing beside it", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const [early, late] = [express(), express()]
      for (const inner of [early, late]) inner.get(["/", "/health"], (req, res) => void res.send(`${req.baseUrl} ${req.user?.email}`))
      auth.protectApp(early, { bypass: ["/early/health"] })
      app.use("/early", early)
      app.use("/late", late)
      auth.protectApp(late)
      app.get("/open", (_req, res) => void res.send("open"))
    })
    for (const target of ["/early", "/late", "/late/health"]) expect((await ask(app.port, { target })).status, target).toBe(401)
    expect((await ask(app.port, { target: "/early/health" })).body).toBe("/early undefined")
    expect((await ask(app.port, { target: "/open" })).body).toBe("open")
    expect((await ask(app.port, { target: "/late", headers: ada })).body).toBe("/late ada@example.com")
  })

  it("goes on behind a mounted app that has no answer", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      const inner = express()
      auth.protectApp(inner)
      app.use(inner)
      app.use((req, res) => void res.send(`behind ${req.app === app} ${req.user?.email}`))
    })
    expect((await ask(app.port, { headers: ada })).body).toBe("behind true ada@example.com")
    expect((await ask(app.port, {})).status).toBe(401)
  })

  const detours: ReadonlyArray<readonly [string, (app: Express) => void]> = [
    [
      "an error that is recovered from behind it",
      (app) => {
        app.use((_req, _res, next) => next(new Error("a body that is no JSON")))
      }
    ],
    [
      "a middleware that calls next twice",
      (app) => {
        app.use((_req, _res, next) => {
          next()
          next()
        })
      }
    ]
  ]
  it.each(detours)("cannot be led round by %s, as middleware can that does not stand first", async (_name, detour) => {
    const serve = async (order: "protect first" | "protect second" | "protectApp") => {
      const served: Array<string> = []
      const app = await startApp(forge, express, (app, auth) => {
        if (order === "protect first") app.use(auth.protect())
        detour(app)
        if (order === "protect second") app.use(auth.protect())
        const recover: ErrorRequestHandler = (_error, _req, _res, next) => next()
        app.use(recover)
        app.use((_req, res) => {
          served.push("inside")
          if (!res.headersSent) res.send("inside")
        })
        if (order === "protectApp") auth.protectApp(app)
      })
      await ask(app.port, { headers: unknown })
      return served
    }
    // Express itself: an error skips all middleware up to an error handler, and the second call goes on with the next one.
    expect(await serve("protect second")).toEqual(["inside"])
    expect(await serve("protect first")).toEqual([])
    expect(await serve("protectApp")).toEqual([])
  })

  it("leaves errors to the app's own handlers, and to Express's where it has none", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      auth.protectApp(app)
      app.get("/thrown", () => {
        throw Object.assign(new Error("a teapot"), { status: 418 })
      })
      app.get("/unhandled", (_req, _res, next) => next(new Error("boom")))
      const handler: ErrorRequestHandler = (error, _req, res, next) =>
        error.status === 418 ? res.status(418).send("handled") : next(error)
      app.use(handler)
    })
    expect(await ask(app.port, { target: "/thrown", headers: ada })).toMatchObject({ status: 418, body: "handled" })
    expect((await ask(app.port, { target: "/unhandled", headers: ada })).status).toBe(500)
  })

  it("may be given twice, and beside protect", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      auth.protectApp(app)
      auth.protectApp(app)
      app.get("/", auth.protect(), (req, res) => void res.send(req.user?.email))
    })
    expect((await ask(app.port, { headers: ada })).body).toBe("ada@example.com")
    expect((await ask(app.port, {})).status).toBe(401)
  })

  it("throws at start-up for what is no app, and for options that are wrong", async () => {
    await startApp(forge, express, (app, auth) => {
      const others: ReadonlyArray<unknown> = [
        express.Router(),
        {},
        undefined,
        null,
        () => {},
        "app",
        Object.assign(() => {}, { handle() {} })
      ]
      for (const other of others) {
        expect(() => auth.protectApp(other as ExpressApp)).toThrow(ConfigurationError)
        expect(() => auth.protectApp(other as ExpressApp)).toThrow(/protectApp: expected an Express application/)
      }
      expect(() => auth.protectApp(app, { bypass: ["health"] })).toThrow(/bypass/)
    })
  })

  it("throws at start-up where requests do not enter as they do in the Express that is known, rather than guard nothing", async () => {
    await startApp(forge, express, (app, auth) => {
      const calls: Array<unknown> = []
      const changed = Object.assign((...request: ReadonlyArray<unknown>) => void calls.push(request), { handle: () => {}, set: app.set })
      expect(() => auth.protectApp(changed as unknown as ExpressApp)).toThrow(/this version of Express cannot be guarded as a whole/)
    })
  })

  it("shows nothing of its trial to the app's own handlers", async () => {
    const seen: Array<unknown> = []
    await startApp(forge, express, (app, auth) => {
      app.use((req, _res, next) => {
        seen.push(req.url)
        next()
      })
      auth.protectApp(app)
    })
    expect(seen).toEqual([])
  })
})
