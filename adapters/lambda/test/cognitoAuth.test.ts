import type { ALBEvent, ALBResult } from "@cognito-auth/lambda"
import { ConfigurationError, cognitoAuth, NotProtected, Policy, User } from "@cognito-auth/lambda"
import { afterAll, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { context, eventOf } from "./events.ts"

const forge = await sharedForge()
const disposals: Array<() => Promise<void>> = []
afterAll(async () => {
  for (const dispose of disposals) await dispose()
})

const makeAuth = (options: Parameters<typeof cognitoAuth>[0] = {}) => {
  const auth = cognitoAuth({ ...forge.settings().options, keys: forge.givenKeys(), logger: false, ...options })
  disposals.push(auth.dispose)
  return auth
}
const auth = makeAuth()

const hello = auth.withAuth((_event, _context, user) => ({ statusCode: 200, body: `Hello ${user.email}` }), { bypass: ["/health"] })

describe("authenticate", () => {
  it("resolves with the user of either form of headers", async () => {
    const headers = await forge.headers({ email: "ada@example.com", groups: ["staff"] })
    for (const form of ["single", "multi"] as const) {
      const event = eventOf({ form, headers })
      const user = await auth.authenticate(event)
      expect(user).toBeInstanceOf(User)
      expect(user.email).toBe("ada@example.com")
      expect(auth.getAuthUser(event)).toBe(user)
    }
  })

  it("rejects with the typed error", async () => {
    await expect(auth.authenticate(eventOf())).rejects.toMatchObject({ _tag: "HeaderMissing", header: "x-amzn-oidc-data" })
    const foreign = await forge.with({ albArn: forge.albArn.replace("123456789012", "999999999999") }).headers()
    await expect(auth.authenticate(eventOf({ headers: foreign }))).rejects.toMatchObject({ _tag: "SignerRefused" })
    const picky = makeAuth({ policy: Policy.fromLists({ allowedGroups: ["staff"] }) })
    await expect(picky.authenticate(eventOf({ headers: await forge.headers() }))).rejects.toMatchObject({ _tag: "NotAuthorised" })
  })
})

describe("withAuth", () => {
  it("gives the handler the event, the context and the user", async () => {
    const event = eventOf({ method: "POST", path: "/notes", headers: await forge.headers({ sub: "7d8ca528" }), body: "text" })
    const seen: Array<unknown> = []
    await auth.withAuth((...args) => {
      seen.push(...args.slice(0, 2), args[2].sub)
      return { statusCode: 204 }
    })(event, context)
    expect(seen).toEqual([event, context, "7d8ca528"])
    expect(seen[0]).toBe(event)
  })

  it("gives a bypassed path the anonymous user", async () => {
    const handler = auth.withAuth((_event, _context, user) => ({ statusCode: 200, body: String(user === User.anonymous) }), {
      bypass: ["/health"]
    })
    expect(await handler(eventOf({ path: "/health", headers: await forge.headers() }), context)).toMatchObject({ body: "true" })
  })

  it("answers in the form that the event came in", async () => {
    expect(await hello(eventOf({ headers: { "sec-fetch-mode": "cors" } }), context)).toEqual({
      statusCode: 401,
      statusDescription: "401 Unauthorized",
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "www-authenticate": 'Bearer error="invalid_token"'
      },
      body: expect.stringContaining('"error":"HeaderMissing"'),
      isBase64Encoded: false
    })
    expect(await hello(eventOf({ form: "multi", headers: { accept: "text/html" } }), context)).toMatchObject({
      statusCode: 401,
      statusDescription: "401 Unauthorized",
      multiValueHeaders: {
        "content-type": ["text/html; charset=utf-8"],
        "content-security-policy": [expect.stringContaining("default-src 'none'")],
        "www-authenticate": ['Bearer error="invalid_token"']
      },
      body: expect.stringMatching(/^<!doctype html>/),
      isBase64Encoded: false
    })
  })

  it("redirects a page load where it is told to", async () => {
    const redirecting = makeAuth({ redirectUrl: "https://app.example/401.html" }).withAuth(() => ({ statusCode: 200 }))
    expect(await redirecting(eventOf({ form: "multi", headers: { accept: "text/html" } }), context)).toEqual({
      statusCode: 302,
      statusDescription: "302 Found",
      multiValueHeaders: { location: ["https://app.example/401.html"], "cache-control": ["no-store"] },
      body: "",
      isBase64Encoded: false
    })
  })

  it("passes on what the handler throws", async () => {
    const failing = auth.withAuth(() => Promise.reject(new Error("of the app")))
    await expect(failing(eventOf({ headers: await forge.headers() }), context)).rejects.toThrow("of the app")
  })

  it("throws for options that are wrong, before any request", () => {
    expect(() => auth.withAuth(() => ({ statusCode: 200 }), { bypass: ["health"] })).toThrow(ConfigurationError)
    expect(() => auth.require({})).toThrow(ConfigurationError)
    expect(() => cognitoAuth({ environment: {} })).toThrow(ConfigurationError)
  })
})

