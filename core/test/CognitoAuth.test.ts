import {
  authenticate,
  CognitoAuth,
  ConfigurationError,
  KeySource,
  type Options,
  Policy,
  PolicySource,
  PolicyUnavailable,
  User
} from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import type { Forge, KeyServer } from "@cognito-auth/testing"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import { afterEach, describe, expect, it, vi } from "vitest"
import { runs } from "../../testing/test/runs.ts"
import { sharedForge, unrelatedForge } from "../../testing/test/sharedForge.ts"
import { eventually } from "./describeKeyEndpoint.ts"

const forge = await sharedForge()

/** A forge that lives on the test's clock, its key server, and the service that trusts it. */
const open = (options: Partial<Options> = {}, by = forge) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const inTime = by.with({ now: () => clock.currentTimeMillisUnsafe() })
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => inTime.serve()),
      (opened) => Effect.promise(() => opened.close())
    )
    return { forge: inTime, server, auth: CognitoAuth.make({ ...server.settings().options, ...options }) }
  })

const headersOf = (forge: Forge, forgery: Parameters<Forge["headers"]>[0] = {}) => Effect.promise(() => forge.headers(forgery))
const misbehave = (server: KeyServer, ...how: Parameters<KeyServer["misbehave"]>) => Effect.promise(() => server.misbehave(...how))

/** A service whose keys are cached. */
const inMemory = (options: Partial<Options> = {}) =>
  CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), ...options })
const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect)

