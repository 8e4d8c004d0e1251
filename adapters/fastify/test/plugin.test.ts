import { once } from "node:events"
import { connect } from "node:http2"
import type { AddressInfo } from "node:net"
import defaultExport, { ConfigurationError, cognitoAuth, NotProtected, User } from "@cognito-auth/fastify"
import fastify from "fastify"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, open, pipeline, readToEnd, toBytes, toLines } from "../../node/test/rawHttp.ts"
import { listen, makeApp, trusting } from "./app.ts"

const forge = await sharedForge()
const ada = await forge.headers({ email: "ada@example.com", groups: ["staff"] })
const grace = await forge.headers({ email: "grace@example.com", groups: ["admins"] })

/** An app whose pages say who is asking. */
const makeGreeter = async (options: Parameters<typeof trusting>[1] = {}) => {
  const app = makeApp()
  await app.register(cognitoAuth, trusting(forge, options))
  app.get("/", async (request) => `Hello ${request.user.email}`)
  app.get("/health", async (request) => `${request.user} ${request.user.isAuthenticated}`)
  app.post("/", async (request) => request.body)
  return app
}

describe("a guarded app", () => {
  it("is guarded by the default export as by the named one", () => {
    expect(defaultExport).toBe(cognitoAuth)
  })

  it("knows the user, from the request and by getAuthUser", async () => {
    const app = await makeGreeter()
    app.get("/who", async (request) => app.cognitoAuth.getAuthUser(request) === request.user && request.user.email)
    expect((await app.inject({ url: "/", headers: ada })).body).toBe("Hello ada@example.com")
    expect((await app.inject({ url: "/who", headers: ada })).body).toBe("ada@example.com")
  })

  it("refuses in core's words: the type without a charset, the fields, and the body", async () => {
    const answer = await (await makeGreeter()).inject("/")
    expect(answer.statusCode).toBe(401)
    expect(answer.headers).toMatchObject({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "www-authenticate": 'Bearer error="invalid_token"',
      "content-length": String(Buffer.byteLength(answer.body))
    })
    expect(answer.json()).toMatchObject({ status: 401, error: "HeaderMissing" })
  })

  it("redirects a page load where it is told to, without a body or a type of one", async () => {
    const app = await makeGreeter({ redirectUrl: "https://app.example/401.html" })
    const answer = await app.inject({ url: "/", headers: { accept: "text/html" } })
    expect(answer).toMatchObject({ statusCode: 302, body: "" })
    expect(answer.headers).toMatchObject({ location: "https://app.example/401.html", "content-length": "0" })
    expect(answer.headers).not.toHaveProperty("content-type")
  })

  it("answers a page load with a page of as many bytes as it says, and a HEAD with its fields alone", async () => {
    const app = await makeGreeter({ refusalPage: () => "<h1>ü — 日本</h1>" })
    const port = await listen(app)
    const headers = toLines({ accept: "text/html" })
    const [get, head] = [await ask(port, { headers }), await ask(port, { headers, method: "HEAD" })]
    expect([get.status, get.headers.get("content-type"), get.body]).toEqual([401, "text/html; charset=utf-8", "<h1>ü — 日本</h1>"])
    expect(get.headers.get("content-length")).toBe(String(Buffer.byteLength(get.body)))
    expect([head.status, head.headers.get("content-length"), head.body]).toEqual([401, get.headers.get("content-length"), ""])
  })

  it("does not start where every request is to be redirected, and there is nowhere to redirect to", async () => {
    await expect(makeGreeter({ onFailure: "redirect" })).rejects.toThrow("set redirectUrl")
  })

  it("refuses HEAD with GET's fields and no body, on a route and where there is none", async () => {
    const port = await listen(await makeGreeter())
    for (const target of ["/", "/none"]) {
      const [get, head] = [await ask(port, { target }), await ask(port, { target, method: "HEAD" })]
      expect(head.status).toBe(401)
      expect(head.body).toBe("")
      for (const field of ["content-type", "content-length", "cache-control", "www-authenticate"]) {
        expect(head.headers.get(field)).toBe(get.headers.get(field))
      }
    }
  })

  it("refuses a preflight, and every other method", async () => {
    const app = await makeGreeter()
    for (const method of ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const) {
      expect((await app.inject({ method, url: "/" })).statusCode, method).toBe(401)
    }
  })

  it("refuses before a body is read: broken JSON, a type without a parser, one of ten megabytes", async () => {
    const app = await makeGreeter()
    const parsed = vi.fn()
    app.addHook("preParsing", (_request, _reply, payload, done) => {
      parsed()
      done(null, payload)
    })
    const inject = (type: string, payload: string) => app.inject({ method: "POST", url: "/", headers: { "content-type": type }, payload })
    expect((await inject("application/json", "{")).statusCode).toBe(401)
    expect((await inject("application/x-unheard-of", "?")).statusCode).toBe(401)
    const port = await listen(app)
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "A".repeat(10_000_000) })).status).toBe(401)
    expect(parsed).not.toHaveBeenCalled()
  })

  it("has no user where bypass lets everybody in: User.anonymous, and NotProtected", async () => {
    const app = await makeGreeter({ bypass: ["/health", "/who"] })
    app.get("/who", async (request) => {
      expect(request.user).toBe(User.anonymous)
      expect(request.authExpiry.aborted).toBe(false)
      expect(request.authExpiry).toBe(request.authExpiry)
      expect(() => app.cognitoAuth.getAuthUser(request)).toThrow(NotProtected)
      return "nobody"
    })
    expect((await app.inject("/health")).body).toBe("User() false")
    expect((await app.inject({ url: "/who", headers: ada })).body).toBe("nobody")
  })

  it("leaves the app's error handler out of it, and lets its onSend hooks see refusals", async () => {
    const app = makeApp()
    const onError = vi.fn()
    app.setErrorHandler((_error, _request, reply) => {
      onError()
      return reply.code(500).send("broken")
    })
    app.addHook("onSend", async (_request, reply) => void reply.header("x-frame-options", "DENY"))
    await app.register(cognitoAuth, trusting(forge))
    app.get("/", async () => "secret")
    const answer = await app.inject("/")
    expect(answer.statusCode).toBe(401)
    expect(answer.headers["x-frame-options"]).toBe("DENY")
    expect(answer.headers["content-type"]).toBe("application/problem+json")
    expect(onError).not.toHaveBeenCalled()
  })

  it("runs no later hook, and no handler, for a request that it refuses", async () => {
    const app = makeApp()
    await app.register(cognitoAuth, trusting(forge))
    const ran = vi.fn()
    app.addHook("onRequest", async () => ran())
    app.addHook("preValidation", async () => ran())
    app.addHook("preHandler", async () => ran())
    app.get("/", async () => ran())
    expect((await app.inject("/")).statusCode).toBe(401)
    expect(ran).not.toHaveBeenCalled()
  })

  it("refuses a header that was sent twice, or is huge", async () => {
    const app = await makeGreeter()
    const port = await listen(app)
    const twice = await ask(port, { headers: [...toLines(ada), ["X-Amzn-Oidc-Data", ada["x-amzn-oidc-data"] ?? ""]] })
    expect([twice.status, JSON.parse(twice.body).error]).toEqual([401, "HeaderInvalid"])
    const huge = await app.inject({ url: "/", headers: { ...ada, "x-amzn-oidc-data": "A".repeat(20_000) } })
    expect([huge.statusCode, huge.json().error]).toEqual([401, "HeaderInvalid"])
  })

  it("is not told who the user is by a hook that sets request.headers", async () => {
    const app = makeApp()
    app.addHook("onRequest", async (request) => {
      request.headers = { ...ada }
    })
    await app.register(cognitoAuth, trusting(forge))
    app.get("/", async (request) => request.user.email)
    expect((await app.inject("/")).statusCode).toBe(401)
  })

  it("guards HTTP/2 too", async () => {
    const app = fastify({ http2: true })
    await app.register(cognitoAuth, trusting(forge, { bypass: ["/health"], closeOnExpiry: true }))
    app.get("/", async (request) => `Hello ${request.user.email}`)
    app.get("/health", async () => "ok")
    await app.listen({ port: 0, host: "127.0.0.1" })
    const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    onTestFinished(async () => {
      session.close()
      await app.close()
    })
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const stream = session.request({ ...headers, ":path": path })
      const [fields] = await once(stream, "response")
      let body = ""
      for await (const chunk of stream) body += chunk
      return { status: fields[":status"], type: fields["content-type"], body }
    }
    expect(await get("/", ada)).toMatchObject({ status: 200, body: "Hello ada@example.com" })
    expect(await get("/")).toMatchObject({ status: 401, type: "application/problem+json" })
    expect(await get("/health")).toMatchObject({ status: 200, body: "ok" })
    expect(await get("//health")).toMatchObject({ status: 401 })
  })
})