describe("what a handler returns", () => {
  const resultOf = async (form: "single" | "multi", result: ALBResult) =>
    auth.withAuth(() => result)(eventOf({ form, headers: await forge.headers() }), context)

  it("goes out in the form that the event came in, whichever it has", async () => {
    const single: ALBResult = { statusCode: 200, headers: { "Content-Type": "text/plain", "x-count": 3, "x-last": true }, body: "hello" }
    expect(await resultOf("multi", single)).toEqual({
      statusCode: 200,
      multiValueHeaders: { "content-type": ["text/plain"], "x-count": [3], "x-last": [true] },
      body: "hello"
    })
    expect(await resultOf("single", single)).toEqual({
      statusCode: 200,
      headers: { "content-type": "text/plain", "x-count": 3, "x-last": true },
      body: "hello"
    })
    const multi: ALBResult = { statusCode: 200, multiValueHeaders: { Vary: ["accept", "cookie"], "X-Empty": [] } }
    expect(await resultOf("single", multi)).toEqual({ statusCode: 200, headers: { vary: "accept, cookie", "x-empty": "" } })
    expect(await resultOf("multi", multi)).toEqual({ statusCode: 200, multiValueHeaders: { vary: ["accept", "cookie"], "x-empty": [] } })
  })

  it("has each cookie in a header of its own", async () => {
    const cookies = ["a=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT", "b=2", "c=3", "d=4"]
    for (const result of [
      { statusCode: 200, multiValueHeaders: { "Set-Cookie": cookies } },
      // What one guarded handler returns may be the result of another.
      await resultOf("single", { statusCode: 200, multiValueHeaders: { "Set-Cookie": cookies } })
    ]) {
      const { headers = {} } = await resultOf("single", result)
      expect(Object.values(headers)).toEqual(cookies)
      expect(new Set(Object.keys(headers).map((name) => name.toLowerCase()))).toEqual(new Set(["set-cookie"]))
      expect(await resultOf("multi", result)).toEqual({ statusCode: 200, multiValueHeaders: { "set-cookie": cookies } })
    }
  })

  it("counts once where it is in both forms", async () => {
    const both: ALBResult = { statusCode: 200, headers: { "X-A": "1", "X-B": "2" }, multiValueHeaders: { "x-a": ["3", "4"] } }
    expect(await resultOf("multi", both)).toEqual({ statusCode: 200, multiValueHeaders: { "x-a": ["3", "4"], "x-b": ["2"] } })
  })

  it("keeps its body as it is", async () => {
    const image: ALBResult = { statusCode: 200, statusDescription: "200 OK", body: "iVBORw0KGgo=", isBase64Encoded: true }
    expect(await resultOf("single", image)).toEqual({ ...image, headers: {} })
  })
})

