/** A service's token: what its verifier refuses, and that its cache changes nothing of that. */
import { CognitoAuth, type VerificationKey } from "@cognito-auth/core"
import { bearerTokenOf } from "@cognito-auth/core/Authorization"
import { makeCachedBearerVerifier } from "@cognito-auth/core/CachedBearerVerifier"
import type { Expected } from "@cognito-auth/core/Expected"
import { type BearerVerifier, makeBearerVerifier } from "@cognito-auth/core/VerifyBearer"
import { bearerAttacks, type ForgedHeaders, type ServiceForgery } from "@cognito-auth/testing"
import { changedToken } from "@cognito-auth/testing/arbitraries"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import type { JsonObject } from "../../src/token/JsonObject.ts"
import { ignoring, verifying } from "../oidcForges.ts"
import { failureOf, successOf, tagOf } from "../outcome.ts"

const now = 1_800_000_000_000
const forge = await sharedForge({ now: () => now })
const stranger = await unrelatedForge({ now: () => now })
const { settings } = CognitoAuth.make(forge.settings().options)
const { tokenCache: bounds } = settings
const source = `${forge.issuer}/.well-known/jwks.json`
const published = forge.keySource()

/** The key that signs the forge's tokens, and another under the same kid. */
const { kid } = forge.keys.cognito.current
const genuine = published.peek({ source, kid }, now) ?? expect.unreachable("the forge's key is not published")
const another: VerificationKey = { kid, algorithm: "RS256", key: stranger.keys.cognito.current.publicKey }

const tokenIn = ({ authorization = "" }: ForgedHeaders): string => bearerTokenOf(authorization) ?? expect.unreachable("no bearer token")
const forged = async (service: ServiceForgery = {}): Promise<string> => tokenIn(await forge.bearer(service))
const seconds = (millis: number): number => millis / 1000

/** As the pipeline does: its key is looked up between the two steps, which may take a while. */
const verify = <A>(verifier: BearerVerifier<A>, token: string, at = now, later = at) =>
  Result.flatMap(verifier(token, at), (read) => read.verify(published.peek(read.key, at), later))

/** Another object each time that it is called. */
const claimsOf = (claims: JsonObject) => ({ ...claims })
const startCached = (expected: Expected = settings) => makeCachedBearerVerifier(expected, bounds, claimsOf)
const startPlain = (expected: Expected = settings) => makeBearerVerifier(expected, claimsOf)

describe.each([
  ["with a cache", startCached],
  ["without a cache", startPlain]
])("a service's token, %s", (_, start) => {
  it("is its claims, verified by the key that its kid and the pool name", async () => {
    const verifier = start()
    const token = await forged({ scopes: ["orders/read"] })
    for (let times = 0; times < 3; times++) {
      const read = successOf(verifier(token, now))
      expect(read.key).toEqual({ source, kid })
      expect(successOf(read.verify(genuine, now))).toMatchObject({ client_id: "2service4client6id8example0", scope: "orders/read" })
    }
  })

  // Those on the header's other forms: request/Authorization.test.ts.
  const attacks = Object.values(bearerAttacks).filter(({ error }) => error !== "HeaderInvalid")
  it.each(attacks)("is refused: $title: $error", async ({ error, headers }) => {
    const verifier = start()
    // What is cached of a genuine one must not help.
    expect(tagOf(verify(verifier, await forged()))).toBe("ok")
    const attack = tokenIn(await headers(forge, { email: "ada@example.com", groups: ["staff"] }))
    for (let times = 0; times < 2; times++) {
      expect(failureOf(verify(verifier, attack))).toMatchObject({ _tag: error, header: "authorization" })
    }
  })

  it("∀ changes of one character: is refused", async () => {
    const verifier = start()
    const token = await forged()
    expect(tagOf(verify(verifier, token))).toBe("ok")
    const errors = ["TokenMalformed", "AlgorithmRefused", "KeyUnknown", "SignatureInvalid", "IssuerRefused", "TokenExpired"]
    fc.assert(
      fc.property(changedToken(token), (changed) => {
        expect(errors).toContain(tagOf(verify(verifier, changed)))
      }),
      { numRuns: runs(300) }
    )
  })

  it.each([
    [{ header: { alg: "none" } }, "AlgorithmRefused", "alg"],
    [{ header: { kid: "" } }, "TokenMalformed", "kid"],
    [{ claims: "[]" }, "TokenMalformed", "payload"],
    [{ claims: { iss: "https://other.example" } }, "IssuerRefused", "iss"],
    [{ claims: { exp: 1 } }, "TokenExpired", "exp"]
  ])("is refused before its key is asked for where that is enough: %j: %s", async (token, error, check) => {
    expect(failureOf(start()(await forged({ token }), now))).toMatchObject({ _tag: error, header: "authorization", check })
  })

  it("is judged by its signature before its claims are: a forged claim does not choose the error", async () => {
    const token = await forged({ token: { signWith: stranger.keys.cognito.current, claims: { token_use: "id" } } })
    expect(failureOf(verify(start(), token))).toMatchObject({ _tag: "SignatureInvalid", header: "authorization", check: "signature" })
  })

  it("is refused where its endpoint has no such key, and by another key under the same kid", async () => {
    const verifier = start()
    const token = await forged()
    for (let times = 0; times < 2; times++) {
      // The second time, it is cached.
      expect(failureOf(successOf(verifier(token, now)).verify(undefined, now))).toMatchObject({ _tag: "KeyUnknown", check: "kid" })
      expect(tagOf(successOf(verifier(token, now)).verify(another, now))).toBe("SignatureInvalid")
      expect(tagOf(successOf(verifier(token, now)).verify(genuine, now))).toBe("ok")
    }
  })

  it("is refused once it has expired, and before its nbf: when it came, and after the wait for its key", async () => {
    const verifier = start()
    const token = await forged({ token: { claims: { nbf: seconds(now), exp: seconds(now + 60_000) } } })
    for (let times = 0; times < 2; times++) {
      // The second time, it is cached.
      expect(tagOf(verifier(token, now + 65_000))).toBe("TokenExpired")
      expect(tagOf(verify(verifier, token, now, now + 65_000))).toBe("TokenExpired")
      expect(tagOf(verify(verifier, token, now, now + 64_999))).toBe("ok")
      // The clock was set back meanwhile.
      expect(tagOf(verify(verifier, token, now, now - 5_001))).toBe("TokenNotYetValid")
      expect(tagOf(verify(verifier, token, now, now - 5_000))).toBe("ok")
    }
  })

  it("is none of another provider's: not even one that its own keys signed", async () => {
    for (const other of [await verifying({ now: () => now }), await ignoring({ now: () => now })]) {
      const verifier = start(CognitoAuth.make(other.settings().options).settings)
      const failure = failureOf(verifier(tokenIn(await other.bearer()), now))
      expect(failure).toMatchObject({ _tag: "IssuerRefused", header: "authorization", check: "iss", expected: "a Cognito user pool" })
      expect(failure.message).toContain("leave services out")
    }
  })
})

