import { type AdapterOptions, type AuthEvent, auditLog, CognitoAuth, makeAdapterRuntime, Policy, PolicySource } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { user as anyUser } from "@cognito-auth/testing/arbitraries"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { afterEach, describe, expect, it, vi } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge({ now: () => Date.now() })

const serviceId = "2service4client6id8example0"

const disposals: Array<() => Promise<void>> = []
afterEach(async () => {
  vi.useRealTimers()
  for (const dispose of disposals.splice(0)) await dispose()
})

/** A runtime that keeps its events. */
const watched = (options: AdapterOptions = {}) => {
  const events: Array<AuthEvent> = []
  const observe = (event: AuthEvent) => events.push(event)
  const runtime = makeAdapterRuntime(
    { ...forge.settings().options, keySource: forge.keySource(), logger: false, observe, ...options },
    { framework: "test", takesServices: true }
  )
  disposals.push(runtime.dispose)
  const decide = (headers: object, { source = {}, target = "/", route = runtime.route({ name: "reports", bypass: ["/health"] }) } = {}) =>
    new Promise((resolve) => runtime.decide(source, { method: "GET", target, headers: headers as Record<string, string> }, route, resolve))
  return { events, runtime, decide }
}

const of = { framework: "test", route: "reports", clientId: undefined, atMillis: expect.any(Number), durationMillis: expect.any(Number) }

describe("the event of a decision", () => {
  it("says who was admitted, and whether it was known from an earlier request", async () => {
    const { events, decide } = watched()
    const headers = await forge.headers({ sub: "ada" })
    await decide(headers)
    await decide(headers)
    expect(events).toEqual([false, true].map((cached) => ({ _tag: "Admitted", ...of, sub: "ada", cached })))
  })

  it("says so of an earlier guard's user, and of a user who is never cached", async () => {
    const { events, decide } = watched({ tokenCache: false })
    const headers = await forge.headers()
    const source = {}
    for (const asked of [{ source }, { source }, {}]) await decide(headers, asked)
    expect(events).toMatchObject([{ cached: false }, { cached: true }, { cached: false }])
  })

  it("says why a request was refused; and of whom, once that is known", async () => {
    const { events, decide } = watched({ policy: Policy.fromLists({ allowedGroups: ["staff"] }) })
    await decide({})
    await decide(await forge.headers({ sub: "ada", groups: ["guests"] }))
    expect(events).toMatchObject([
      { _tag: "Refused", ...of, sub: undefined, error: "HeaderMissing", check: "presence", header: "x-amzn-oidc-data", status: 401 },
      { _tag: "Refused", ...of, sub: "ada", error: "NotAuthorised", check: undefined, header: undefined, status: 403 }
    ])
  })

  it("has the status that was sent: a redirect's is 302", async () => {
    const { events, decide } = watched({ redirectUrl: "https://elsewhere.example/401.html" })
    await decide({ "sec-fetch-mode": "navigate" })
    expect(events).toMatchObject([{ error: "HeaderMissing", status: 302 }])
  })

  it("tells a bypassed path from an admitted user", async () => {
    const { events, decide } = watched()
    await decide({}, { target: "/health" })
    expect(events).toEqual([{ _tag: "Bypassed", ...of, clientId: undefined }].map(({ clientId: _none, ...event }) => event))
  })

  it("names a service by its client", async () => {
    const { events, runtime, decide } = watched({ policy: Policy.fromLists({ allowedClients: [serviceId] }) })
    const headers = await forge.bearer({ clientId: serviceId })
    for (let times = 0; times < 2; times++) await decide(headers, { route: runtime.route({ services: ["/"] }) })
    expect(events).toMatchObject([false, true].map((cached) => ({ _tag: "Admitted", sub: undefined, clientId: serviceId, cached })))
  })

  it("comes of a request that waits for its key, with the time that it waited", async () => {
    const held = forge.keySource()
    const keySource = {
      ...held,
      peek: () => undefined,
      find: (ref: Parameters<typeof held.find>[0]) => Effect.delay(held.find(ref), "20 millis")
    }
    const { events, decide } = watched({ keySource })
    await decide(await forge.headers())
    expect(events).toMatchObject([{ _tag: "Admitted", cached: false }])
    expect((events[0] as { durationMillis: number }).durationMillis).toBeGreaterThan(10)
  })

  it("comes of CognitoAuth's own decide and authenticate too", async () => {
    const events: Array<AuthEvent> = []
    const observe = (event: AuthEvent) => events.push(event)
    const auth = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), logger: false, observe })
    const headers = await forge.headers({ sub: "ada" })
    await Effect.runPromise(auth.decide({ method: "GET", target: "/", headers }, makeRoute({ name: "reports" })))
    await Effect.runPromise(auth.authenticate(headers))
    await Effect.runPromise(Effect.ignore(auth.authenticate({})))
    expect(events).toMatchObject([
      { _tag: "Admitted", framework: "effect", route: "reports", sub: "ada", cached: false },
      { _tag: "Admitted", framework: "effect", route: undefined, sub: "ada", cached: true },
      { _tag: "Refused", error: "HeaderMissing", status: 401 }
    ])
  })
})