describe("an event that is not a load balancer's", () => {
  const withoutElb = (event: ALBEvent): ALBEvent => ({ ...event, requestContext: {} as ALBEvent["requestContext"] })
  const otherEvents: ReadonlyArray<readonly [what: string, event: unknown]> = [
    ["nothing", undefined],
    ["null", null],
    ["a string", "ping"],
    ["an empty object", {}],
    ["an API gateway's event, whose path is decoded", withoutElb(eventOf({ path: "/health" }))],
    [
      "a function URL's event",
      { version: "2.0", rawPath: "/health", headers: { host: "x" }, requestContext: { http: { path: "/health" } } }
    ],
    [
      "a function URL's event for the root",
      { version: "2.0", rawPath: "/", headers: { host: "x" }, requestContext: { http: { path: "/" } } }
    ],
    ["headers that are null", { ...eventOf({ path: "/admin" }), headers: null, multiValueHeaders: null }],
    ["a path that is missing", { ...eventOf(), path: undefined }]
  ]
  const open = auth.withAuth(() => ({ statusCode: 200, body: "bypassed" }), { bypass: ["/", "/health"] })
  for (const [what, event] of otherEvents) {
    it(`is refused, and bypasses nothing: ${what}`, async () => {
      expect(await open(event as ALBEvent, context)).toMatchObject({ statusCode: 401 })
      await expect(auth.authenticate(event as ALBEvent)).rejects.toMatchObject({ _tag: "HeaderMissing" })
    })
  }

  it("is admitted by its sign-in like any other", async () => {
    const event = withoutElb(eventOf({ path: "/health", headers: await forge.headers({ email: "ada@example.com" }) }))
    expect(await hello(event, context)).toMatchObject({ statusCode: 200, body: "Hello ada@example.com" })
  })
})

describe("the path of an event", () => {
  it("is not cut at a question mark that was encoded", async () => {
    expect(await hello(eventOf({ path: "/health" }), context)).toMatchObject({ statusCode: 200 })
    for (const path of ["/health?", "/health?/../admin", "/health%3f"]) {
      expect(await hello(eventOf({ path }), context)).toMatchObject({ statusCode: 401 })
    }
    expect(await hello(eventOf({ path: "/health#" }), context)).toMatchObject({ statusCode: 400 })
  })

  it("is told from the query in either form, and in none", async () => {
    for (const query of [
      { queryStringParameters: { a: "/health", b: "%2f" } },
      { multiValueQueryStringParameters: { a: ["1", "2"], "": [""] } },
      { queryStringParameters: undefined, multiValueQueryStringParameters: undefined },
      { queryStringParameters: null },
      { queryStringParameters: { a: undefined } }
    ]) {
      const of = (path: string) => ({ ...eventOf({ path }), ...query }) as ALBEvent
      expect(await hello(of("/health"), context)).toMatchObject({ statusCode: 200 })
      expect(await hello(of("/admin"), context)).toMatchObject({ statusCode: 401 })
    }
  })
})

describe("getAuthUser", () => {
  it("throws where nobody was let through", async () => {
    const event = eventOf({ path: "/health" })
    expect(() => auth.getAuthUser(event)).toThrow(NotProtected)
    await hello(event, context)
    expect(() => auth.getAuthUser(event)).toThrow(NotProtected)
  })
})

describe("keys", () => {
  it("that are given make the first request need no network", async () => {
    await using keys = await forge.serve()
    const cold = makeAuth({ ...keys.settings().options, keys: forge.givenKeys() })
    await cold.ready()
    await cold.authenticate(eventOf({ headers: await forge.headers() }))
    expect(keys.requests.paths).toEqual([])
  })

  it("that are not given are fetched before the first request, as far as they are known", async () => {
    await using keys = await forge.serve()
    await makeAuth({ ...keys.settings().options, keys: undefined }).ready()
    expect(keys.requests.paths).toEqual([new URL(keys.jwksUrl).pathname])
  })

  it("are fetched once for a container, whatever it answers", async () => {
    await using keys = await forge.serve()
    const warm = makeAuth({ ...keys.settings().options, keys: undefined })
    const handler = warm.withAuth(() => ({ statusCode: 200 }))
    const headers = await forge.headers()
    for (let i = 0; i < 5; i++) expect(await handler(eventOf({ headers }), context)).toMatchObject({ statusCode: 200 })
    expect(keys.requests.count()).toBe(2)
  })
})
