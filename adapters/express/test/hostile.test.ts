/** What should not happen on the way through an app, and does. */
import type { ErrorRequestHandler, RequestHandler } from "express"
import { describe, expect, it } from "vitest"
import { recordCrashes } from "../../../testing/test/record.ts"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { ask, exchange, open, toBytes, toLines } from "../../node/test/rawHttp.ts"
import { frameworks, startApp } from "./app.ts"

const forge = await sharedForge()
const otherForge = await unrelatedForge()
const ada = toLines(await forge.headers({ email: "ada@example.com" }))
/** Tokens whose keys nobody serves: the refusal has to wait for the key endpoints. */
const unknown = toLines(await otherForge.headers())

describe.each(frameworks)("in an app with $name", ({ express }) => {
  it("a response that has been sent already stays as it is: neither an error nor a second answer", async () => {
    const crashes = recordCrashes()
    let served = 0
    const app = await startApp(forge, express, (app, auth) => {
      const answerAndGoOn: RequestHandler = (_req, res, next) => {
        res.send("early")
        next()
      }
      const count: ErrorRequestHandler = (_error, _req, _res, next) => {
        served++
        next()
      }
      app.use(answerAndGoOn, auth.protect(), count)
      app.use(() => void served++)
    })
    for (const headers of [[], unknown]) {
      // The second answer on the same connection shows that the first has ended well.
      const answers = await exchange(app.port, Buffer.concat([toBytes({ headers }), toBytes({ headers: [["connection", "close"]] })]))
      expect(answers.map(({ status, body }) => [status, body])).toEqual([
        [200, "early"],
        [200, "early"]
      ])
    }
    expect(served).toBe(0)
    await expect.poll(() => app.refusals.length).toBe(4)
    expect(crashes).toEqual([])
  })

  it("a response that has begun stays as it is", async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge, express, (app, auth) => {
      app.use((_req, res, next) => {
        res.set({ "content-length": "11", connection: "close" }).write("begun")
        next()
      })
      app.use((_req, res, next) => {
        setImmediate(() => res.end(" ended"))
        next()
      })
      app.use(auth.protect(), () => expect.unreachable("nobody has signed in"))
    })
    expect((await ask(app.port, {})).body).toBe("begun ended")
    expect(crashes).toEqual([])
  })

  it("an overridden method changes how a refusal is put, not that it is one", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use((req, _res, next) => {
        req.method = req.get("x-http-method-override") ?? req.method
        next()
      })
      app.use(auth.protect({ bypass: ["/health"] }))
      app.all("/admin", auth.require({ groups: ["admins"] }), (_req, res) => void res.send("inside"))
    })
    for (const method of ["OPTIONS", "HEAD", "GET", "DELETE", "TRACE", "options"]) {
      const request = { method: "POST", target: "/admin", headers: [["x-http-method-override", method] as const] }
      expect((await ask(app.port, request)).status, method).toBe(401)
      expect((await ask(app.port, { ...request, headers: [...request.headers, ...ada] })).status, method).toBe(403)
    }
  })

  it.each(["down", "never", "500", "redirect", "garbage"] as const)(
    "key endpoints that fail (%s) are an outage: 503, and nobody is admitted",
    async (how) => {
      const app = await startApp(
        forge,
        express,
        (app, auth) => {
          app.use(auth.protect(), (_req, res) => void res.send("inside"))
        },
        // Short only where nothing comes in time.
        { options: { keys: { preload: false, timeout: how === "never" ? "100 millis" : "30 seconds" } } }
      )
      await app.keys.misbehave(how)
      const answer = await ask(app.port, { headers: [...ada, ["accept", "text/html"]] })
      expect(answer.status).toBe(503)
      expect(answer.headers.get("retry-after")).toMatch(/^\d+$/)
    }
  )

  it("a client that leaves while its key is fetched harms nobody", async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect({ closeOnExpiry: true }))
      app.use((_req, res) => void res.send("inside"))
    })
    await app.keys.misbehave("slow", { delay: "50 millis" })
    const leaving = await open(app.port)
    leaving.write(toBytes({ headers: ada }))
    while (app.keys.requests.count() === 0) await new Promise((resolve) => setImmediate(resolve))
    leaving.destroy()
    // It waits for the same keys as the one that has left.
    expect((await ask(app.port, { headers: ada })).body).toBe("inside")
    expect(crashes).toEqual([])
  })

  it("requests that cross get each its own user", async () => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      app.get("/", auth.require({ groups: ["staff"] }), async (req, res) => {
        await new Promise((resolve) => setImmediate(resolve))
        res.send(`${req.user?.email} ${auth.getAuthUser(req).email}`)
      })
    })
    const emails = Array.from({ length: 20 }, (_, each) => `user${each}@example.com`)
    const headers = await Promise.all(emails.map(async (email) => toLines(await forge.headers({ email, groups: ["staff"] }))))
    const answers = await Promise.all(headers.map((each) => ask(app.port, { headers: each })))
    expect(answers.map(({ body }) => body)).toEqual(emails.map((email) => `${email} ${email}`))
  })

  it.each([
    ["doubled", async () => [...ada, ...ada], 401],
    ["huge", async () => [...ada.slice(1), ["x-amzn-oidc-data", "a".repeat(20_000)] as const], 401],
    ["expired", async () => toLines(await forge.with({ now: () => Date.now() - 86_400_000 }).headers()), 401],
    ["signed by another", async () => unknown, 401],
    [
      "of two users",
      async () => [...toLines(await forge.headers({ sub: "a" })).slice(0, 1), ...toLines(await forge.headers({ sub: "b" })).slice(1)],
      401
    ]
  ] as const)("headers that are %s are refused", async (_name, headers, status) => {
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect(), (_req, res) => void res.send("inside"))
    })
    expect((await ask(app.port, { headers: await headers() })).status).toBe(status)
  })

  it("an error in a handler is Express's, at once or after the keys have come", async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge, express, (app, auth) => {
      app.use(auth.protect())
      app.get("/thrown", () => {
        throw new Error("boom")
      })
      const report: ErrorRequestHandler = (error, req, res, _next) => res.status(500).send(`${error.message} for ${req.user?.email}`)
      app.use(report)
    })
    for (let times = 0; times < 2; times++) {
      expect(await ask(app.port, { target: "/thrown", headers: ada })).toMatchObject({ status: 500, body: "boom for ada@example.com" })
    }
    expect(crashes).toEqual([])
  })

  it("an observe that throws neither ends the process nor lets the request hang", async () => {
    const crashes = recordCrashes()
    const observe = () => {
      throw new Error("the log is full")
    }
    const app = await startApp(forge, express, (app, auth) => void app.use(auth.protect(), (_req, res) => void res.send("inside")), {
      options: { observe }
    })
    for (const headers of [[], unknown]) expect((await ask(app.port, { headers })).status).toBeGreaterThanOrEqual(400)
    expect(crashes).toEqual([])
  })

  it("a request that waits for its key when the auth is disposed is answered: 503, and so is a later one", async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge, express, (app, auth) => void app.use(auth.protect(), (_req, res) => void res.send("inside")))
    await app.keys.misbehave("slow", { delay: "50 millis" })
    const waiting = ask(app.port, { headers: ada })
    while (app.keys.requests.count() === 0) await new Promise((resolve) => setImmediate(resolve))
    await app.auth.dispose()
    expect((await waiting).status).toBe(503)
    expect((await ask(app.port, { headers: ada })).status).toBe(503)
    expect(crashes).toEqual([])
  })
})

it("an async handler's rejection is Express 5's to handle, also behind a guard", async () => {
  const [{ express }] = frameworks as [(typeof frameworks)[number]]
  const crashes = recordCrashes()
  const app = await startApp(forge, express, (app, auth) => {
    app.get("/", auth.protect(), async () => Promise.reject(new Error("later")))
    const report: ErrorRequestHandler = (error, _req, res, _next) => res.status(500).send(error.message)
    app.use(report)
  })
  for (let times = 0; times < 2; times++) expect((await ask(app.port, { headers: ada })).body).toBe("later")
  expect(crashes).toEqual([])
})
