import { once } from "node:events"
import { request as httpRequest, type IncomingMessage } from "node:http"
import { connect, createServer as createTcpServer, type Socket } from "node:net"
import { Readable } from "node:stream"
import { localAlb } from "@cognito-auth/testing/local-alb"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../runs.ts"
import { forge, serve, stage, type Told, told } from "./apps.ts"

const ada = { email: "ada@example.com", name: "Ada Lovelace", groups: ["admins"] }

/** Asks with header lines exactly as they are given. */
const askRaw = async (url: string, headers: ReadonlyArray<string>, { method = "GET", path = "/", body = "" } = {}) => {
  const { hostname, port, host } = new URL(url)
  const request = httpRequest({ host: hostname, port, method, path, headers: ["host", host, ...headers], agent: false, setHost: false })
  // Not even an empty string, or Node writes the head as UTF-8.
  if (body === "") request.end()
  else request.end(body)
  const [response] = (await once(request, "response")) as [IncomingMessage]
  const text = (await response.setEncoding("latin1").toArray()).join("")
  return { status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders, text }
}

const linesOf = ({ rawHeaders }: Told, name: RegExp): ReadonlyArray<string> =>
  rawHeaders.flatMap((each, i) => (i % 2 === 0 && name.test(each) ? [rawHeaders[i + 1] ?? ""] : []))

describe("headers of a signed-in user's request", () => {
  const forged = [
    ...["x-amzn-oidc-data", "X-AMZN-OIDC-DATA", "X_Amzn_Oidc_Data", "x-amzn_oidc-data", "x_amzn_oidc_data"],
    ...["X-Amzn-Oidc-Identity", "x_amzn_oidc_identity", "x-amzn-oidc-accesstoken", "x_amzn-oidc_accesstoken", "x-amzn-oidc-other"]
  ].flatMap((name) => [name, "forged"])

  it("the client's headers with these names are removed, in every spelling, and the real ones are sent once", async () => {
    await using behind = await stage()
    const { alb } = behind
    const cookie = await alb.signIn(ada)
    for (const extra of [[], ["connection", "close, x-amzn-oidc-data"]]) {
      const { text } = await askRaw(alb.url, [...forged, "cookie", cookie, ...extra])
      expect(text).not.toContain("forged")
      expect(linesOf(told(text), /^x.amzn.oidc/i)).toHaveLength(3)
      expect(told(text).headers["x-amzn-oidc-data"]).toMatch(/^[\w-]+=*\.[\w-]+=*\.[\w-]+=*$/)
    }
  })

  it("∀ spelling of a name under x-amzn-oidc-: the client's header is removed", async () => {
    await using behind = await stage()
    const { alb } = behind
    const cookie = await alb.signIn(ada)
    const name = fc
      .tuple(fc.mixedCase(fc.constant("x-amzn-oidc-")), fc.constantFrom("data", "accesstoken", "identity", "claims", "-"), fc.nat())
      .map(([prefix, rest, mask]) => [...prefix, ...rest].map((char, i) => (char === "-" && (mask >> i) & 1 ? "_" : char)).join(""))
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 20 }), async (names) => {
        const { text } = await askRaw(alb.url, ["cookie", cookie, ...names.flatMap((each) => [each, "forged"])])
        expect(text).not.toContain("forged")
        expect(linesOf(told(text), /^x.amzn.oidc/i)).toHaveLength(3)
      }),
      { numRuns: runs(40) }
    )
  })

  it("without sign-in, allow and a rule that does not authenticate leave them alone: the app must verify them", async () => {
    await using behind = await stage({ onUnauthenticated: "allow", rules: [{ path: "/open/*", action: "forward" }] })
    const { alb } = behind
    const lines = (text: string) => linesOf(told(text), /^x.amzn.oidc/i)
    expect(lines((await askRaw(alb.url, forged)).text)).toEqual(Array(10).fill("forged"))
    const cookie = ["cookie", await alb.signIn(ada)]
    expect(lines((await askRaw(alb.url, [...forged, ...cookie])).text)).toHaveLength(3)
    expect(lines((await askRaw(alb.url, [...forged, ...cookie], { path: "/open/x" })).text)).toEqual(Array(10).fill("forged"))
  })

  it("says where the request came from, and traces it", async () => {
    await using behind = await stage()
    const { alb } = behind
    const cookie = await alb.signIn(ada)
    const port = new URL(alb.url).port
    const ask = async (headers: ReadonlyArray<string>) => told((await askRaw(alb.url, ["cookie", cookie, ...headers])).text)
    const plain = await ask([])
    expect(plain.headers).toMatchObject({
      host: new URL(alb.url).host,
      "x-forwarded-for": expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      "x-forwarded-proto": "http",
      "x-forwarded-port": port,
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    })
    const chained = await ask([
      ...["x-forwarded-for", "203.0.113.7", "X-Forwarded-For", "198.51.100.1", "x-forwarded-proto", "gopher", "x-forwarded-port", "1"],
      ...["x-amzn-trace-id", "Self=1-67891233-0;Root=1-67891233-abcdef012345678912345678;CalledFrom=app"]
    ])
    expect(linesOf(chained, /^x-forwarded-for$/i)).toEqual([expect.stringMatching(/^203\.0\.113\.7, 198\.51\.100\.1, (127|::1)/)])
    expect(linesOf(chained, /^x-forwarded-proto$/i)).toEqual(["http"])
    expect(linesOf(chained, /^x-forwarded-port$/i)).toEqual([port])
    expect(linesOf(chained, /^x-amzn-trace-id$/i)).toEqual([
      expect.stringMatching(/^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;CalledFrom=app$/)
    ])
  })

  it("all else is forwarded as it was sent, except what is for the load balancer alone", async () => {
    await using behind = await stage({ forwardedProto: "https" })
    const { alb } = behind
    const cookie = `a=1; ${await alb.signIn(ada)}; local-cognito=xyz; b=2`
    const kept = ["X-Custom-CASE", "one", "x-custom-case", "two", "Accept", "caf\u00e9", "Authorization", "Bearer x"]
    const sent = [
      ...kept,
      "Keep-Alive",
      "timeout=5",
      "TE",
      "trailers",
      "Proxy-Authorization",
      "y",
      "Connection",
      "close, x-mine",
      "x-mine",
      "z"
    ]
    const { text } = await askRaw(alb.url, [...sent, "Cookie", cookie])
    const { rawHeaders, headers } = told(text)
    expect(rawHeaders.slice(2, 2 + kept.length)).toEqual(kept)
    expect(headers["cookie"]).toMatch(/^a=1; AWSELBAuthSessionCookie-0=[\w-]+; b=2$/)
    expect(headers).toMatchObject({ "x-forwarded-proto": "https", connection: "keep-alive" })
    for (const name of ["keep-alive", "te", "proxy-authorization", "x-mine"]) expect(headers).not.toHaveProperty(name)
  })

  it("the target is asked for the path to the letter", async () => {
    await using behind = await stage()
    const { alb } = behind
    const cookie = await alb.signIn(ada)
    for (const path of ["//a//b", "/a/../b/./c", "/%2e%2e/x", "/a%2fb%zz", "/?a=b?c=/../d", "/a;b=c", "/[x]", "http://elsewhere/x"]) {
      expect(told((await askRaw(alb.url, ["cookie", cookie], { path })).text).url).toBe(path)
    }
  })
})