describe("CognitoAuth.make", () => {
  it("throws one ConfigurationError with every fault", () => {
    try {
      CognitoAuth.make({ environment: {}, albArn: "my-alb", clockTolerance: "1 days" })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
      const { faults, message } = error as ConfigurationError
      expect(faults.map(({ setting }) => setting.split(" ")[0])).toEqual(["userPoolId", "clientId", "albArn", "clockTolerance", "policy"])
      for (const { setting, problem } of faults) expect(message).toContain(`- ${setting}: ${problem}`)
      expect(message).toContain("5 faults")
    }
  })

  it("throws the same for options that are none", () => {
    const none: unknown = null
    expect(() => CognitoAuth.make(none as Options)).toThrow(ConfigurationError)
  })

  it("reads what options leave out from process.env", () => {
    vi.stubEnv("COGNITO_AUTH_CLIENT_ID", "from-process-env")
    const { clientId: _, environment: __, ...rest } = forge.settings().options
    expect([...CognitoAuth.make(rest).settings.clientIds]).toEqual(["from-process-env"])
    expect(() => CognitoAuth.make({ ...rest, environment: {} })).toThrow("clientId")
    for (const [name, value] of Object.entries(forge.settings().env)) vi.stubEnv(name, value)
    expect([...CognitoAuth.make().settings.clientIds]).toEqual([forge.clientId])
  })
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe("the layers", () => {
  it("provide the service that authenticate asks for", async () => {
    const layer = CognitoAuth.layer({ ...forge.settings().options, keySource: forge.keySource() })
    const user = await run(authenticate(await forge.headers({ email: "a@example.com" })).pipe(Effect.provide(layer)))
    expect(user.email).toBe("a@example.com")
  })

  it("come only from the environment", async () => {
    for (const [name, value] of Object.entries(forge.settings().env)) vi.stubEnv(name, value)
    const settings = await run(Effect.map(CognitoAuth, ({ settings }) => settings).pipe(Effect.provide(CognitoAuth.layerEnv)))
    expect([...settings.clientIds]).toEqual([forge.clientId])
  })

  it("fail with the ConfigurationError", async () => {
    const failure = await run(Effect.flip(Layer.build(CognitoAuth.layer({ environment: {} })).pipe(Effect.scoped)))
    expect(failure).toBeInstanceOf(ConfigurationError)
    expect(await run(Effect.flip(Layer.build(CognitoAuth.layerEnv).pipe(Effect.scoped)))).toBeInstanceOf(ConfigurationError)
  })

  itEffect("fetch the pools' keys ahead, unless they are told not to", () =>
    Effect.gen(function* () {
      const { server } = yield* open()
      yield* Layer.build(CognitoAuth.layer({ ...server.settings().options, keys: { preload: false } }))
      yield* Layer.build(CognitoAuth.layer(server.settings().options))
      yield* eventually(() => expect(server.requests.count()).toBe(1))
      expect(server.requests.count("cognito")).toBe(1)
    })
  )

  itEffect("fetch none in dev mode, which may have no endpoint to fetch from", () =>
    Effect.gen(function* () {
      const { server } = yield* open()
      const quiet = Logger.layer([])
      const options = { ...server.settings().options, environment: {} }
      yield* Effect.provide(Layer.build(CognitoAuth.layer({ ...options, devMode: true })), quiet)
      // Whatever it would fetch, it would have begun before this one.
      yield* Layer.build(CognitoAuth.layer(options))
      yield* eventually(() => expect(server.requests.count()).toBeGreaterThan(0))
      expect(server.requests.count()).toBe(1)
    })
  )

  itEffect("start although the key endpoint is down", () =>
    Effect.gen(function* () {
      const { forge, server } = yield* open()
      yield* misbehave(server, "500")
      const context = yield* Layer.build(CognitoAuth.layer(server.settings().options))
      yield* eventually(() => expect(server.requests.count()).toBe(1))
      // What is still under way has failed, too, before the endpoint is up again.
      expect(
        yield* Effect.flip(
          Effect.provide(
            Effect.flatMap(CognitoAuth, ({ preload }) => preload),
            context
          )
        )
      ).toMatchObject({
        _tag: "KeySourceUnavailable"
      })
      yield* Effect.promise(() => server.behave())
      expect((yield* Effect.provide(authenticate(yield* headersOf(forge)), context)).isAuthenticated).toBe(true)
    })
  )
})

describe("keys, through the whole pipeline", () => {
  itEffect("are fetched once each for a thousand first requests at once", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open()
      const headers = yield* headersOf(forge, { sub: "sub-1" })
      const users = yield* Effect.all(
        Array.from({ length: 1_000 }, () => auth.authenticate(headers)),
        { concurrency: "unbounded" }
      )
      expect(users.every(({ sub }) => sub === "sub-1")).toBe(true)
      expect([server.requests.count("alb"), server.requests.count("cognito")]).toEqual([1, 1])
    })
  )

  itEffect("of a thousand forged kids cause a handful of fetches, and the good ones are still there", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open()
      const good = yield* headersOf(forge)
      yield* auth.authenticate(good)
      for (const token of ["alb", "access"] as const) {
        server.requests.clear()
        // The pool's signature comes last of all that is checked: no need to make a thousand of them.
        const junk = { signWith: () => new Uint8Array(256) }
        const forged = yield* Effect.promise(() =>
          Promise.all(
            Array.from({ length: runs(1_000) }, () => {
              const header = { kid: crypto.randomUUID() }
              return forge.headers(token === "alb" ? { alb: { header }, access: junk } : { access: { ...junk, header } })
            })
          )
        )
        const errors = yield* Effect.all(
          forged.map((headers) => Effect.flip(auth.authenticate(headers))),
          { concurrency: 100 }
        )
        expect(new Set(errors.map(({ _tag }) => _tag))).toEqual(new Set(["KeyUnknown"]))
        expect(server.requests.count()).toBeLessThanOrEqual(10)
        server.requests.clear()
        expect((yield* auth.authenticate(good)).isAuthenticated).toBe(true)
        expect(server.requests.count()).toBe(0)
      }
    })
  )

  itEffect("go on working while their host is down, then it is an outage, and it mends itself", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open({ keys: { maxAge: "1 hour", staleIfError: "1 hour" } })
      yield* auth.authenticate(yield* headersOf(forge))
      yield* misbehave(server, "down")
      for (const _ of Array.from({ length: 4 })) {
        yield* TestClock.adjust("29 minutes")
        expect((yield* auth.authenticate(yield* headersOf(forge))).isAuthenticated).toBe(true)
      }
      yield* TestClock.adjust("5 minutes")
      const headers = yield* headersOf(forge)
      expect(yield* Effect.flip(auth.authenticate(headers))).toMatchObject({ _tag: "KeySourceUnavailable", retryAfterSeconds: 5 })
      const decision = yield* auth.decide({ method: "GET", target: "/", headers }, makeRoute({ onFailure: "redirect" }))
      expect(decision).toMatchObject({ _tag: "Refuse", status: 503, headers: { "retry-after": "5" } })
      yield* Effect.promise(() => server.behave())
      expect((yield* auth.authenticate(headers)).isAuthenticated).toBe(true)
    })
  )

  itEffect("that are unknown are refused, whatever state the other endpoint is in", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open()
      const unknownAlb = { alb: { header: { kid: crypto.randomUUID() } } }
      const unknownPool = { access: { header: { kid: "unknown" } } }
      yield* misbehave(server, "500", { only: "cognito" })
      expect(yield* Effect.flip(auth.authenticate(yield* headersOf(forge, unknownAlb)))).toMatchObject({
        _tag: "KeyUnknown",
        header: "x-amzn-oidc-data"
      })
      expect(yield* Effect.flip(auth.authenticate(yield* headersOf(forge)))).toMatchObject({
        _tag: "KeySourceUnavailable",
        source: server.jwksUrl
      })
      const other = yield* open()
      yield* misbehave(other.server, "500", { only: "alb" })
      expect(yield* Effect.flip(other.auth.authenticate(yield* headersOf(other.forge, unknownPool)))).toMatchObject({
        _tag: "KeySourceUnavailable",
        source: other.server.albKeysUrl
      })
    })
  )

  itEffect("are those of the configured endpoints, whatever the token says", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open()
      const evil = yield* open({}, yield* Effect.promise(() => unrelatedForge()))
      const { jwksUrl } = evil.server
      const headers = yield* headersOf(forge, {
        alb: { header: { jku: jwksUrl, x5u: jwksUrl, jwk: {} }, signWith: evil.forge.keys.alb.current },
        access: { header: { jku: jwksUrl, jwk: {} }, signWith: evil.forge.keys.cognito.current }
      })
      expect(yield* Effect.flip(auth.authenticate(headers))).toMatchObject({ _tag: "SignatureInvalid" })
      expect(evil.server.requests.count()).toBe(0)
      expect(server.requests.count()).toBe(2)
    })
  )

  itEffect("are checked against the clock again when they have arrived", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open({ keys: { timeout: "30 seconds" } })
      yield* misbehave(server, "slow", { delay: "200 millis" })
      const headers = yield* headersOf(forge)
      yield* TestClock.adjust("124 seconds")
      const waiting = yield* Effect.forkChild(Effect.flip(auth.authenticate(headers)))
      yield* eventually(() => expect(server.requests.count()).toBe(2))
      yield* TestClock.adjust("1 seconds")
      expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "TokenExpired" })
    })
  )

  itEffect("can be fetched ahead; where that fails, it says so", () =>
    Effect.gen(function* () {
      const { forge, server, auth } = yield* open()
      yield* misbehave(server, "500")
      expect(yield* Effect.flip(auth.preload)).toMatchObject({ _tag: "KeySourceUnavailable" })
      yield* Effect.promise(() => server.behave())
      yield* auth.preload
      yield* auth.authenticate(yield* headersOf(forge))
      expect(server.requests.count("cognito")).toBe(2)
    })
  )

  itEffect("that are given need no network", () =>
    Effect.gen(function* () {
      const { forge, server } = yield* open()
      const auth = CognitoAuth.make({ ...server.settings().options, keys: forge.givenKeys() })
      const decision = auth.decideNow({ method: "GET", target: "/", headers: yield* headersOf(forge) }, makeRoute(), 0)
      expect(decision).toMatchObject({ _tag: "Admit" })
      expect(server.requests.count()).toBe(0)
    })
  )
})

