import { CognitoAuth, KeySource, makeAdapterRuntime, NotProtected, type Options, Policy, Provider, Service } from "@cognito-auth/core"
import type { Admit, Decision, Refuse } from "@cognito-auth/core/Decision"
import { makeRoute, type RouteOptions } from "@cognito-auth/core/Route"
import type { ForgedHeaders } from "@cognito-auth/testing"
import { headerSet } from "@cognito-auth/testing/arbitraries"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../testing/test/runs.ts"
import { sharedForge } from "../../testing/test/sharedForge.ts"

const now = 1_800_000_000_000
const forge = await sharedForge({ now: () => now })
const clientId = "2service4client6id8example0"
const policy = Policy.make(
  Policy.anyOf(
    Policy.rule("anybody", () => true),
    Policy.clients([clientId])
  )
)

const start = (options: Options = {}) => CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), policy, ...options })

interface Asked {
  readonly target?: string
  readonly at?: number
  readonly route?: RouteOptions
}

/** Decides at once where the key is cached, and else by the Effect that looks for it. */
const ask = async (
  auth: CognitoAuth["Service"],
  headers: object,
  { target = "/api/x", at = now, route = {} }: Asked = {}
): Promise<Decision> => {
  const request = { method: "GET", target, headers: headers as ForgedHeaders }
  const decision = auth.decideNow(request, makeRoute({ services: ["/api"], ...route }), at)
  return Effect.isEffect(decision) ? Effect.runPromise(decision) : decision
}

const serviceIn = (decision: Decision): Service => {
  if (decision._tag === "Admit" && decision.principal?._tag === "Service") return decision.principal
  throw new Error(`expected a service, and it was ${decision._tag === "Admit" ? "a user, or bypassed" : decision.error.message}`)
}
const whoIn = (decision: Decision): string =>
  decision._tag !== "Admit" ? `${decision._tag} ${decision.error._tag}` : (decision.principal?._tag ?? "bypassed")
const challengeOf = (decision: Decision) => (decision as Refuse).headers["www-authenticate"]

describe("a service", () => {
  it("is admitted on a path of services by its own token, without any header of a user", async () => {
    const decision = await ask(start(), await forge.bearer({ scopes: ["orders/read", "orders/write"] }))
    const service = serviceIn(decision)
    expect(service).toBeInstanceOf(Service)
    expect((decision as Admit).user).toBeUndefined()
    expect([service.clientId, service.scopes, service.issuer, service.expiresAt.getTime()]).toEqual([
      clientId,
      ["orders/read", "orders/write"],
      forge.issuer,
      now + 3_600_000
    ])
    expect([service.hasScope("orders/read"), service.hasScope("orders")]).toEqual([true, false])
    expect(Object.isFrozen(service) && Object.isFrozen(service.claims) && Object.isFrozen(service.scopes)).toBe(true)
    expect([String(service), JSON.stringify(service)]).toEqual([
      `Service(${clientId})`,
      `{"clientId":"${clientId}","scopes":["orders/read","orders/write"]}`
    ])
  })

  it("is nobody elsewhere: on a near miss of a path, and on paths of bypass", async () => {
    const headers = await forge.bearer()
    for (const target of ["/", "/apis", "/API/x", "/%61pi", "//api", "/api/../x", "/api//x", "/api;x", "http://host/api"]) {
      expect(whoIn(await ask(start(), headers, { target }))).toBe("Refuse HeaderMissing")
      // What is not looked at makes no difference to a user.
      expect(whoIn(await ask(start(), { ...headers, ...(await forge.headers()) }, { target }))).toBe("User")
    }
    expect(whoIn(await ask(start(), headers, { route: { bypass: ["/api/x"] } }))).toBe("bypassed")
  })

  it("is none where a guard names no paths, nor by authenticate, which is for users", async () => {
    const headers = await forge.bearer()
    expect(whoIn(await ask(start(), headers, { route: { services: [] } }))).toBe("Refuse HeaderMissing")
    expect(await Effect.runPromise(Effect.flip(start().authenticate(headers)))).toMatchObject({ _tag: "HeaderMissing" })
  })

  it("leaves users as they are on its paths", async () => {
    const decision = await ask(start(), await forge.headers({ email: "ada@example.com" }))
    expect((decision as Admit).user).toBe((decision as Admit).principal)
    expect((decision as Admit).user?.email).toBe("ada@example.com")
    expect(whoIn(await ask(start(), {}))).toBe("Refuse HeaderMissing")
  })

  it("is refused with a status and RFC 6750's challenge, never with a page or a redirect", async () => {
    const auth = start({ redirectUrl: "https://elsewhere.example/" })
    const page = { "sec-fetch-mode": "navigate", accept: "text/html" }
    for (const onFailure of ["negotiate", "redirect"] as const) {
      const invalid = await ask(auth, { authorization: "Bearer x", ...page }, { route: { onFailure } })
      expect([invalid._tag, (invalid as Refuse).status, challengeOf(invalid)]).toEqual(["Refuse", 401, 'Bearer error="invalid_token"'])
      expect(JSON.parse((invalid as Refuse).body)).toMatchObject({ error: "TokenMalformed", header: "authorization", check: "form" })
      const another = await ask(auth, { ...(await forge.bearer({ clientId: "another" })), ...page }, { route: { onFailure } })
      expect([another._tag, (another as Refuse).status, challengeOf(another)]).toEqual(["Refuse", 403, 'Bearer error="insufficient_scope"'])
    }
  })
})