describe("other events", () => {
  it("say that keys were fetched, and that they could not be", async () => {
    await using server = await forge.serve()
    const { events, decide } = watched({ ...server.settings().options, keySource: undefined })
    await decide(await forge.headers())
    const fetched = { _tag: "KeysFetched", keys: expect.any(Number), durationMillis: expect.any(Number) }
    expect(events).toMatchObject([fetched, fetched, { _tag: "Admitted" }])
    await server.misbehave("500")
    const { events: failed, decide: ask } = watched({ ...server.settings().options, keySource: undefined, keys: { preload: false } })
    await ask(await forge.headers())
    const failure = { _tag: "KeyFetchFailed", reason: "status 500" }
    expect(failed).toMatchObject([failure, failure, { _tag: "Refused", error: "KeySourceUnavailable", status: 503 }])
  })

  it("say that a policy came into force, that its next version did not, and whether the last one is kept", async () => {
    let text = '{"allowed_groups": ["staff"]}'
    const policy = PolicySource.document({ name: "secret app", read: async () => text })
    const { events, runtime } = watched({ policy })
    await runtime.reload()
    text = "{"
    await runtime.reload().catch(() => undefined)
    expect(events).toMatchObject([
      { _tag: "PolicyLoaded", source: "secret app", change: expect.stringContaining("staff") },
      { _tag: "PolicyLoadFailed", source: "secret app", isKept: true }
    ])
  })

  it("say that a connection was closed, and whose", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const { events, runtime } = watched()
    const headers = await forge.headers({ sub: "ada", access: { claims: { exp: 1_800_000_060 } } })
    const asked = { method: "GET", target: "/", headers, upgrade: true }
    runtime.decide({}, asked, runtime.route(), (decision) => {
      if (decision._tag === "Admit") runtime.closeOnExpiry(decision, { destroyed: false, destroy: () => undefined, once: () => undefined })
    })
    await vi.advanceTimersByTimeAsync(60_000)
    const closed = { _tag: "ConnectionClosed", atMillis: 1_800_000_060_000, framework: "test", sub: "ada", reason: "expired" }
    expect(events).toMatchObject([{ _tag: "Admitted" }, closed])
  })
})

describe("the audit log", () => {
  const audited = (options: AdapterOptions = {}) => {
    const lines: Array<string> = []
    const log = auditLog({ write: (line) => lines.push(line) })
    const { runtime, decide } = watched({ observe: undefined, auditLog: log, ...options })
    const read = async () => {
      await log.drained()
      return lines.map((line) => JSON.parse(line))
    }
    return { runtime, decide, read }
  }
  const policy = Policy.fromLists({ allowedGroups: ["staff"], allowedUsers: ["bob@secret.example"] })

  it("has every refusal, with the rule that refused, and admissions on routes that ask for it alone", async () => {
    const { runtime, decide, read } = audited({ policy })
    const staff = await forge.headers({ sub: "ada", groups: ["staff"], email: "ada@secret.example" })
    await decide({})
    await decide(await forge.headers({ sub: "eve", groups: ["guests"] }))
    await decide(staff)
    await decide(staff, { route: runtime.route({ name: "reports", audit: true, require: { groups: ["staff"] } }) })
    await decide({}, { route: runtime.route({ audit: true, bypass: ["/"] }) })
    const lines = await read()
    expect(lines).toMatchObject([
      { event: "Refused", error: "HeaderMissing" },
      { event: "Refused", error: "NotAuthorised", sub: "eve", rule: expect.stringContaining("staff") },
      { event: "Admitted", sub: "ada", route: "reports", rule: expect.stringMatching(/staff.*; and .*staff/) }
    ])
    expect(JSON.stringify(lines)).not.toContain("secret.example")
  })

  it("has the request's id as the load balancer or a tracer gave it, if it looks like one", async () => {
    const { decide, read } = audited()
    const root = "Root=1-67891233-abcdef012345678912345678"
    const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await decide({ "x-amzn-trace-id": root, traceparent: parent })
    await decide({ traceparent: parent })
    const more = `Self=1-67891234-12456789abcdef012345678;${root};Sampled=1`
    await decide({ "x-amzn-trace-id": more })
    const token = (await forge.headers())["x-amzn-oidc-accesstoken"] ?? ""
    const strange = ["a b", `Root=${"x".repeat(257)}`, "ada@secret.example", "", token, "Root=1-67891233\n{}"]
    for (const id of strange) await decide({ "x-amzn-trace-id": id, traceparent: id })
    expect((await read()).map(({ requestId }) => requestId)).toEqual([root, parent, more, ...strange.map(() => undefined)])
  })

  it("has a policy's changes, and who signed out of another origin", async () => {
    const document = PolicySource.document({ name: "secret app", read: async () => '{"allowed_groups": ["staff"]}' })
    const { runtime, read } = audited({ policy: document })
    await runtime.reload()
    const signOut = runtime.signOut({ cognitoDomain: "https://pool.example.com", logoutUri: "https://app.example/bye" })
    signOut({ method: "POST", target: "/sign-out", headers: { "sec-fetch-site": "cross-site" } })
    expect(await read()).toMatchObject([{ event: "PolicyLoaded" }, { event: "Refused", error: "CrossOriginRefused", status: 403 }])
  })
})

describe("what no event holds", () => {
  it("∀ user and attack: a token, an e-mail, a name or a group; and the sub nowhere but in sub", async () => {
    await fc.assert(
      fc.asyncProperty(anyUser(), async (given) => {
        const user = { ...given, sub: "SECRET-sub", email: "ada@secret.example", name: "SECRET name", groups: ["SECRET-group"] }
        const { events, decide } = watched({ policy: Policy.fromLists({ allowedGroups: ["staff"], allowedUsers: ["bob@secret.example"] }) })
        const headers = await forge.headers(user)
        for (const sent of [
          headers,
          {},
          ...Object.keys(headers).map((name) => ({ ...headers, [name]: `${headers[name as keyof typeof headers]}x` }))
        ]) {
          await decide(sent, { target: "/SECRET?q=SECRET" })
        }
        const told = JSON.stringify(events.map((event) => ({ ...event, sub: undefined })))
        expect(told).not.toMatch(/secret/i)
        for (const value of Object.values(headers)) expect(told).not.toContain(String(value).slice(-20))
      }),
      { numRuns: runs(20) }
    )
  })
})