describe("requireAuth and protect", () => {
  it("let a user through who is what the route requires, and answer 403 to one who is not", async () => {
    const app = await makeGreeter()
    app.get("/admin", { onRequest: app.requireAuth({ groups: ["admins"] }) }, async (request) => `Hello ${request.user.email}`)
    const inject = async (headers: Record<string, string>) => app.inject({ url: "/admin", headers })
    expect((await inject(grace)).body).toBe("Hello grace@example.com")
    expect([(await inject(ada)).statusCode, (await inject(ada)).json().error]).toEqual([403, "NotAuthorised"])
    expect((await inject({})).statusCode).toBe(401)
  })

  it("protect a route by itself where bypass opens its path", async () => {
    const app = await makeGreeter({ bypass: ["/admin"] })
    app.get("/admin", { onRequest: app.requireAuth({ groups: ["admins"] }) }, async (request) => `Hello ${request.user.email}`)
    expect((await app.inject("/admin")).statusCode).toBe(401)
    expect((await app.inject({ url: "/admin", headers: ada })).statusCode).toBe(403)
    expect((await app.inject({ url: "/admin", headers: grace })).body).toBe("Hello grace@example.com")
  })

  it("stand beside other hooks of a route, and answer as the scope does", async () => {
    const app = await makeGreeter({ onFailure: "redirect", redirectUrl: "/signed-out" })
    const order: Array<string> = []
    const note = (name: string) => async () => void order.push(name)
    const guard = app.requireAuth({ users: "grace@example.com" })
    app.get("/only", { onRequest: [note("before"), guard, note("after")] }, async () => order.join())
    expect((await app.inject({ url: "/only", headers: ada })).statusCode).toBe(302)
    expect((await app.inject({ url: "/only", headers: grace })).body).toBe("before,before,after")
  })

  it("answer a route in another way than its scope where they are told to", async () => {
    const app = await makeGreeter({ onFailure: "redirect", redirectUrl: "/signed-out" })
    const { protect } = app.cognitoAuth
    app.get("/api", { onRequest: protect({ onFailure: "status", require: { admin: true } }) }, async () => "secret")
    expect((await app.inject({ url: "/api", headers: ada })).statusCode).toBe(403)
    expect((await app.inject("/api")).statusCode).toBe(302)
  })
})

