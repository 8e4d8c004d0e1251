import { CognitoAuth, KeySource } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { describe, expect, it } from "vitest"
import { sharedForge, strangersForge } from "../../../testing/test/sharedForge.ts"
import { forge, now, sessions, start } from "../countSignatures.ts"
import { describeVerifier } from "./describeVerifier.ts"

const route = makeRoute()

// All that holds of the verifier without the cache (Verify.test.ts).
describeVerifier(undefined)

describe("a token that was verified a moment ago", () => {
  it("is not verified again, each of the two by itself", async () => {
    const { cost } = start()
    const headers = await forge.headers({ sub: "sub-1" })
    expect([cost(headers), cost(headers), cost(headers)]).toEqual([2, 0, 0])
    const resigned = await forge.headers({ sub: "sub-1" })
    expect(cost({ ...headers, "x-amzn-oidc-data": resigned["x-amzn-oidc-data"] ?? "" })).toBe(1)
  })

  it("of several nodes of the load balancer is cached for each, and of one too many the oldest is evicted", async () => {
    const { cost } = start()
    const headers = await forge.headers({ sub: "sub-1" })
    const nodes = await Promise.all(Array.from({ length: 5 }, () => forge.headers({ sub: "sub-1" })))
    const [first = {}, ...others] = nodes.map((node) => ({ ...headers, "x-amzn-oidc-data": node["x-amzn-oidc-data"] ?? "" }))
    expect(cost(first)).toBe(2)
    for (const each of others.slice(0, 3)) expect(cost(each)).toBe(1)
    for (const each of [first, ...others.slice(0, 3)]) expect(cost(each)).toBe(0)
    for (const each of others.slice(3)) expect(cost(each)).toBe(1)
    expect(others.map((each) => cost(each))).toEqual([0, 0, 0, 0])
    expect(cost(first)).toBe(1)
  })

  it("is verified again where nothing is to be cached", async () => {
    const { cost } = start(false)
    const headers = await forge.headers()
    expect([cost(headers), cost(headers)]).toEqual([2, 2])
  })

  it("is verified again once its key is another object", async () => {
    const { cost, refetch } = start()
    const headers = await forge.headers()
    expect([cost(headers), cost(headers)]).toEqual([2, 0])
    refetch()
    expect([cost(headers), cost(headers)]).toEqual([2, 0])
  })

  it("is verified again after five minutes, and where the clock was set back", async () => {
    const { cost } = start()
    const headers = await forge.headers()
    expect(cost(headers, now + 10_000)).toBe(2)
    expect(cost(headers, now + 309_999)).toBe(0)
    expect(cost(headers, now + 310_000)).toBe(2)
    expect(cost(headers, now + 310_001)).toBe(0)
    expect(cost(headers, now + 5_000)).toBe(2)
  })

  it("that was refused is not cached", async () => {
    const { cost } = start()
    const headers = await forge.headers({ sub: "sub-1" })
    const auth = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() })
    for (let attempt = 0; attempt < 3; attempt++) {
      const wrong = { ...headers, "x-amzn-oidc-identity": "another" }
      expect(auth.decideNow({ method: "GET", target: "/", headers: wrong }, route, now)).toMatchObject({
        error: { _tag: "SubjectMismatch" }
      })
    }
    expect(cost(headers)).toBe(2)
  })
})

describe("JOSE headers of tokens that were verified", () => {
  it("are read again where they are too many, or too long, to be cached", async () => {
    const { cost } = start()
    const many = await Promise.all(Array.from({ length: 600 }, (_, index) => forge.headers({ alb: { header: { index } } })))
    const long = await forge.headers({ alb: { header: { filler: "x".repeat(2_000) } } })
    const again = await forge.headers({ alb: { header: { filler: "x".repeat(2_000) } } })
    for (const headers of [...many, long, again]) expect(cost(headers)).toBe(2)
    const [first = {}] = many
    expect(cost(first)).toBe(0)
  })
})

