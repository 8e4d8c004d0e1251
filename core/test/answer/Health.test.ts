import { type AdapterOptions, type Health, makeAdapterRuntime, Policy, PolicySource } from "@cognito-auth/core"
import { healthResponse, toHealth } from "@cognito-auth/core/Health"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge({ now: () => Date.now() })

const disposals: Array<() => Promise<void>> = []
afterEach(async () => {
  vi.useRealTimers()
  for (const dispose of disposals.splice(0)) await dispose()
})

const open = (options: AdapterOptions) => {
  const runtime = makeAdapterRuntime({ ...forge.settings().options, logger: false, keys: { preload: false }, ...options })
  disposals.push(runtime.dispose)
  const ask = async (headers: object = {}) =>
    new Promise((resolve) =>
      runtime.decide({}, { method: "GET", target: "/", headers: headers as Record<string, string> }, runtime.route(), resolve)
    )
  return { runtime, ask }
}
const usable = (health: Health) => [health.isReady, health.keys.map(({ isUsable }) => isUsable), health.policy?.isUsable]

describe("an app with key endpoints", () => {
  it("is ready once the pool's keys are loaded: those of the load balancer come with the first token", async () => {
    await using server = await forge.serve()
    const { runtime, ask } = open({ ...server.settings().options, keys: { preload: false } })
    const [pool, alb] = [server.jwksUrl, server.albKeysUrl]
    const none = { keys: 0, ageMillis: undefined, lastFailure: undefined }
    expect(runtime.health()).toEqual({
      isReady: false,
      keys: [
        { source: pool, of: "issuer", ...none, isUsable: false },
        { source: alb, of: "signer", ...none, isUsable: true }
      ],
      policy: undefined
    })
    expect(runtime.healthCheck()).toMatchObject({ status: 503 })
    await runtime.ready()
    expect(usable(runtime.health())).toEqual([true, [true, true], undefined])
    await ask(await forge.headers())
    expect(runtime.health().keys).toMatchObject([{ keys: 1 }, { keys: 1, ageMillis: expect.any(Number) }])
    expect(runtime.healthCheck()).toMatchObject({ status: 200 })
  })

  it("says why keys cannot be fetched, and is ready as long as stale ones may be used", async () => {
    await using server = await forge.serve()
    const { runtime, ask } = open({
      ...server.settings().options,
      keys: { preload: false, maxAge: "10 minutes", staleIfError: "1 hour" }
    })
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() })
    await ask(await forge.headers())
    await server.misbehave("500")
    vi.setSystemTime(Date.now() + 11 * 60_000)
    await ask(await forge.headers())
    await expect.poll(() => runtime.health().keys).toMatchObject([{ lastFailure: "status 500" }, { lastFailure: "status 500" }])
    expect(usable(runtime.health())).toEqual([true, [true, true], undefined])
    expect(runtime.health().keys[0]?.ageMillis).toBeGreaterThanOrEqual(11 * 60_000)
    vi.setSystemTime(Date.now() + 60 * 60_000)
    // The load balancer's may be fetched again by any request.
    expect(usable(runtime.health())).toEqual([false, [false, true], undefined])
    await server.behave()
    await runtime.ready()
    await ask(await forge.headers())
    expect(usable(runtime.health())).toEqual([true, [true, true], undefined])
    expect(runtime.health().keys.map(({ lastFailure }) => lastFailure)).toEqual([undefined, undefined])
  })

  it("becomes ready without a request, which none of its users can send: health checks fetch what is missing, seldom", async () => {
    await using server = await forge.serve()
    const { runtime } = open({ ...server.settings().options, keys: { preload: false } })
    await server.misbehave("500")
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() })
    for (let times = 0; times < 10; times++) expect(runtime.healthCheck()).toMatchObject({ status: 503 })
    await expect.poll(() => runtime.health().keys[0]?.lastFailure).toBe("status 500")
    const asked = server.requests.count()
    await server.behave()
    runtime.healthCheck()
    expect(server.requests.count()).toBe(asked)
    vi.setSystemTime(Date.now() + 5_000)
    await expect.poll(() => runtime.healthCheck().status).toBe(200)
  })

  it("is ready at once with configured keys, and with a source of keys that cannot tell", () => {
    const given = open({ keys: { ...forge.givenKeys(), preload: false } }).runtime.health()
    expect(given).toMatchObject({
      isReady: true,
      keys: [
        { keys: 1, isUsable: true },
        { keys: 1, isUsable: true }
      ]
    })
    expect(open({ keySource: forge.keySource() }).runtime.health()).toEqual({ isReady: true, keys: [], policy: undefined })
  })
})

describe("an app whose load balancer's keys could not be fetched", () => {
  it("is ready again five seconds later, because only a request can try again", async () => {
    await using server = await forge.serve()
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() })
    const { runtime, ask } = open({ ...server.settings().options, keys: { preload: false } })
    await runtime.ready()
    await server.misbehave("500", { only: "alb" })
    await ask(await forge.headers())
    expect(runtime.healthCheck().status).toBe(503)
    await server.behave()
    vi.setSystemTime(Date.now() + 5_000)
    expect(runtime.healthCheck().status).toBe(200)
    expect(await ask(await forge.headers())).toMatchObject({ _tag: "Admit" })
  })
})

