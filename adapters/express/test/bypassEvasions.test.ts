import type { Express, Handler } from "express"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evasions, otherSpellings, rewrites } from "../../../testing/src/contract/bypassSpellings.ts"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, type HeaderLines, toLines } from "../../node/test/rawHttp.ts"
import { type Framework, frameworks, startApp } from "./app.ts"

const forge = await sharedForge()

/** Reads its requests' paths as kindly as it can: decoded, in any case, under mounts, and with an answer to everything. */
const serveAll = (app: Express, express: Framework, served: Array<string>): void => {
  const router = express.Router({ caseSensitive: false, strict: false })
  const answer: Handler = (req, res) => {
    served.push(req.originalUrl)
    res.send("inside")
  }
  router.get("/health", answer)
  router.get("/:page", answer)
  app.use("/api", router)
  app.use("/admin", router)
  app.use(router)
  app.use(answer)
}

describe.each(frameworks)("a bypass of /health, with $name", ({ express }) => {
  const guards = {
    "app.use(protect)": (app: Express, auth: Parameters<Parameters<typeof startApp>[2]>[1], served: Array<string>) => {
      app.use(auth.protect({ bypass: ["/health"] }))
      serveAll(app, express, served)
    },
    protectApp: (app: Express, auth: Parameters<Parameters<typeof startApp>[2]>[1], served: Array<string>) => {
      serveAll(app, express, served)
      auth.protectApp(app, { bypass: ["/health"] })
    },
    "protect in a router": (app: Express, auth: Parameters<Parameters<typeof startApp>[2]>[1], served: Array<string>) => {
      const inner = express()
      serveAll(inner, express, served)
      app.use("/", express.Router().use(auth.protect({ bypass: ["/health"] }), inner))
    }
  }

  describe.each(Object.entries(guards))("by %s", (_name, build) => {
    it.each(["/health", "/health/", "/health?x=1", "/health/?/../admin"])("opens %s", async (target) => {
      const served: Array<string> = []
      const app = await startApp(forge, express, (app, auth) => build(app, auth, served))
      expect((await ask(app.port, { target })).body).toBe("inside")
      expect(served).toEqual([target])
    })

    it("opens no other spelling, though the app would have answered it", async () => {
      const served: Array<string> = []
      const app = await startApp(forge, express, (app, auth) => build(app, auth, served))
      for (const target of otherSpellings) {
        // 400 is Node's own, for what it cannot parse.
        expect([400, 401], target).toContain((await ask(app.port, { target })).status)
      }
      expect(served).toEqual([])
    })

    it("admits the signed-in to each spelling that the app answers, and to a target of 16 KiB, but to no longer one", async () => {
      const headers = toLines(await forge.headers())
      const app = await startApp(forge, express, (app, auth) => build(app, auth, []))
      for (const target of evasions) expect((await ask(app.port, { target, headers })).body, target).toBe("inside")
      const long = (length: number) => ask(app.port, { target: `/${"x".repeat(length - 1)}`, headers })
      expect((await long(16_384)).body).toBe("inside")
      expect((await long(16_385)).status).toBe(414)
    })

    it("opens nothing by what another header says of the path or the method", async () => {
      const claims: HeaderLines = [...rewrites, "Referer"].map((name) => [name, "/health"] as const)
      const served: Array<string> = []
      const app = await startApp(forge, express, (app, auth) => {
        app.set("trust proxy", true)
        build(app, auth, served)
      })
      for (const claim of claims) expect((await ask(app.port, { target: "/admin", headers: [claim] })).status, claim[0]).toBe(401)
      expect((await ask(app.port, { target: "/admin", headers: [["x-http-method-override", "OPTIONS"]] })).status).toBe(401)
      expect(served).toEqual([])
    })
  })

  it("would have let the app answer every such spelling that a server takes: without the guard, it does", async () => {
    const served: Array<string> = []
    const app = await startApp(forge, express, (app) => serveAll(app, express, served))
    for (const target of evasions) await ask(app.port, { target })
    expect(served).toEqual(evasions)
  })

  it.each(["x-original-url", "x-rewrite-url", "x-forwarded-uri"])(
    "admits nothing if a middleware honours %s, in both directions",
    async (name) => {
      const served: Array<string> = []
      const app = await startApp(forge, express, (app, auth) => {
        app.use((req, _res, next) => {
          req.url = req.get(name) ?? req.url
          next()
        })
        app.use("/mounted", auth.protect({ bypass: ["/mounted/health"] }))
        app.use(auth.protect({ bypass: ["/health", "/mounted/health"] }))
        serveAll(app, express, served)
      })
      const status = async (target: string, to: string) => (await ask(app.port, { target, headers: [[name, to]] })).status
      expect(await status("/admin", "/health")).toBe(401)
      expect(await status("/health", "/admin")).toBe(401)
      expect(await status("/mounted/health", "/mounted/admin")).toBe(401)
      expect(await status("/health", "//health")).toBe(401)
      expect(served).toEqual([])
      expect(await status("/health", "/health?x=1")).toBe(200)
      expect(await status("/mounted/health", "/mounted/health")).toBe(200)
    }
  )

  it("∀ target made of the parts of such spellings: bypassed where it is the path, with any query, and nowhere else", async () => {
    const served: Array<string> = []
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect({ bypass: ["/health"] }))
      serveAll(app, express, served)
    })
    const part = fc.constantFrom(
      "/",
      "/",
      "health",
      "/health",
      "admin",
      "api",
      "..",
      ".",
      ";",
      "?",
      "#",
      "\\",
      "%2f",
      "%2e",
      "%68",
      "H",
      "é",
      "=",
      "*"
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("", "/health", "/health?"),
        async (parts, prefix) => {
          const target = prefix + parts.join("")
          const { status } = await ask(app.port, { target })
          expect([200, 400, 401]).toContain(status)
          expect(status === 200).toBe(/^\/health\/?(\?.*)?$/.test(target) && status !== 400)
        }
      ),
      { numRuns: runs(60) }
    )
  })
})