// What is refused of a token, with the cache of its verifier and without: token/BearerToken.test.ts.
describe.each([
  ["with caches", undefined],
  ["without a cache", false]
] as const)("users and services, %s", (_name, tokenCache) => {
  it("are not taken for each other: a user's token that was verified is still no service's, and a service's no user's", async () => {
    const auth = start({ tokenCache })
    const { data, accessToken } = await forge.tokens({ sub: "ada", username: undefined })
    const service = (await forge.bearer())["authorization"]?.slice(7)
    for (let times = 0; times < 3; times++) {
      expect(whoIn(await ask(auth, { "x-amzn-oidc-data": data, "x-amzn-oidc-accesstoken": accessToken }))).toBe("User")
      expect(whoIn(await ask(auth, { authorization: `Bearer ${accessToken}` }))).toBe("Refuse SubjectMismatch")
      expect(whoIn(await ask(auth, { authorization: `Bearer ${service}` }))).toBe("Service")
      expect(whoIn(await ask(auth, { "x-amzn-oidc-data": data, "x-amzn-oidc-accesstoken": service }))).toBe("Refuse ClientRefused")
    }
  })
})

describe("the key of a service's token", () => {
  it("unreachable, it is an outage", async () => {
    const down = { ...forge.keySource(), peek: () => undefined, find: () => Effect.die("down") }
    const decision = await ask(start({ keySource: KeySource.of(down) }), await forge.bearer())
    expect([whoIn(decision), (decision as Refuse).status, challengeOf(decision)]).toEqual(["Refuse KeySourceUnavailable", 503, undefined])
  })

  it("is looked up for each request: after it was withdrawn, a cached token is refused", async () => {
    let keys = forge.keySource()
    const auth = start({ keySource: KeySource.of({ ...keys, peek: (ref, at) => keys.peek(ref, at), find: (ref) => keys.find(ref) }) })
    const headers = await forge.bearer()
    expect(serviceIn(await ask(auth, headers))).toBe(serviceIn(await ask(auth, headers)))
    keys = KeySource.memory([])
    expect(whoIn(await ask(auth, headers))).toBe("Refuse KeyUnknown")
  })
})