describe("a wrong configuration", () => {
  const fault = async (options: object): Promise<ConfigurationError> => {
    const app = makeApp()
    app.register(cognitoAuth, options)
    const error = await app.ready().then(
      () => undefined,
      (error: unknown) => error
    )
    if (!(error instanceof ConfigurationError)) throw new Error(`A ConfigurationError was expected, not ${error}.`)
    return error
  }

  it("keeps the app from starting, with every fault of the settings", async () => {
    const { faults } = await fault({ environment: {} })
    expect(faults.length).toBeGreaterThanOrEqual(4)
  })

  it("keeps the app from starting for a bypass that is no path, or an onFailure or a closeOnExpiry that is none", async () => {
    const { faults } = await fault({ ...trusting(forge), bypass: ["health"], onFailure: "panic", closeOnExpiry: "yes" })
    expect(faults.map(({ setting }) => setting)).toEqual(["bypass", "onFailure", "closeOnExpiry"])
  })

  it("keeps the app from starting for an option that nobody reads: a misspelt one, or a prefix, which would narrow nothing", async () => {
    const { faults } = await fault({ ...trusting(forge), byPass: ["/health"], prefix: "/admin" })
    expect(faults.map(({ setting }) => setting)).toEqual(expect.arrayContaining(["byPass", "prefix"]))
  })

  it("rejects where it is registered, with await", async () => {
    await expect(makeApp().register(cognitoAuth, { environment: {} })).rejects.toThrow(ConfigurationError)
  })

  it("of a route is thrown where the route is made", async () => {
    const { requireAuth, cognitoAuth: auth } = await makeGreeter()
    expect(() => requireAuth({})).toThrow(ConfigurationError)
    expect(() => auth.protect({ bypass: ["health"] })).toThrow(ConfigurationError)
    expect(() => auth.signOut({ cognitoDomain: "http://evil.example", logoutUri: "https://www.example.com/" })).toThrow(ConfigurationError)
  })

  it("of which Fastify tells: the plugin twice in one scope, and a user that another plugin has taken", async () => {
    const twice = await makeGreeter()
    await expect(twice.register(cognitoAuth, trusting(forge))).rejects.toMatchObject({ code: "FST_ERR_DEC_ALREADY_PRESENT" })
    const taken = makeApp()
    taken.decorateRequest("user", null, [])
    await expect(taken.register(cognitoAuth, trusting(forge))).rejects.toMatchObject({ code: "FST_ERR_DEC_ALREADY_PRESENT" })
  })
})

