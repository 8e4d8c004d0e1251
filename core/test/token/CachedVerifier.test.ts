import { CognitoAuth, KeySource } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { describe, expect, it } from "vitest"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
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

describe("pools whose keys share a kid", () => {
  it("keep their own keys: nothing that is cached of the one's tokens is taken for the other's", async () => {
    const one = await sharedForge({ now: () => now, userPoolId: "eu-west-2_One" })
    const other = await unrelatedForge({ now: () => now, userPoolId: "eu-west-2_Other" })
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

// How the bounds hold: SessionCache.test.ts.
describe("the bounds of the cache", () => {
  it("are those of the settings: what does not fit is verified again", async () => {
    const [first = {}, second = {}] = await sessions(2)
    for (const [bounds, costs] of [
      [{}, [0, 0]],
      [{ maxEntries: 1 }, [2, 0]],
      [{ maxBytes: 4_000 }, [2, 2]]
    ] as const) {
      const { cost } = start(bounds)
      for (const headers of [first, second]) expect(cost(headers)).toBe(2)
      // The second first: what is found was there before.
      const [ofSecond, ofFirst] = [cost(second), cost(first)]
      expect([ofFirst, ofSecond]).toEqual(costs)
    }
  })
})