describe("rules", () => {
  it("deny answers 401, and only what is signed in goes on", async () => {
    await using behind = await stage({ onUnauthenticated: "deny" })
    const { alb } = behind
    const denied = await askRaw(alb.url, [])
    expect(denied.status).toBe(401)
    expect(denied.headers["set-cookie"]).toBeUndefined()
    expect((await askRaw(alb.url, ["cookie", await alb.signIn(ada)])).status).toBe(200)
  })

  it("the first that matches the path counts: exactly, with case, * and ?", async () => {
    await using behind = await stage({
      rules: [
        { path: "/health", action: "forward" },
        { path: "/api/v?/*.json", action: "deny" },
        { path: "/api/*", action: "allow" }
      ]
    })
    const statusOf = async (path: string) => (await askRaw(behind.alb.url, [], { path })).status
    expect(await statusOf("/health")).toBe(200)
    expect(await statusOf("/health?x=1")).toBe(200)
    for (const path of ["/healthz", "/Health", "/health/", "//health", "/x?/health", "/health%2f..", "/"])
      expect(await statusOf(path), path).toBe(302)
    expect(await statusOf("/api/v1/users.json")).toBe(401)
    expect(await statusOf("/api/v10/users.json")).toBe(200)
    expect(await statusOf("/api/v1/usersxjson")).toBe(200)
  })

  it("a redirect is what a script's request gets too, and a POST", async () => {
    await using behind = await stage()
    const headers = ["sec-fetch-mode", "cors", "accept", "application/json", "content-length", "3"]
    expect((await askRaw(behind.alb.url, headers, { method: "POST", body: "abc" })).status).toBe(302)
  })

  it("a host that is not the load balancer's gets 421, so that no page elsewhere signs in here", async () => {
    await using behind = await stage({ hosts: ["app.example", "proxied.example:9000"] })
    const { alb } = behind
    const { port } = new URL(alb.url)
    const statusOf = async (host: string, path = "/") => {
      const socket = connect(Number(port), "127.0.0.1")
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
      const text = (await socket.setEncoding("latin1").toArray()).join("")
      return Number(text.slice(9, 12))
    }
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      `app.localhost:${port}`,
      "app.example",
      "APP.example:1",
      "proxied.example:9000"
    ]) {
      expect(await statusOf(host), host).toBe(302)
    }
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      "localhost:1",
      "proxied.example",
      "",
      "a@localhost",
      "localhost/x"
    ]) {
      for (const path of ["/", "/_local-alb", "/oauth2/idpresponse"])
        expect([400, 421], `${host}${path}`).toContain(await statusOf(host, path))
    }
  })
})