describe("session and signOut", () => {
  const cognitoDomain = "https://my-app.auth.eu-west-2.amazoncognito.com"
  const logoutUri = "https://www.example.com/"

  it("tell when the session ends, to users alone, though the path is bypassed", async () => {
    const app = await makeGreeter({ bypass: ["/session"] })
    app.route({ url: "/session", ...app.cognitoAuth.session() })
    const answer = await app.inject({ url: "/session", headers: ada })
    expect(answer.headers["content-type"]).toBe("application/json")
    expect(answer.json().expiresInSeconds).toBeGreaterThan(3500)
    expect(answer.json().expiresInSeconds).toBeLessThanOrEqual(3600)
    expect((await app.inject({ url: "/session", headers: { accept: "text/html" } })).statusCode).toBe(401)
  })

  it("sign out by a link and by a form, whose type Fastify has no parser for, keeping the app's own cookies", async () => {
    const app = await makeGreeter({ bypass: ["/sign-out"] })
    app.addHook("onRequest", async (_request, reply) => void reply.header("set-cookie", "theme=dark"))
    app.route({ url: "/sign-out", ...app.cognitoAuth.signOut({ cognitoDomain, logoutUri, cookieShards: 2 }) })
    const form = { "content-type": "application/x-www-form-urlencoded" }
    for (const [request, status] of [
      [{ method: "GET", url: "/sign-out" }, 302],
      [{ method: "HEAD", url: "/sign-out" }, 302],
      [{ method: "POST", url: "/sign-out", headers: form }, 303],
      [{ method: "POST", url: "/sign-out", headers: form, payload: "logout_uri=https://evil.example/" }, 303]
    ] as const) {
      const answer = await app.inject(request)
      expect(answer.statusCode).toBe(status)
      expect(answer.headers.location).toBe(
        `${cognitoDomain}/logout?client_id=${forge.clientId}&logout_uri=${encodeURIComponent(logoutUri)}`
      )
      expect([answer.headers["set-cookie"]].flat().map((cookie) => cookie?.split("=")[0])).toEqual([
        "theme",
        "AWSELBAuthSessionCookie-0",
        "AWSELBAuthSessionCookie-1"
      ])
    }
    const other = await app.inject({ method: "DELETE", url: "/sign-out" })
    expect([other.statusCode, other.headers.allow]).toEqual([405, "GET, HEAD, POST"])
  })

  it("sign one request out as another: the cookies do not add up", async () => {
    const app = await makeGreeter({ bypass: ["/sign-out"] })
    app.route({ url: "/sign-out", ...app.cognitoAuth.signOut({ cognitoDomain, logoutUri }) })
    for (let time = 0; time < 3; time++) expect((await app.inject("/sign-out")).headers["set-cookie"]).toHaveLength(4)
  })
})

