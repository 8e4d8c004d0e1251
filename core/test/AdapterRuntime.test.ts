import {
  type AdapterOptions,
  type AuthErrorTag,
  type Connection,
  type Decision,
  type KeySource,
  makeAdapterRuntime,
  NotProtected,
  Policy,
  PolicySource,
  SessionExpired
} from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { sharedForge } from "../../testing/test/sharedForge.ts"

// On the clock that a test may have set.
const forge = await sharedForge({ now: () => Date.now() })

const runtimes: Array<ReturnType<typeof makeAdapterRuntime>> = []
const start = (options: AdapterOptions = {}) => {
  const runtime = makeAdapterRuntime({ ...forge.settings().options, keySource: forge.keySource(), ...options })
  runtimes.push(runtime)
  return runtime
}
const disposeAll = () => Promise.all(runtimes.splice(0).map((runtime) => runtime.dispose()))

const lines: Array<string> = []
beforeEach(() => {
  lines.length = 0
  for (const method of ["log", "warn", "error", "info", "debug"] as const) {
    vi.spyOn(console, method).mockImplementation((...words: ReadonlyArray<unknown>) => {
      lines.push(words.map(String).join(" "))
    })
  }
})
afterEach(async () => {
  vi.useRealTimers()
  await disposeAll()
  vi.restoreAllMocks()
})

const request = (headers: object, target = "/") => ({ method: "GET", target, headers: headers as Record<string, string> })

/** A key source that has to be waited for. */
const later = (): KeySource["Service"] => {
  const held = forge.keySource()
  return { ...held, peek: () => undefined, find: (ref) => Effect.delay(held.find(ref), "1 millis") }
}

const decide = (runtime: ReturnType<typeof start>, source: object, headers: object, route = runtime.route()) =>
  new Promise<Decision>((resolve) => runtime.decide(source, request(headers), route, resolve))

describe("decide", () => {
  it("decides synchronously if keys and policy are cached", async () => {
    const runtime = start()
    const headers = await forge.headers()
    let decision: Decision | undefined
    runtime.decide({}, request(headers), runtime.route(), (decided) => {
      decision = decided
    })
    expect(decision).toMatchObject({ _tag: "Admit" })
  })

  it("answers later where a key must be waited for", async () => {
    const runtime = start({ keySource: later() })
    const headers = await forge.headers()
    let isAnswered = false
    const decision = new Promise<Decision>((resolve) =>
      runtime.decide({}, request(headers), runtime.route(), (decided) => {
        isAnswered = true
        resolve(decided)
      })
    )
    expect(isAnswered).toBe(false)
    expect(await decision).toMatchObject({ _tag: "Admit" })
  })

  it("knows the user of a request object, and verifies it once", async () => {
    let peeks = 0
    const held = forge.keySource()
    const peek: typeof held.peek = (ref, nowMillis) => {
      peeks++
      return held.peek(ref, nowMillis)
    }
    const keySource = { ...held, peek }
    const runtime = start({ keySource })
    const source = {}
    const headers = await forge.headers({ groups: ["staff"] })
    const first = await decide(runtime, source, headers)
    expect(first._tag === "Admit" && first.user).toBe(runtime.userOf(source))
    expect(peeks).toBe(2)
    expect(await decide(runtime, source, headers, runtime.route({ require: { groups: ["staff"] } }))).toMatchObject({ _tag: "Admit" })
    expect(await decide(runtime, source, headers, runtime.route({ require: { groups: ["admins"] } }))).toMatchObject({ status: 403 })
    expect(peeks).toBe(2)
    expect(runtime.userOf(source).groups).toEqual(["staff"])
  })

  it("asks once from which origin a request comes: a second guard of an admitted one does not know what the first allows", async () => {
    const runtime = start()
    const source = {}
    const sent = { ...request({ "sec-fetch-site": "cross-site", ...(await forge.headers()) }, "/webhook"), method: "POST" }
    const ask = (route: Parameters<typeof runtime.route>[0]) =>
      new Promise<Decision>((resolve) => runtime.decide(source, sent, runtime.route(route), resolve))
    expect(await ask({})).toMatchObject({ status: 403, error: { _tag: "CrossOriginRefused" } })
    expect(await ask({ crossOrigin: { allow: ["/webhook"] } })).toMatchObject({ _tag: "Admit" })
    expect(await ask({})).toMatchObject({ _tag: "Admit" })
  })

  it("gives no user to a request that was refused, or bypassed, or never asked", async () => {
    const runtime = start()
    const refused = {}
    const bypassed = {}
    await decide(runtime, refused, {})
    runtime.decide(bypassed, request({}, "/health"), runtime.route({ bypass: ["/health"] }), () => {})
    for (const source of [refused, bypassed, {}]) expect(() => runtime.userOf(source)).toThrow(NotProtected)
    expect(() => runtime.userOf({})).toThrow("bypass")
  })

  it("answers a request that waits while the app shuts down: with an outage", async () => {
    const never = { ...forge.keySource(), peek: () => undefined, find: () => Effect.never }
    const runtime = start({ keySource: never })
    const waiting = decide(runtime, {}, await forge.headers())
    await runtime.dispose()
    expect(await waiting).toMatchObject({ _tag: "Refuse", status: 503 })
  })
})