describe("responses", () => {
  it("come back as they are: status, reason, repeated headers, and no date that was not there", async () => {
    await using app = await serve((_request, response) => {
      response.sendDate = false
      const headers = [
        "Set-Cookie",
        "a=1; Secure",
        "set-cookie",
        "b=2",
        "X-Odd",
        "caf\u00e9",
        "Set-Cookie",
        "AWSELBAuthSessionCookie-0=; Path=/; Secure; HttpOnly"
      ]
      response.writeHead(418, "Short and Stout", headers).end(Buffer.from("tea"))
    })
    await using alb = await localAlb({ target: app.url, forge })
    const { status, rawHeaders, text } = await askRaw(alb.url, ["cookie", await alb.signIn(ada)])
    expect(status).toBe(418)
    expect(text).toBe("tea")
    expect(rawHeaders.slice(0, 8)).toEqual([
      ...["Set-Cookie", "a=1; Secure", "set-cookie", "b=2", "X-Odd", "caf\u00e9"],
      ...["Set-Cookie", "AWSELBAuthSessionCookie-0=; Path=/; HttpOnly"]
    ])
    expect(rawHeaders.map((each) => each.toLowerCase())).not.toContain("date")
  })

  it("204, 304 and HEAD have no body, and the connection goes on", async () => {
    await using app = await serve(({ url, method }, response) => {
      if (url === "/204") response.writeHead(204).end()
      else if (url === "/304") response.writeHead(304, { etag: '"x"' }).end()
      else response.writeHead(200, { "content-length": 5 }).end(method === "HEAD" ? "" : "hello")
    })
    await using alb = await localAlb({ target: app.url, forge })
    const headers = { cookie: await alb.signIn(ada) }
    for (const [path, method, status, body] of [
      ["/204", "GET", 204, ""],
      ["/304", "GET", 304, ""],
      ["/", "HEAD", 200, ""],
      ["/", "GET", 200, "hello"]
    ] as const) {
      const response = await fetch(`${alb.url}${path}`, { headers, method })
      expect([response.status, await response.text()]).toEqual([status, body])
    }
  })

  it("502 where nothing listens, or what answers is not HTTP, or hangs up", async () => {
    const free = createTcpServer().listen(0, "127.0.0.1")
    await once(free, "listening")
    const { port } = free.address() as { port: number }
    const targets: Array<(socket: Socket) => unknown> = [
      (socket) => socket.destroy(),
      (socket) => socket.end("EHLO\r\n"),
      (socket) => socket.end("HTTP/1.1 200 OK\r\nbad header\r\n\r\n")
    ]
    await using alb = await localAlb({ target: `http://127.0.0.1:${port}`, forge })
    const headers = ["cookie", await alb.signIn(ada)]
    for (const behave of targets) {
      free.removeAllListeners("connection").on("connection", (socket) => {
        socket.on("error", () => undefined)
        behave(socket)
      })
      expect((await askRaw(alb.url, headers)).status).toBe(502)
    }
    free.close()
    const { status, text } = await askRaw(alb.url, headers)
    expect(status).toBe(502)
    expect(text).toContain("Is the app running?")
    expect(alb.recentRequests()[0]).toMatchObject({ status: 502, by: "load balancer" })
  })

  it("504 where the app is silent for too long, 408 where the client is", async () => {
    await using app = await serve((request) => void request.resume())
    await using alb = await localAlb({ target: app.url, forge, idleTimeout: "150 millis" })
    const headers = ["cookie", await alb.signIn(ada)]
    expect((await askRaw(alb.url, headers)).status).toBe(504)
    expect((await askRaw(alb.url, [...headers, "content-length", "4"], { method: "POST", body: "ab" })).status).toBe(408)
  })

  it("a response that breaks off breaks off", async () => {
    await using app = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 10 }).write("half", () => response.destroy())
    })
    await using alb = await localAlb({ target: app.url, forge })
    await expect(fetch(alb.url, { headers: { cookie: await alb.signIn(ada) } }).then((response) => response.text())).rejects.toThrow()
  })

  it("an app that answers before it has read the body is heard", async () => {
    await using app = await serve((_request, response) => void response.writeHead(413).end("too much"))
    await using alb = await localAlb({ target: app.url, forge })
    const body = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536)))
    const { port } = new URL(alb.url)
    const request = httpRequest({ port, method: "POST", headers: { host: `localhost:${port}`, cookie: await alb.signIn(ada) } })
    request.on("error", () => undefined)
    body.pipe(request)
    const [response] = (await once(request, "response")) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    request.destroy()
  })
})