describe("a third-party key source", () => {
  const broken = (members: Partial<KeySource["Service"]>) => inMemory({ keySource: { ...forge.keySource(), ...members } })
  const boom = () => {
    throw new Error("boom")
  }

  it("that throws is an outage, and lets nobody in", async () => {
    const headers = await forge.headers()
    for (const find of [boom, () => Effect.die("boom"), () => Effect.sync(boom)]) {
      const auth = broken({ peek: () => undefined, find })
      expect(await run(Effect.flip(auth.authenticate(headers)))).toMatchObject({
        _tag: "KeySourceUnavailable",
        reason: "the key source failed"
      })
    }
    expect((await run(broken({ peek: boom }).authenticate(headers))).isAuthenticated).toBe(true)
  })

  it("that gives another's key, or one for another algorithm, does not verify", async () => {
    const headers = await forge.headers()
    const { publicKey, kid } = forge.keys.cognito.current
    const auth = broken({ peek: () => ({ kid, algorithm: "RS256", key: publicKey }) })
    expect(await run(Effect.flip(auth.authenticate(headers)))).toMatchObject({ _tag: "SignatureInvalid", header: "x-amzn-oidc-data" })
  })

  it("in memory knows its own keys, by source and kid", async () => {
    const { kid, publicKey } = forge.keys.alb.current
    const key = { kid, algorithm: "ES256", key: publicKey } as const
    const source = await run(KeySource.pipe(Effect.provide(KeySource.layerMemory([{ source: "https://keys.example", kid, key }]))))
    expect(source.peek({ source: "https://keys.example", kid }, 0)).toBe(key)
    expect(await run(source.find({ source: "https://keys.example", kid }))).toBe(key)
    expect(source.peek({ source: "https://other.example", kid }, 0)).toBeUndefined()
    expect(await run(source.find({ source: "https://keys.example", kid: "other" }))).toBeUndefined()
    await run(source.preload)
  })
})