describe("what it says of refusals", () => {
  it("goes on where observe throws or rejects", async () => {
    for (const observe of [
      () => {
        throw new Error("SECRET")
      },
      () => Promise.reject(new Error("SECRET"))
    ]) {
      const runtime = start({ observe })
      expect(await decide(runtime, {}, {})).toMatchObject({ status: 401 })
      await expect.poll(() => lines.join()).toContain("the option observe threw")
      expect(lines.join()).not.toContain("SECRET")
      lines.length = 0
    }
  })

  it("is logged by default: the first of a kind immediately, further ones counted", async () => {
    const startMillis = 1_800_000_000_000
    vi.useFakeTimers({ toFake: ["Date"], now: startMillis })
    const runtime = start()
    const expired = await forge.with({ now: () => 0 }).headers()
    const refuseAt = async (millis: number, headers: object = {}) => {
      vi.setSystemTime(startMillis + millis)
      await decide(runtime, {}, headers)
    }
    for (let attempt = 0; attempt < 5; attempt++) await refuseAt(attempt)
    await refuseAt(5, expired)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain("cognito-auth: HeaderMissing: x-amzn-oidc-data is missing")
    expect(lines[1]).toContain("cognito-auth: TokenExpired: x-amzn-oidc-data was refused")
    await refuseAt(9_999)
    expect(lines).toHaveLength(2)
    await refuseAt(10_000)
    expect(lines[2]).toContain("(and 5 more since the last such line)")
    await refuseAt(20_000)
    // A clock that was set back says it again, rather than nothing for as long as it was set back.
    await refuseAt(0)
    expect(lines).toHaveLength(5)
    for (const line of lines.slice(3)) expect(line).not.toContain("more")
  })

  it("holds no token and no personal claim", async () => {
    const runtime = start({ policy: Policy.fromLists({ allowedUsers: ["other@secret.example"] }) })
    const headers = await forge.headers({ sub: "secret-sub", email: "ada@secret.example", name: "Secret Name", groups: ["secret-group"] })
    const tampered = { ...headers, "x-amzn-oidc-data": `${headers["x-amzn-oidc-data"]?.slice(0, -8)}AAAAAA==` }
    for (const sent of [headers, tampered, { ...headers, "x-amzn-oidc-identity": "secret-other" }]) await decide(runtime, {}, sent)
    expect(lines).toHaveLength(3)
    for (const token of Object.values(headers)) expect(lines.join()).not.toContain(token.slice(0, 20))
    expect(lines.join().toLowerCase()).not.toContain("secret")
  })
})