describe("an app with a source whose health throws", () => {
  it("is not ready, and its health check does not throw", () => {
    const broken = () => {
      throw new Error("SECRET")
    }
    const keySource = Object.assign(forge.keySource(), { health: broken })
    const health = open({ keySource }).runtime.health()
    expect(health).toMatchObject({ isReady: false, keys: [{ source: "custom", isUsable: false }] })
    const policy = Object.assign(PolicySource.memory(Policy.anyUser), { health: broken })
    expect(open({ keySource: forge.keySource(), policy }).runtime.healthCheck()).toMatchObject({ status: 503 })
  })
})

describe("an app with a policy document", () => {
  it("is ready once it is loaded; and says why a later version was not, while the last valid one is kept", async () => {
    let text = "{"
    const policy = PolicySource.document({ name: "secret app", read: async () => text })
    const { runtime } = open({ keySource: forge.keySource(), policy })
    await runtime.reload().catch(() => undefined)
    expect(runtime.health()).toMatchObject({
      isReady: false,
      policy: { source: "secret app", isUsable: false, lastFailure: expect.stringContaining("JSON") }
    })
    expect(runtime.healthCheck()).toMatchObject({ status: 503, body: '{"status":"not ready","keys":true,"policy":false}' })
    text = '{"allowed_groups": ["staff"]}'
    await runtime.reload()
    expect(runtime.health()).toMatchObject({
      isReady: true,
      policy: { isUsable: true, lastFailure: undefined, ageMillis: expect.any(Number) }
    })
    text = "{"
    await runtime.reload().catch(() => undefined)
    expect(runtime.health()).toMatchObject({ isReady: true, policy: { isUsable: true, lastFailure: expect.stringContaining("JSON") } })
  })

  it("of a class of its own is asked on itself", async () => {
    class Own {
      readonly #policy = Policy.anyUser
      readonly reload = Effect.void
      readonly watch = Effect.void
      get current() {
        return Effect.succeed(this.#policy)
      }
      peek() {
        return this.#policy
      }
      health() {
        return { source: "own", ageMillis: this.#policy === undefined ? undefined : 1, lastFailure: undefined, isUsable: true }
      }
    }
    const { runtime, ask } = open({ keySource: forge.keySource(), policy: new Own() })
    expect(await ask(await forge.headers())).toMatchObject({ _tag: "Admit" })
    expect(runtime.health().policy).toEqual({ source: "own", ageMillis: 1, lastFailure: undefined, isUsable: true })
  })
})

describe("dev mode", () => {
  it("needs no keys to be ready", () => {
    const { runtime } = open({ environment: {}, devMode: true, policy: Policy.anyUser })
    expect(runtime.health().isReady).toBe(true)
  })
})

it("A source of keys that cannot tell has no keys to show, and is ready.", () => {
  expect(toHealth(undefined, undefined)).toEqual({ isReady: true, keys: [], policy: undefined })
})

it("One issuer and one load balancer that work are enough: the others' users alone are refused.", () => {
  const endpoint = (of: "issuer" | "signer", isUsable: boolean) => ({
    source: "x",
    of,
    keys: 1,
    ageMillis: 1,
    lastFailure: undefined,
    isUsable
  })
  const isReady = (...keys: Parameters<typeof toHealth>[0] & object) => toHealth(keys, undefined).isReady
  expect(isReady(endpoint("issuer", true), endpoint("issuer", false), endpoint("signer", false), endpoint("signer", true))).toBe(true)
  expect(isReady(endpoint("issuer", false), endpoint("signer", true))).toBe(false)
  expect(isReady(endpoint("issuer", true), endpoint("issuer", true), endpoint("signer", false))).toBe(false)
})

describe("the health check's response", () => {
  const keys = { source: "https://SECRET.example", of: "issuer", keys: 1, ageMillis: 1, lastFailure: "SECRET" } as const
  it.each([
    [true, true, 200, { status: "ready", keys: true, policy: true }],
    [false, true, 503, { status: "not ready", keys: false, policy: true }],
    [true, false, 503, { status: "not ready", keys: true, policy: false }]
  ])("with keys %s and policy %s is %i, without an address or a reason", (hasKeys, hasPolicy, status, body) => {
    const policy = { source: "SECRET", ageMillis: 1, lastFailure: "SECRET", isUsable: hasPolicy }
    const answer = healthResponse(toHealth([{ ...keys, isUsable: hasKeys }], policy))
    expect([answer.status, JSON.parse(answer.body)]).toEqual([status, body])
    expect(answer.headers).toEqual({ "content-type": "application/json", "cache-control": "no-store" })
    expect(JSON.stringify(answer)).not.toContain("SECRET")
  })
})