describe("the policy, through the whole pipeline", () => {
  it("decides who is in, and who is an administrator", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"], adminUsers: ["boss@example.com"] })
    const auth = inMemory({ policy, platformAdminGroups: ["platform-admins"] })
    const ask = async (user: object) => run(Effect.result(auth.authenticate(await forge.headers(user))))
    expect(await ask({ groups: ["staff"] })).toMatchObject({ _tag: "Success", success: { isAdmin: false } })
    expect(await ask({ email: "boss@example.com" })).toMatchObject({ _tag: "Success", success: { isAppAdmin: true } })
    expect(await ask({ groups: ["platform-admins"] })).toMatchObject({
      _tag: "Success",
      success: { isPlatformAdmin: true, isAppAdmin: false }
    })
    expect(await ask({ groups: ["other"] })).toMatchObject({
      _tag: "Failure",
      failure: { _tag: "NotAuthorised", required: "a member of staff" }
    })
  })

  it("takes platform administrators from the settings", async () => {
    const auth = inMemory({ policy: Policy.fromLists({ allowedGroups: [] }), environment: { COGNITO_AUTH_PLATFORM_ADMIN_GROUPS: "root" } })
    expect((await run(auth.authenticate(await forge.headers({ groups: ["root"] })))).isAdmin).toBe(true)
    expect(await run(Effect.flip(auth.authenticate(await forge.headers({ groups: ["platform-admins"] }))))).toMatchObject({
      _tag: "NotAuthorised"
    })
  })

  it("that asks somewhere else is waited for, and is an outage where it fails, throws, or gives no boolean", async () => {
    const withRule = (admits: unknown) => inMemory({ policy: Policy.rule("somebody", admits as Policy.Rule["admits"]) })
    const headers = await forge.headers()
    const ask = (admits: unknown) => run(Effect.result(withRule(admits).authenticate(headers)))
    for (const yes of [() => true, () => Effect.succeed(true), () => Effect.delay(Effect.succeed(true), "1 millis")]) {
      expect(await ask(yes)).toMatchObject({ _tag: "Success" })
    }
    for (const no of [() => false, () => Effect.succeed(false)]) {
      expect(await ask(no)).toMatchObject({ failure: { _tag: "NotAuthorised", required: "somebody" } })
    }
    const boom = () => {
      throw new Error("SECRET")
    }
    for (const broken of [
      boom,
      () => Effect.fail("SECRET"),
      () => Effect.die("SECRET"),
      () => Effect.sync(boom),
      () => 1,
      () => "true",
      async () => true,
      () => Effect.succeed(1),
      () => undefined
    ]) {
      const outcome = await ask(broken)
      expect(outcome).toMatchObject({ failure: { _tag: "PolicyUnavailable", retryAfterSeconds: 5 } })
      expect(JSON.stringify(outcome)).not.toContain("SECRET")
    }
  })

  it("from a third party admits only with true", async () => {
    const headers = await forge.headers()
    const withVerdict = (verdict: unknown) => {
      const policy = { ...Policy.anyUser, describe: "somebody", evaluate: () => verdict as Policy.Verdict }
      return run(Effect.result(inMemory({ policy }).authenticate(headers)))
    }
    expect(await withVerdict({ allowed: true, isAppAdmin: false })).toMatchObject({ _tag: "Success" })
    for (const verdict of [{ allowed: 1 }, { allowed: "true" }, { allowed: {} }, {}, { allowed: undefined }, "yes", 1]) {
      expect(await withVerdict(verdict)).toMatchObject({ failure: { _tag: "NotAuthorised", required: "somebody" } })
    }
    for (const verdict of [undefined, null]) expect(await withVerdict(verdict)).toMatchObject({ failure: { _tag: "PolicyUnavailable" } })
  })

  itEffect("that asks somewhere else has five seconds", () =>
    Effect.gen(function* () {
      const auth = inMemory({ policy: Policy.rule("somebody", () => Effect.never) })
      const inTime = forge.with({ now: () => 0 })
      const waiting = yield* Effect.forkChild(Effect.flip(auth.authenticate(yield* headersOf(inTime))))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "PolicyUnavailable" })
    })
  )

  it("that was never loaded lets nobody in, and one of a source that throws neither", async () => {
    const headers = await forge.headers()
    const boom = () => {
      throw new Error("boom")
    }
    const outage = new PolicyUnavailable({ reason: "none", retryAfterSeconds: 7, message: "None." })
    const memory = PolicySource.memory(Policy.anyUser)
    for (const [source, reason] of [
      [{ ...memory, peek: () => undefined, current: Effect.fail(outage) }, "none"],
      [{ ...memory, peek: () => undefined, current: Effect.die("boom") }, "its source failed"],
      [{ ...memory, peek: boom, current: Effect.sync(boom) }, "its source failed"]
    ] as const) {
      expect(await run(Effect.flip(inMemory({ policy: source }).authenticate(headers)))).toMatchObject({
        _tag: "PolicyUnavailable",
        reason
      })
    }
    expect((await run(inMemory({ policy: { ...memory, peek: boom } }).authenticate(headers))).isAuthenticated).toBe(true)
  })

  it("of a source is read again when it is asked to be", async () => {
    let reads = 0
    const source = PolicySource.document({
      name: "document",
      read: async () => {
        reads++
        return '{"allowed_groups": ["staff"]}'
      }
    })
    await run(inMemory({ policy: source }).reloadPolicy)
    expect(reads).toBe(1)
  })
})