describe("the cache of services' tokens", () => {
  it("has what was made of a token's claims: the same object, while key and clock admit it", async () => {
    const verifier = startCached()
    const [one, two] = [await forged(), await forged()]
    const first = successOf(verify(verifier, one))
    for (const [at, later] of [[now], [now + 1], [now + 299_999], [now, now + 3_604_999]] as const) {
      expect(successOf(verify(verifier, one, at, later))).toBe(first)
    }
    expect(successOf(verify(verifier, two))).not.toBe(first)
    expect(successOf(verify(verifier, one))).toBe(first)
    // Five minutes later, it is verified again.
    const again = successOf(verify(verifier, one, now + 300_000))
    expect(again).not.toBe(first)
    expect(again).toEqual(first)
  })

  it("verifies a token again where its key is another object", async () => {
    const verifier = startCached()
    const token = await forged()
    const first = successOf(verify(verifier, token))
    const refetched = { ...genuine }
    const second = successOf(successOf(verifier(token, now)).verify(refetched, now))
    expect(second).not.toBe(first)
    expect(successOf(successOf(verifier(token, now)).verify(refetched, now))).toBe(second)
  })

  it("is as large as its bounds", async () => {
    const verifier = makeCachedBearerVerifier(settings, { ...bounds, maxEntries: 1 }, claimsOf)
    const [one, two] = [await forged(), await forged()]
    const first = successOf(verify(verifier, one))
    const second = successOf(verify(verifier, two))
    expect(successOf(verify(verifier, two))).toBe(second)
    expect(successOf(verify(verifier, one))).not.toBe(first)
  })

  it("has no token that was refused, and reads no JOSE header again that a verified token had", async () => {
    const verifier = startCached()
    const parse = vi.spyOn(JSON, "parse")
    const parsesOf = (token: string, error = "ok"): number => {
      parse.mockClear()
      expect(tagOf(verify(verifier, token))).toBe(error)
      return parse.mock.calls.length
    }
    const token = (filler: string, signWith = forge.keys.cognito.current) => forged({ token: { header: { filler }, signWith } })
    const [one, two, other] = [await token("a"), await token("a"), await token("a", stranger.keys.cognito.current)]
    // The header and the payload.
    for (let times = 0; times < 2; times++) expect(parsesOf(other, "SignatureInvalid")).toBe(2)
    expect(parsesOf(one)).toBe(2)
    expect(parsesOf(one)).toBe(0)
    expect(parsesOf(two)).toBe(1)
    expect(parsesOf(other, "SignatureInvalid")).toBe(1)
  })

  it("∀ tokens, times, keys and waits for them: the outcome is the one without the cache", async () => {
    const tokens = await Promise.all([
      forged(),
      forged({ token: { claims: { exp: seconds(now + 60_000) } } }),
      forged({ token: { claims: { nbf: seconds(now + 30_000) } } }),
      forged({ clientId: "another" }),
      forged({ token: { claims: { username: "ada" } } }),
      forged({ token: { signWith: stranger.keys.cognito.current } })
    ])
    const keys = { genuine, "fetched again": { ...genuine }, another, none: undefined }
    const wait = fc.constantFrom(0, 0, 1, 5_000, 24_999, 25_000, 59_999, 60_000, 65_000, 299_999, 300_000, -1, -30_000)
    const step = fc.record({
      token: fc.constantFrom(...tokens),
      waits: wait,
      waitsForKey: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: wait }),
      key: fc.oneof(
        { weight: 3, arbitrary: fc.constant("genuine" as const) },
        fc.constantFrom(...(Object.keys(keys) as ReadonlyArray<keyof typeof keys>))
      )
    })
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
        const [cached, plain] = [startCached(), startPlain()]
        let at = now
        for (const { token, waits, waitsForKey, key } of steps) {
          at += waits
          const outcome = (verifier: typeof cached) =>
            Result.flatMap(verifier(token, at), (read) =>
              Result.map(read.verify(keys[key], at + waitsForKey), (claims) => [read.key, claims])
            )
          expect(outcome(cached)).toEqual(outcome(plain))
          seen.add(tagOf(outcome(plain)))
          at += waitsForKey
        }
      }),
      { numRuns: runs(150) }
    )
    const expected = ["ok", "TokenExpired", "TokenNotYetValid", "KeyUnknown", "SignatureInvalid", "TokenUseRefused"]
    expect(expected.filter((outcome) => !seen.has(outcome))).toEqual([])
  })
})
