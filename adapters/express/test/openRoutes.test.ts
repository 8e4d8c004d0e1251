import { makeRoute } from "@cognito-auth/core/Route"
import type { ExpressAuth } from "@cognito-auth/express"
import type { Express, Router } from "express"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { recordLog } from "../../../testing/test/record.ts"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, toLines } from "../../node/test/rawHttp.ts"
import { openRoutesWarning } from "../src/openRoutes.ts"
import { frameworks, startApp } from "./app.ts"

const forge = await sharedForge()
const ada = toLines(await forge.headers({ groups: ["admins"] }))

const answer = (_req: unknown, res: { readonly end: (text: string) => void }) => void res.end("in")

describe.each(frameworks)("A guard in the middle of an app, with $name,", ({ express }) => {
  type Build = (app: Express, auth: ExpressAuth, router: () => Router) => void

  /** What is named as open, after requests to these targets. */
  const named = async (build: Build, targets: ReadonlyArray<string> = ["/guarded", "/guarded"]): Promise<ReadonlyArray<string>> => {
    const lines = recordLog()
    const app = await startApp(forge, express, (app, auth) => build(app, auth, () => express.Router()))
    for (const target of targets) await ask(app.port, { target, headers: ada })
    expect(lines.length).toBeLessThanOrEqual(1)
    if (lines.length > 0) expect(lines[0]).toContain("auth.protectApp(app)")
    return /require\(\): (.*)\. Use auth/.exec(lines[0] ?? "")?.[1]?.split(", ") ?? []
  }

  it("names what was registered before it, once, and nothing that came after", async () => {
    const open = await named((app, auth) => {
      app.use((_req, _res, next) => next())
      app.get("/a", answer)
      app.route("/b/:id").post(answer).put(answer)
      app.all("/c", answer)
      app.get(/^\/d+$/, answer)
      app.get(["/e", "/f"], answer)
      app.use(auth.protect())
      app.get("/g", answer)
    })
    expect(open).toEqual(["GET /a", "POST /b/:id", "PUT /b/:id", "ALL /c", "GET /^\\/d+$/", "GET /e", "GET /f"])
  })

  it("names what is in routers, files, and other apps", async () => {
    const open = await named((app, auth, router) => {
      const inner = router().get("/x", answer)
      const outer = router()
      outer.use("/inner", inner)
      outer.get("/", answer)
      app.use("/outer", outer)
      app.use(["/p", "/q"], inner)
      app.use("/files", express.static("."))
      app.use("/other", express())
      app.use(auth.protect())
    })
    expect(open).toEqual([
      "GET /outer/inner/x",
      "GET /outer",
      "GET /p/x",
      "GET /q/x",
      "files below /files",
      "the app (unless it has a guard of its own) mounted on /other"
    ])
  })

  it("says nothing where nothing is open that should not be", async () => {
    const open = await named((app, auth, router) => {
      app.get("/health", answer)
      app.get("/", answer)
      app.get("/own", auth.require({ admin: true }), answer)
      app.get("/parsed", (_req, _res, next) => next(), auth.protect(), answer)
      app.get("/session", auth.session())
      app.all("/sign-out", auth.signOut({ cognitoDomain: "https://a.auth.eu-west-2.amazoncognito.com", logoutUri: "https://a.example/" }))
      app.use("/api", auth.protect())
      app.get("/api/things", answer)
      app.use("/team", router().use(auth.protect()).get("/page", answer))
      app.get("/team/late", answer)
      app.use(auth.protect({ bypass: ["/health", "/"] }))
      app.get("/after", answer)
    })
    expect(open).toEqual([])
  })

  it("on a path, it concerns only what is below that path", async () => {
    const open = await named(
      (app, auth) => {
        app.get("/", answer)
        app.get("/public", answer)
        app.get("/administration", answer)
        app.get("/admin", answer)
        app.get("/Admin/x", answer)
        app.get("/:any/y", answer)
        app.use("/admin", auth.protect())
      },
      ["/public", "/admin/z"]
    )
    expect(open).toEqual(["GET /admin", "GET /Admin/x", "GET /:any/y"])
  })

  it("in a router, it reports the routes before it there, and those below the router's path before the router", async () => {
    const open = await named(
      (app, auth, router) => {
        app.get("/public", answer)
        app.get("/team/early", answer)
        const team = router().get("/open", answer)
        team.use(auth.require({ groups: "admins" }))
        app.use("/team", team.get("/closed", answer))
      },
      ["/team/closed"]
    )
    expect(open).toEqual(["GET /team/early", "GET /team/open"])
  })

  it("in a mounted app, it names paths as the client sends them", async () => {
    const open = await named(
      (app, auth) => {
        const inner = express()
        inner.get("/open", answer)
        inner.get("/health", answer)
        inner.use(auth.protect({ bypass: ["/inner/health"] }))
        app.use("/inner", inner)
      },
      ["/inner/x"]
    )
    expect(open).toEqual(["GET /inner/open"])
  })

  it("reports nothing in an app that is protected as a whole, or as a guard of one route", async () => {
    const open = await named((app, auth) => {
      app.get("/open", answer)
      auth.protectApp(app)
      app.use(auth.protect())
    })
    expect(open).toEqual([])
    const own = await named((app, auth) => {
      app.get("/open", answer)
      app.get("/guarded", auth.protect(), answer)
    })
    expect(own).toEqual([])
  })
})

it("∀ stack: whatever it holds, looking at it never throws", () => {
  const guard = () => undefined
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error("hostile")
      }
    }
  )
  const { stack } = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(undefined, null, throwing, guard, "/x", /x/, Symbol("x"), 7),
      tie("stack"),
      tie("layer"),
      fc.array(tie("any"), { maxLength: 3 })
    ),
    layer: fc.record(
      {
        handle: tie("any"),
        name: tie("any"),
        route: tie("any"),
        path: tie("any"),
        rawPath: tie("any"),
        regexp: tie("any"),
        slash: tie("any")
      },
      { requiredKeys: [] }
    ),
    stack: fc.record({ stack: fc.array(tie("any"), { maxLength: 4 }) })
  }))
  const route = makeRoute()
  fc.assert(
    fc.property(stack, fc.boolean(), (router, is4) => {
      const said = openRoutesWarning({ app: is4 ? { _router: router } : { router }, baseUrl: "" }, guard, route)
      expect(["undefined", "string"]).toContain(typeof said)
    }),
    { numRuns: runs(200) }
  )
})

it("a router within itself is looked at once", () => {
  const guard = () => undefined
  const handle = Object.assign(() => undefined, { stack: [] as Array<object> })
  handle.stack.push({ slash: true, handle }, { route: { path: "/x", stack: [{ method: "get" }] } }, { slash: true, handle: guard })
  const route = makeRoute()
  expect(openRoutesWarning({ app: { router: handle } }, guard, route)).toContain("GET /x")
})