describe("requests that wait for a key", () => {
  it("get their own user, each, though they wait on one connection and answer out of order inside", async () => {
    const keys = await forge.serve()
    onTestFinished(() => keys.close())
    await keys.misbehave("slow", { delay: "100 millis" })
    const app = makeApp()
    await app.register(cognitoAuth, { ...keys.settings().options, logger: false })
    app.get("/", async (request) => request.user.email)
    const port = await listen(app)
    const requests = [ada, grace, {}, ada, grace].map((headers) => toBytes({ headers: toLines(headers) }))
    const bodies = (await pipeline(port, requests)).map(({ status, body }) => (status === 200 ? body : status))
    expect(bodies).toEqual(["ada@example.com", "grace@example.com", 401, "ada@example.com", "grace@example.com"])
  })

  it("are answered 503 while the keys are unreachable, with a Retry-After", async () => {
    const keys = await forge.serve()
    onTestFinished(() => keys.close())
    await keys.misbehave("down")
    const app = makeApp()
    await app.register(cognitoAuth, { ...keys.settings().options, logger: false })
    app.get("/", async () => "secret")
    const answer = await app.inject({ url: "/", headers: ada })
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "5"])
    await expect(app.cognitoAuth.ready()).rejects.toMatchObject({ _tag: "KeySourceUnavailable" })
  })

  it("whose client leaves do no harm", async () => {
    const keys = await forge.serve()
    onTestFinished(() => keys.close())
    await keys.misbehave("slow", { delay: "100 millis" })
    const app = makeApp()
    await app.register(cognitoAuth, { ...keys.settings().options, logger: false })
    app.get("/", async (request) => request.user.email)
    const port = await listen(app)
    for (const headers of [toLines(ada), []]) {
      const socket = await open(port)
      socket.write(toBytes({ headers }))
      socket.destroy()
    }
    await app.cognitoAuth.ready()
    expect((await ask(port, { headers: toLines(grace) })).body).toBe("grace@example.com")
  })

  it("are answered, not dropped, when the app closes meanwhile", async () => {
    const keys = await forge.serve()
    onTestFinished(() => keys.close())
    await keys.misbehave("slow", { delay: "200 millis" })
    const app = makeApp({ forceCloseConnections: false })
    await app.register(cognitoAuth, { ...keys.settings().options, logger: false })
    app.get("/", async (request) => request.user.email)
    const port = await listen(app)
    const socket = await open(port)
    const answered = readToEnd(socket)
    socket.write(toBytes({ headers: [...toLines(ada), ["connection", "close"]] }))
    await once(app.server, "request")
    await app.close()
    expect(await answered).toMatch(/^HTTP\/1\.1 200 .*ada@example\.com$/s)
  })

  it("by inject() are answered when the app closes meanwhile", async () => {
    const keys = await forge.serve()
    onTestFinished(() => keys.close())
    await keys.misbehave("never")
    const app = makeApp()
    await app.register(cognitoAuth, { ...keys.settings().options, logger: false })
    app.get("/", async (request) => request.user.email)
    await app.ready()
    const answer = app.inject({ url: "/", headers: ada })
    await app.close()
    expect((await answer).statusCode).toBe(503)
  })
})

it("ends what it runs in the background when the app closes", async () => {
  const app = await makeGreeter()
  await app.ready()
  await app.cognitoAuth.ready()
  await app.close()
  await expect(app.cognitoAuth.ready()).rejects.toThrow()
})