describe("a decision", () => {
  const request = async (target: string, forgery: object = {}) => ({ method: "GET", target, headers: await forge.headers(forgery) })

  it("admits a bypassed path without looking at the headers, and no other", async () => {
    const auth = inMemory()
    const route = makeRoute({ bypass: ["/health"] })
    expect(await run(auth.decide({ method: "GET", target: "/health?x", headers: {} }, route))).toEqual({
      _tag: "Admit",
      user: undefined,
      headers: {},
      closeOnExpiry: false
    })
    expect(await run(auth.decide({ method: "GET", target: "/healthy", headers: {} }, route))).toMatchObject({ _tag: "Refuse", status: 401 })
    // What a router makes of the target counts beside it.
    expect(await run(auth.decide({ method: "GET", target: "/health", routedTarget: "/admin", headers: {} }, route))).toMatchObject({
      status: 401
    })
  })

  it("asks for what the route requires, of a new user and of one who is verified already", async () => {
    const auth = inMemory()
    const route = makeRoute({ require: { groups: ["admins"] } })
    const asAdmin = await request("/admin", { groups: ["admins"] })
    const asStaff = await request("/admin", { groups: ["staff"] })
    const admitted = await run(auth.decide(asAdmin, route))
    expect(admitted).toMatchObject({ _tag: "Admit" })
    expect(await run(auth.decide(asStaff, route))).toMatchObject({ _tag: "Refuse", status: 403, error: { required: "a member of admins" } })
    const user = await run(auth.authenticate(asStaff.headers))
    expect(auth.decideFor(user, asStaff, route)).toMatchObject({ _tag: "Refuse", status: 403 })
    expect(auth.decideFor(user, asStaff, makeRoute())).toMatchObject({ _tag: "Admit", user })
    expect(auth.decideFor(User.anonymous, asStaff, route)).toMatchObject({ status: 403 })
  })

  it("closes upgrades on expiry, and requests where the route says so", async () => {
    const auth = inMemory()
    const headers = await forge.headers()
    const closes = async (upgrade: boolean, closeOnExpiry?: boolean) => {
      const decision = await run(auth.decide({ method: "GET", target: "/", headers, upgrade }, makeRoute({ closeOnExpiry })))
      return decision._tag === "Admit" && decision.closeOnExpiry
    }
    expect([await closes(true), await closes(false), await closes(false, true), await closes(true, false)]).toEqual([
      true,
      false,
      true,
      false
    ])
  })

  it("redirects a page load to the configured place", async () => {
    const auth = inMemory({ redirectUrl: "/signed-out" })
    const decision = await run(auth.decide({ method: "GET", target: "/", headers: { accept: "text/html" } }, makeRoute()))
    expect(decision).toMatchObject({ _tag: "Redirect", headers: { location: "/signed-out" } })
  })
})