describe("∀ requests", () => {
  it("at most one principal, which is a service only on the paths of services, with Authorization and without a user's headers", async () => {
    const auth = start()
    const { authorization = "" } = await forge.bearer()
    const user = await forge.headers({ groups: ["staff"] })
    const target = fc.oneof(
      fc.constantFrom("/api", "/api/x", "/api/", "/apis", "/API", "/%61pi", "//api", "/api/../x", "/", "/x?/api"),
      fc.array(fc.constantFrom("/", "api", "API", "..", "%2e", ";", "?", "x"), { maxLength: 6 }).map((pieces) => pieces.join(""))
    )
    const headers = fc.tuple(
      headerSet(user),
      fc.array(
        fc.tuple(
          fc.constantFrom("authorization", "Authorization", "AUTHORIZATION", "proxy-authorization"),
          fc.oneof(
            { weight: 4, arbitrary: fc.constant(authorization) },
            fc.constantFrom("", "Bearer", `bearer ${authorization.slice(7)}`, `Bearer ${user["x-amzn-oidc-accesstoken"]}`, "Basic eDp5"),
            fc.array(fc.constantFrom(authorization, ""), { maxLength: 2 }),
            fc.anything()
          )
        ),
        { maxLength: 2 }
      ),
      fc.boolean()
    )
    const seen = { User: 0, Service: 0 }
    await fc.assert(
      fc.asyncProperty(target, headers, async (target, [others, mine, isAlone]) => {
        const fields = { ...(isAlone ? {} : others), ...Object.fromEntries(mine) } as Record<string, unknown>
        const decision = await ask(auth, fields, { target })
        if (decision._tag !== "Admit") return
        const { principal } = decision
        expect(decision.user).toBe(principal?._tag === "User" ? principal : undefined)
        if (principal === undefined) throw new Error("admitted without a principal")
        seen[principal._tag]++
        if (principal._tag === "User") return
        expect(target.split("?")[0]).toMatch(/^\/api(\/(?!\.\.?(\/|$))[\w.~-]+)*\/?$/)
        const names = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : name.toLowerCase()))
        expect(names.filter((name) => name.startsWith("x-amzn-oidc-"))).toEqual([])
        expect(names).toContain("authorization")
      }),
      { numRuns: runs(3_000) }
    )
    expect(seen.User > 0 && seen.Service > 0).toBe(true)
  })
})

