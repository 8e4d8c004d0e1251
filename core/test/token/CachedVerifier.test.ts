import { CognitoAuth, KeySource } from "@cognito-auth/core"
import type { RawTokens } from "@cognito-auth/core/Headers"
import { makeRoute } from "@cognito-auth/core/Route"
import type { Forgery, SigningKey } from "@cognito-auth/testing"
import * as Result from "effect/Result"
import { describe, expect, it, vi } from "vitest"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { makeCachedVerifier } from "../../src/token/CachedVerifier.ts"
import { forge, now, sessions, start } from "../countSignatures.ts"
import { ignoring } from "../oidcForges.ts"
import { describeVerifier } from "./describeVerifier.ts"

const route = makeRoute()

// All that holds of the verifier without the cache (Verify.test.ts).
describeVerifier(undefined)

describe("a token that was verified a moment ago", () => {
  it("is verified again where nothing is to be cached", async () => {
    const { cost } = start(false)
    const headers = await forge.headers()
    expect([cost(headers), cost(headers)]).toEqual([2, 2])
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

/** The verifier alone, with its keys loaded: which steps a request takes, or why it is refused. */
const startVerifier = async (from = forge) => {
  const taken = { signatures: 0, reads: 0, results: 0 }
  const parse = vi.spyOn(JSON, "parse")
  const { settings } = CognitoAuth.make(from.settings().options)
  const verifier = makeCachedVerifier(settings, settings.tokenCache, (claims) => {
    taken.results++
    return claims
  })
  /** A key as an object of its own, which counts the signatures that it verifies. */
  const toKey = ({ kid, algorithm, publicKey }: SigningKey) => ({
    kid,
    algorithm,
    get key() {
      taken.signatures++
      return publicKey
    }
  })
  const keys = { alb: toKey(from.keys.alb.current), cognito: toKey(from.keys.cognito.current) }
  return {
    keys,
    toKey,
    /** `at` is when the request came, `later` when it has its keys. Reads are of JSON: a JOSE header, or a payload. */
    ask: (raw: RawTokens, { at = now, later = at }: { readonly at?: number; readonly later?: number } = {}) => {
      Object.assign(taken, { signatures: 0, results: 0 })
      parse.mockClear()
      const outcome = Result.flatMap(verifier(raw, at), ({ accessKey, verify }) =>
        verify(keys.alb, accessKey === undefined ? undefined : keys.cognito, later)
      )
      return Result.isFailure(outcome) ? outcome.failure : { ...taken, reads: parse.mock.calls.length }
    }
  }
}
const nothing = { signatures: 0, reads: 0, results: 0 }
const everything = { signatures: 2, reads: 4, results: 1 }

describe("no step is repeated", () => {
  it("for two cached tokens: the same result is returned, with the plain sub and without it", async () => {
    const { ask } = await startVerifier()
    const raw = await forge.tokens({ sub: "sub-1" })
    expect([ask(raw), ask(raw), ask({ ...raw, identity: undefined })]).toEqual([everything, nothing, nothing])
    expect(ask({ ...raw, identity: "sub-2" })).toMatchObject({ _tag: "SubjectMismatch" })
  })

  it("for the access token if the load balancer signs again; nor for the token that it had signed before", async () => {
    const { ask } = await startVerifier()
    const [raw, other] = [await forge.tokens({ sub: "sub-1" }), await forge.tokens({ sub: "sub-1" })]
    const resigned = { ...raw, data: other.data }
    expect(ask(raw)).toEqual(everything)
    // The payload alone: the load balancer's JOSE header is the same.
    expect(ask(resigned)).toEqual({ signatures: 1, reads: 1, results: 1 })
    expect([ask(raw), ask(resigned), ask(raw)]).toEqual([nothing, nothing, nothing])
  })

  it("for the JOSE header of a cached access token, even if it is too long for the cache of headers", async () => {
    const { ask } = await startVerifier()
    const forgery: Forgery = { sub: "sub-1", access: { header: { filler: "x".repeat(2_000) } } }
    const [raw, other] = [await forge.tokens(forgery), await forge.tokens(forgery)]
    expect(ask(raw)).toEqual(everything)
    expect(ask({ ...raw, data: other.data })).toEqual({ signatures: 1, reads: 1, results: 1 })
  })

  it("for a JOSE header that another user's token has too", async () => {
    const { ask } = await startVerifier()
    expect(ask(await forge.tokens({ sub: "sub-1" }))).toEqual(everything)
    expect(ask(await forge.tokens({ sub: "sub-2" }))).toEqual({ signatures: 2, reads: 2, results: 1 })
  })

  it("for the load balancer's token where the access token is ignored", async () => {
    const provider = await ignoring({ now: () => now })
    const { ask } = await startVerifier(provider)
    const [raw, other] = [await provider.tokens({ sub: "sub-1" }), await provider.tokens({ sub: "sub-1" })]
    expect([ask(raw), ask(raw)]).toEqual([{ signatures: 1, reads: 2, results: 1 }, nothing])
    expect(ask({ ...raw, accessToken: undefined })).toEqual(nothing)
    expect([ask(other), ask(other), ask(raw)]).toEqual([{ signatures: 1, reads: 1, results: 1 }, nothing, nothing])
  })
})

describe("a cached token", () => {
  it.each(["alb", "cognito"] as const)(
    "is verified again once its own key is another object, the other token is not: %s",
    async (owner) => {
      const { ask, keys, toKey } = await startVerifier()
      const raw = await forge.tokens()
      expect([ask(raw), ask(raw)]).toEqual([everything, nothing])
      keys[owner] = toKey(forge.keys[owner].current)
      expect([ask(raw), ask(raw)]).toEqual([{ signatures: 1, reads: 0, results: 1 }, nothing])
      keys[owner] = toKey({ ...(await unrelatedForge()).keys[owner].current, kid: keys[owner].kid })
      const header = owner === "alb" ? "x-amzn-oidc-data" : "x-amzn-oidc-accesstoken"
      expect(ask(raw)).toMatchObject({ _tag: "SignatureInvalid", header })
    }
  )

  it("of the load balancer is verified again after five minutes, even if the access token was verified since", async () => {
    const { ask, keys, toKey } = await startVerifier()
    const raw = await forge.tokens()
    expect(ask(raw)).toEqual(everything)
    keys.cognito = toKey(forge.keys.cognito.current)
    const ages = [299_999, 299_999, 300_000, 300_000].map((millis) => ask(raw, { at: now + millis }))
    expect(ages).toMatchObject([{ signatures: 1 }, nothing, { signatures: 1 }, nothing])
  })

  const inAMinute = now / 1_000 + 60
  it.each<[string, Forgery, header: string]>([
    ["the load balancer's JOSE header", { alb: { header: { exp: inAMinute } } }, "x-amzn-oidc-data"],
    ["the load balancer's payload", { alb: { claims: { exp: inAMinute } } }, "x-amzn-oidc-data"],
    ["the access token", { access: { claims: { exp: inAMinute } } }, "x-amzn-oidc-accesstoken"]
  ])("is refused on its exp and after: that of %s", async (_, forgery, header) => {
    const { ask } = await startVerifier()
    const raw = await forge.tokens(forgery)
    expect(ask(raw)).toEqual(everything)
    // With five seconds of tolerance.
    const [last, after] = [now + 64_999, now + 65_000]
    expect([ask(raw, { at: last }), ask(raw, { later: last })]).toEqual([nothing, nothing])
    for (const times of [{ at: after }, { later: after }]) expect(ask(raw, times)).toMatchObject({ _tag: "TokenExpired", header })
  })

  it("is refused before its nbf, if the clock is set back while the request waits for a key", async () => {
    const { ask } = await startVerifier()
    const raw = await forge.tokens({ access: { claims: { nbf: now / 1_000 } } })
    expect([ask(raw), ask(raw, { later: now - 5_000 })]).toEqual([everything, nothing])
    expect(ask(raw, { later: now - 5_001 })).toMatchObject({ _tag: "TokenNotYetValid", header: "x-amzn-oidc-accesstoken" })
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