describe("pools whose keys share a kid", () => {
  it("keep their own keys: nothing that is cached of the one's tokens is taken for the other's", async () => {
    const one = await sharedForge({ now: () => now, userPoolId: "eu-west-2_One" })
    const other = await strangersForge({ now: () => now, userPoolId: "eu-west-2_Other" })
    const options = { ...one.settings().options, userPoolId: ["eu-west-2_One", "eu-west-2_Other"] }
    const { settings } = CognitoAuth.make(options)
    const held = [one, other].flatMap((pool) => [
      { source: settings.signers.get(one.albArn) ?? "", kid: pool.keys.alb.current.kid, key: pool.keys.alb.current },
      { source: settings.issuers.get(pool.issuer) ?? "", kid: "shared", key: { ...pool.keys.cognito.current, kid: "shared" } }
    ])
    const keySource = KeySource.memory(held.map(({ key, ...ref }) => ({ ...ref, key: { ...key, key: key.publicKey } })))
    const auth = CognitoAuth.make({ ...options, keySource })
    const requests = await Promise.all([one, other].map((pool) => pool.headers({ access: { header: { kid: "shared" } } })))
    for (const headers of [...requests, ...requests, ...requests]) {
      expect(auth.decideNow({ method: "GET", target: "/", headers }, route, now)).toMatchObject({ _tag: "Admit" })
    }
  })
})

describe("the bounds of the cache", () => {
  it("hold in entries: the oldest of those who came once makes room", async () => {
    const { cost } = start({ maxEntries: 10 })
    const all = await sessions(11)
    for (const headers of all) expect(cost(headers)).toBe(2)
    expect(all.slice(1).map((headers) => cost(headers))).toEqual(Array(10).fill(0))
    expect(cost(all[0] ?? {})).toBe(2)
  })

  it("hold in bytes", async () => {
    const [first = {}, second = {}, third = {}] = await sessions(3)
    const bytesOf = (name: string) => 2 * (first[name]?.length ?? 0) + 1_024
    const bytes = bytesOf("x-amzn-oidc-data") + bytesOf("x-amzn-oidc-accesstoken")
    // A session takes a fifth at most, so there is room for five.
    const { cost } = start({ maxBytes: bytes * 5 + 200 })
    const [oldest = {}, ...many] = await sessions(6)
    for (const headers of [oldest, ...many]) cost(headers)
    expect(many.map((headers) => cost(headers))).toEqual([0, 0, 0, 0, 0])
    expect(cost(oldest)).toBe(2)
    const small = start({ maxBytes: 4_000 })
    for (const headers of [first, second, third]) expect([small.cost(headers), small.cost(headers)]).toEqual([2, 2])
  })

  it("let those who come again stay, however many come once", async () => {
    const { cost } = start({ maxEntries: 20 })
    const [regular = {}, ...visitors] = await sessions(200)
    expect([cost(regular), cost(regular)]).toEqual([2, 0])
    for (const headers of visitors) expect(cost(headers)).toBe(2)
    expect(cost(regular)).toBe(0)
  })

  it.each([{ maxEntries: 10 }, { maxBytes: 30_000 }])("leave room for newcomers, however many come again: %j", async (bounds) => {
    const { cost } = start(bounds)
    const [newcomer = {}, ...regulars] = await sessions(21)
    for (const headers of regulars) expect([cost(headers), cost(headers)]).toEqual([2, 0])
    expect([cost(newcomer), cost(newcomer)]).toEqual([2, 0])
  })

  it("let go of those who stopped coming, before those who still come", async () => {
    const { cost } = start({ maxEntries: 10 })
    const all = await sessions(9)
    const [still = {}, stopped = {}, ...later] = all
    // Eight of them are kept for good; both of these are the oldest.
    for (const headers of [still, stopped]) expect([cost(headers), cost(headers)]).toEqual([2, 0])
    expect(cost(still)).toBe(0)
    for (const headers of later) expect([cost(headers), cost(headers)]).toEqual([2, 0])
    expect([cost(still), cost(stopped)]).toEqual([0, 2])
  })
})