describe("signing out", () => {
  const options = { cognitoDomain: "https://my-app.auth.eu-west-2.amazoncognito.com", logoutUri: "https://my-app.example/bye" }
  const asked = (headers: object, method = "GET") => ({ ...request(headers, "/sign-out"), method })
  const page = { "sec-fetch-mode": "navigate" }

  it("is refused to a page of another origin by every method, with no cookie; a page load gets a page that asks first", () => {
    const told: Array<AuthErrorTag> = []
    const signOut = start({ observe: (event) => event._tag === "Refused" && told.push(event.error) }).signOut(options)
    for (const method of ["GET", "HEAD", "POST", "DELETE"]) {
      for (const site of ["cross-site", "same-site"]) {
        const answer = signOut(asked({ "sec-fetch-site": site }, method))
        expect(answer).toMatchObject({ status: 403, headers: { "content-type": "application/problem+json" } })
        expect(answer.headers).not.toHaveProperty("set-cookie")
      }
    }
    expect(signOut(asked({ origin: "https://evil.example", host: "app.example" }))).toMatchObject({ status: 403 })
    const asks = signOut(asked({ ...page, "sec-fetch-site": "cross-site" }))
    expect(asks).toMatchObject({ status: 403, headers: { "content-type": "text/html; charset=utf-8" } })
    expect(asks.body).toContain('<a href="">Continue</a>')
    expect(told).toHaveLength(10)
    expect(new Set(told)).toEqual(new Set(["CrossOriginRefused"]))
  })

  it("is for the app's own pages, the address bar, what no browser sends, and allowed origins", () => {
    const told: Array<AuthErrorTag> = []
    const runtime = start({
      allowedOrigins: ["https://portal.example"],
      observe: (event) => event._tag === "Refused" && told.push(event.error)
    })
    const signOut = runtime.signOut(options)
    for (const headers of [
      { ...page, "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
      { origin: "https://app.example", host: "app.example" },
      { "sec-fetch-site": "cross-site", origin: "https://portal.example" },
      page,
      {}
    ]) {
      expect(signOut(asked(headers))).toMatchObject({ status: 302 })
      expect(signOut(asked(headers, "POST"))).toMatchObject({ status: 303 })
    }
    expect(told).toEqual([])
  })

  it("shows the app's own page, and is never redirected to redirectUrl", () => {
    const signOut = start({ redirectUrl: "/denied", refusalPage: ({ error }) => `own ${error}` }).signOut(options)
    expect(signOut(asked({ ...page, "sec-fetch-site": "cross-site" }))).toMatchObject({ status: 403, body: "own CrossOriginRefused" })
  })
})

describe("a connection that is closed on expiry", () => {
  const connectionOf = () => {
    const listeners: Array<() => void> = []
    const connection = {
      destroyed: false,
      destroy: vi.fn(() => {
        connection.destroyed = true
      }),
      once: (_event: "close", listener: () => void) => listeners.push(listener)
    }
    return { connection: connection as Connection & typeof connection, close: () => listeners.map((listener) => listener()) }
  }
  const admitted = async (
    runtime: ReturnType<typeof start>,
    options: { readonly closeOnExpiry?: boolean; readonly seconds?: number } = {}
  ) => {
    const { closeOnExpiry = true, seconds = 60 } = options
    const headers = await forge.headers({ access: { claims: { exp: Math.floor(Date.now() / 1000) + seconds } } })
    const decision = await decide(runtime, {}, headers, runtime.route({ closeOnExpiry }))
    if (decision._tag !== "Admit") throw new Error("expected an admission")
    return decision
  }

  it("gets the signal when the access token expires, and is closed a second later", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const runtime = start()
    const { connection } = connectionOf()
    const signal = runtime.closeOnExpiry(await admitted(runtime), connection)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toBeInstanceOf(SessionExpired)
    expect(connection.destroy).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(connection.destroy).toHaveBeenCalledTimes(1)
  })

  it("that has already closed is left alone", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const runtime = start()
    const { connection, close } = connectionOf()
    const signal = runtime.closeOnExpiry(await admitted(runtime), connection)
    close()
    await vi.advanceTimersByTimeAsync(120_000)
    expect([signal.aborted, connection.destroy.mock.calls.length]).toEqual([false, 0])
  })

  it("of a token that is over but for the tolerance has a second", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const runtime = start()
    const { connection } = connectionOf()
    const signal = runtime.closeOnExpiry(await admitted(runtime, { seconds: -3 }), connection)
    await vi.advanceTimersByTimeAsync(999)
    expect(signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(signal.aborted).toBe(true)
  })

  it("of a token that lasts for months is not closed immediately", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const runtime = start()
    const { connection } = connectionOf()
    const signal = runtime.closeOnExpiry(await admitted(runtime, { seconds: 90 * 86_400 }), connection)
    // Longer than the longest timer there is.
    await vi.advanceTimersByTimeAsync(90 * 86_400_000 - 1)
    expect(signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(signal.aborted).toBe(true)
  })

  it("is not cut where the decision does not say so, and none that has ended is watched", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const runtime = start()
    const open = connectionOf()
    const ended = connectionOf()
    ended.connection.destroyed = true
    // HTTP/2's response says nothing of itself, but has a stream.
    const { destroyed: _, ...response } = connectionOf().connection
    const signals = [
      runtime.closeOnExpiry(await admitted(runtime, { closeOnExpiry: false }), open.connection),
      runtime.closeOnExpiry(await admitted(runtime), ended.connection),
      runtime.closeOnExpiry(await admitted(runtime), { ...response, stream: { destroyed: true } })
    ]
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false])
    expect(open.connection.destroy).not.toHaveBeenCalled()
  })
})