describe("a further guard", () => {
  const runtime = makeAdapterRuntime(
    { ...forge.settings().options, keySource: forge.keySource(), policy, logger: false },
    { takesServices: true }
  )
  const decide = (source: object, options: RouteOptions, headers: object, target = "/api/x") =>
    new Promise<Decision>((resolve) =>
      runtime.decide(source, { method: "GET", target, headers: headers as ForgedHeaders }, runtime.route(options), resolve)
    )

  it("admits a service where it names the path in services too, or requires scopes that the service has", async () => {
    const source = {}
    const headers = await forge.bearer({ scopes: ["orders/read", "orders/list"] })
    expect(whoIn(await decide(source, { services: ["/api"] }, headers))).toBe("Service")
    expect(whoIn(await decide(source, { services: ["/api/x"] }, {}))).toBe("Service")
    expect(whoIn(await decide(source, { require: { scopes: "orders/read" } }, {}))).toBe("Service")
    expect(whoIn(await decide(source, { require: { groups: ["admins"], scopes: ["orders/read", "orders/list"] } }, {}))).toBe("Service")
    expect(whoIn(await decide(source, { bypass: ["/api/x"] }, {}))).toBe("bypassed")
    expect(runtime.principalOf(source)).toMatchObject({ clientId })
    expect(() => runtime.userOf(source)).toThrow(NotProtected)
    expect(() => runtime.userOf(source)).toThrow("getPrincipal")
    expect(() => runtime.principalOf({})).toThrow(NotProtected)
    expect(JSON.parse(runtime.session(runtime.principalOf(source)).body)).toHaveProperty("expiresAt")
  })

  it.each([
    [{}, ""],
    [{ services: ["/other"] }, ""],
    [{ require: { groups: ["admins"] } }, ""],
    [{ require: { admin: true } }, ""],
    [{ require: { scopes: ["orders/write"] } }, ', scope="orders/write"'],
    [{ require: { scopes: ["orders/read", "orders/write"] } }, ', scope="orders/read orders/write"'],
    [{ require: { scopes: ["orders/rea"] } }, ', scope="orders/rea"'],
    [{ require: { scopes: ["read"] } }, ', scope="read"'],
    [{ require: { scopes: ["orders/read/all"] } }, ', scope="orders/read/all"'],
    [{ require: { scopes: ["ORDERS/READ"] } }, ', scope="ORDERS/READ"']
  ] as const)("refuses a service with %j, and says what was missing", async (options, scope) => {
    const source = {}
    await decide(source, { services: ["/api"] }, await forge.bearer())
    const decision = await decide(source, options, {})
    expect([whoIn(decision), (decision as Refuse).status]).toEqual(["Refuse NotAuthorised", 403])
    expect(challengeOf(decision)).toBe(`Bearer error="insufficient_scope"${scope}`)
  })

  it("does not look at Authorization for scopes alone", async () => {
    expect(whoIn(await decide({}, { require: { scopes: ["orders/read"] } }, await forge.bearer()))).toBe("Refuse HeaderMissing")
  })

  it("that requires scopes refuses users without RFC 6750's challenge, and lets administrators in", async () => {
    const decision = await decide({}, { require: { scopes: ["openid"] } }, await forge.headers())
    expect([whoIn(decision), challengeOf(decision)]).toEqual(["Refuse NotAuthorised", undefined])
    const admins = makeAdapterRuntime({ ...forge.settings().options, keySource: forge.keySource(), policy, platformAdminGroups: ["root"] })
    const request = { method: "GET", target: "/", headers: await forge.headers({ groups: ["root"] }) }
    const admitted = await new Promise<Decision>((resolve) =>
      admins.decide({}, request, admins.route({ require: { scopes: ["x"] } }), resolve)
    )
    expect(whoIn(admitted)).toBe("User")
  })
})

describe("services in a guard's options", () => {
  const faultsOf = (make: () => unknown): string => {
    try {
      make()
    } catch (error) {
      return (error as Error).message
    }
    return ""
  }
  it("are a fault with another provider than Cognito, where the adapter cannot hand them on, and where a path is not plain", () => {
    const { albArn, policy } = forge.settings().options
    const provider = Provider.oidc({ issuer: "https://idp.example.com", clientId: "client" })
    const oidc = makeAdapterRuntime({ provider, albArn, policy, environment: {} }, { takesServices: true })
    expect(faultsOf(() => oidc.route({ services: ["/api"] }))).toContain("services: needs a Cognito user pool")
    const users = makeAdapterRuntime(forge.settings().options)
    expect(faultsOf(() => users.route({ services: ["/api"] }))).toContain("services: is not offered here")
    const both = makeAdapterRuntime(forge.settings().options, { takesServices: true })
    expect(faultsOf(() => both.route({ services: ["/api/*"] }))).toContain('services: "/api/*" is not a plain path')
    expect(faultsOf(() => both.route({ services: ["/api"] }))).toBe("")
    for (const scopes of [[], [""], ["a b"], ['a"b'], "a\\b", [1], "a\nb"]) {
      expect(faultsOf(() => both.route({ require: { scopes } as never }))).toContain("require.scopes")
    }
  })
})

describe("dev mode", () => {
  it("mocks no service, and no user where a service asks", async () => {
    const auth = start({ devMode: true, environment: {} })
    expect(whoIn(await ask(auth, {}))).toBe("User")
    expect(whoIn(await ask(auth, { authorization: "Bearer x" }))).toBe("Refuse TokenMalformed")
    expect(whoIn(await ask(auth, { authorization: "Bearer x" }, { target: "/" }))).toBe("User")
  })
})