describe("a cross-origin request", () => {
  const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example", host: "app.example" }
  const ask = (auth: CognitoAuth["Service"], request: object, route = makeRoute()) =>
    run(auth.decide({ method: "POST", target: "/orders", headers, ...request }, route))

  it("is refused before its tokens, the keys and the policy: with none of them, and in an outage", async () => {
    const never = { ...forge.keySource(), peek: () => undefined, find: () => Effect.never }
    const auth = inMemory({ keySource: never })
    for (const sent of [headers, { ...headers, ...(await forge.headers()) }, { ...headers, "x-amzn-oidc-data": ["a", "b"] }]) {
      expect(await ask(auth, { headers: sent })).toMatchObject({ status: 403, error: { _tag: "CrossOriginRefused" } })
    }
  })

  it("comes after what is wrong with the target, and after the bypass", async () => {
    const auth = inMemory()
    expect(await ask(auth, { target: "/orders#x" })).toMatchObject({ status: 400, error: { _tag: "TargetInvalid" } })
    expect(await ask(auth, {}, makeRoute({ bypass: ["/orders"] }))).toMatchObject({ _tag: "Admit", user: undefined })
  })

  it("is refused in dev mode too, whose mock user any page could use otherwise", async () => {
    const auth = CognitoAuth.make({ environment: {}, devMode: true, policy: Policy.anyUser })
    expect(await ask(auth, {})).toMatchObject({ status: 403, error: { _tag: "CrossOriginRefused" } })
    expect(await ask(auth, { headers: {} })).toMatchObject({ _tag: "Admit" })
  })

  it("that is allowed, by its origin or its path, still has to be signed in and allowed", async () => {
    const auth = inMemory({ allowedOrigins: ["https://evil.example"], policy: Policy.fromLists({ allowedGroups: ["staff"] }) })
    expect(await ask(auth, {})).toMatchObject({ status: 401 })
    expect(await ask(auth, { headers: { ...headers, ...(await forge.headers()) } })).toMatchObject({ error: { _tag: "NotAuthorised" } })
    expect(await ask(auth, { headers: { ...headers, ...(await forge.headers({ groups: ["staff"] })) } })).toMatchObject({ _tag: "Admit" })
    expect(await ask(inMemory(), {}, makeRoute({ crossOrigin: { allow: ["/orders"] } }))).toMatchObject({ status: 401 })
  })

  it("is none to authenticate, which sees headers alone", async () => {
    expect((await run(inMemory().authenticate({ ...headers, ...(await forge.headers()) }))).isAuthenticated).toBe(true)
  })
})

describe("the log", () => {
  itEffect("holds no token and no personal claim, whatever goes wrong", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.make(({ message, cause }) => {
        lines.push(`${[message].flat().map(String).join(" ")} ${String(cause)}`)
      })
      const { forge, server, auth } = yield* open({ policy: Policy.fromLists({ allowedUsers: ["other@secret.example"] }) })
      const user = { sub: "secret-sub", email: "ada@secret.example", name: "Secret Name", groups: ["secret-group"] }
      const headers = yield* headersOf(forge, user)
      yield* Effect.gen(function* () {
        for (const how of ["500", "garbage", "wrong-content", "down", "wrong-key"] as const) {
          yield* misbehave(server, how)
          yield* Effect.ignore(auth.authenticate(headers))
        }
        yield* Effect.promise(() => server.behave())
        yield* Effect.ignore(auth.authenticate(headers))
      }).pipe(Effect.provide(Logger.layer([logger])))
      expect(lines.length).toBeGreaterThan(3)
      const log = lines.join("\n")
      for (const token of Object.values(headers)) expect(log).not.toContain(token.slice(-16))
      for (const secret of ["secret-sub", "ada@", "other@", "Secret Name", "secret-group"]) expect(log).not.toContain(secret)
    })
  )
})