describe("the rest of an adapter's runtime", () => {
  it("is ready when the keys are cached, and reports a failure", async () => {
    await start().ready()
    const { server, runtime } = await withServer()
    await server.misbehave("500")
    await expect(runtime.ready()).rejects.toMatchObject({ _tag: "KeySourceUnavailable" })
    await server.behave()
    await runtime.ready()
    await server.close()
  })

  const withServer = async () => {
    const server = await forge.serve()
    const runtime = makeAdapterRuntime({ ...server.settings().options, keys: { preload: false } })
    runtimes.push(runtime)
    return { server, runtime }
  }

  it("reads the policy again when it is asked to, and says where that fails", async () => {
    await start().reload()
    const unreachable = PolicySource.document({ name: "document", read: () => Promise.reject(new Error("unreachable")) })
    await expect(start({ policy: unreachable }).reload()).rejects.toMatchObject({ _tag: "PolicyUnavailable" })
  })

  it("says when a session ends", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 })
    const runtime = start()
    const source = {}
    await decide(runtime, source, await forge.headers({ access: { claims: { exp: 1_800_000_090 } } }))
    vi.setSystemTime(1_800_000_000_001)
    const answer = runtime.session(runtime.userOf(source))
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json", "cache-control": "no-store" } })
    expect(JSON.parse(answer.body)).toEqual({ expiresAt: "2027-01-15T08:01:30.000Z", expiresInSeconds: 89 })
    vi.setSystemTime(1_800_000_100_000)
    expect(JSON.parse(runtime.session(runtime.userOf(source)).body)).toMatchObject({ expiresInSeconds: 0 })
  })

  it("throws a ConfigurationError at start-up, and for a route or a sign-out that is wrong", () => {
    expect(() => makeAdapterRuntime({ environment: {} })).toThrow("cannot start")
    const runtime = start()
    expect(() => runtime.route({ bypass: ["health"] })).toThrow("cannot start")
    expect(() => runtime.signOut({ cognitoDomain: "", logoutUri: "" })).toThrow("cannot start")
  })
})
