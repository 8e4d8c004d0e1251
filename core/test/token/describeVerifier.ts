/** What holds of the verifier, with its cache and without. */
import { CognitoAuth, KeySource, type Options, type User } from "@cognito-auth/core"
import { urlsOf } from "@cognito-auth/core/configuredKeys"
import { verifiesAccessToken } from "@cognito-auth/core/Expected"
import { makeRoute } from "@cognito-auth/core/Route"
import { attacksOn, type Forge, type ForgedHeaderLists, type HeaderForgery } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"

const cognito = await sharedForge()
const otherForge = await unrelatedForge()

type Row = [what: string, forgery: HeaderForgery, error: object]

/** What the refusals of a key and of a signature say, of the token in this header. */
const unknownKey = (header: string) => ({
  _tag: "KeyUnknown",
  header,
  expected: expect.stringContaining("configured endpoint"),
  message: expect.stringMatching(`^${header} was refused: .* no key with this kid.* albKeysUrl or jwksUrl`)
})
const wrongSignature = (header: string) => ({
  _tag: "SignatureInvalid",
  header,
  expected: expect.stringContaining("the token as received"),
  message: expect.stringMatching(`^${header} was refused: its signature is wrong`)
})

/** `forge` signs users in, with a provider of any kind. */
export const describeVerifier = (tokenCache: Options["tokenCache"], forge: Forge = cognito): void => {
  const { provider } = CognitoAuth.make(forge.settings().options).settings
  const hasAccess = verifiesAccessToken(provider)

  /** Without the rows on an access token that is ignored, and on claims that only Cognito's access token has. */
  const ofProvider = (rows: ReadonlyArray<Row>): ReadonlyArray<Row> =>
    rows.filter(([what, { alb, access, omit }]) => {
      if (!hasAccess) return alb !== undefined || (access === undefined && omit === undefined)
      return provider._tag === "cognito" || access === undefined || !["an ID token", "another client"].includes(what)
    })

  /** The pipeline, and how often its key source was asked. */
  const start = () => {
    const asked: Array<string> = []
    const source = forge.keySource()
    const keySource = KeySource.of({
      peek: (ref, nowMillis) => {
        asked.push(ref.kid)
        return source.peek(ref, nowMillis)
      },
      find: source.find,
      preload: source.preload
    })
    const auth = CognitoAuth.make({ ...forge.settings().options, keySource, tokenCache })
    const outcome = (headers: ForgedHeaderLists): Promise<Result.Result<User, { readonly _tag: string }>> =>
      Effect.runPromise(Effect.result(auth.authenticate(headers)))
    return { asked, outcome }
  }

  const forgeAndAsk = async (forgery: HeaderForgery) => {
    const { asked, outcome } = start()
    const result = await outcome(await forge.headers(forgery))
    return { asked, error: Result.isFailure(result) ? result.failure : undefined }
  }

  describe("every attack", () => {
    it.each(attacksOn(forge))("is refused: $title", async ({ error, headers }) => {
      const { outcome } = start()
      const result = await outcome(await headers(forge, { email: "victim@example.com" }))
      expect(Result.isFailure(result) && result.failure._tag).toBe(error)
    })
  })

  describe("what can be refused without a key", () => {
    it.each(
      ofProvider([
        ["a missing token", { omit: ["accessToken"] }, { _tag: "HeaderMissing" }],
        ["a token sent twice", { duplicate: ["data"] }, { _tag: "HeaderInvalid" }],
        ["a malformed token", { alb: { afterSigning: (token) => `${token}.` } }, { _tag: "TokenMalformed", header: "x-amzn-oidc-data" }],
        [
          "a malformed access token",
          { access: { afterSigning: () => "a.b" } },
          { _tag: "TokenMalformed", header: "x-amzn-oidc-accesstoken" }
        ],
        ["another algorithm", { alb: { header: { alg: "none" } } }, { _tag: "AlgorithmRefused", header: "x-amzn-oidc-data" }],
        [
          "another algorithm of the access token",
          { access: { header: { alg: "RS512" } } },
          { _tag: "AlgorithmRefused", header: "x-amzn-oidc-accesstoken" }
        ],
        ["crit", { access: { header: { crit: ["exp"] } } }, { _tag: "AlgorithmRefused", header: "x-amzn-oidc-accesstoken", check: "crit" }],
        ["a kid that is no UUID", { alb: { header: { kid: "../../x" } } }, { _tag: "TokenMalformed", check: "kid" }],
        ["another signer", { alb: { header: { signer: "arn:aws:x" } } }, { _tag: "SignerRefused" }],
        ["another client", { alb: { header: { client: "x" } } }, { _tag: "ClientRefused", check: "client" }],
        ["another issuer", { alb: { header: { iss: "https://evil.example" } } }, { _tag: "IssuerRefused", header: "x-amzn-oidc-data" }],
        ["no exp in the header", { alb: { header: { exp: undefined } } }, { _tag: "TokenMalformed", check: "exp" }],
        ["an expired header", { alb: { header: { exp: 1 } } }, { _tag: "TokenExpired", header: "x-amzn-oidc-data" }],
        ["an access token whose payload is no object", { access: { claims: "[]" } }, { _tag: "TokenMalformed", check: "payload" }],
        ["an access token without a kid", { access: { header: { kid: undefined } } }, { _tag: "TokenMalformed", check: "kid" }],
        [
          "an access token of another issuer",
          { access: { claims: { iss: "https://evil.example" } } },
          { _tag: "IssuerRefused", header: "x-amzn-oidc-accesstoken" }
        ],
        ["an expired access token", { access: { claims: { exp: 1 } } }, { _tag: "TokenExpired", header: "x-amzn-oidc-accesstoken" }]
      ])
    )("asks for none: %s", async (_, forgery, error) => {
      expect(await forgeAndAsk(forgery)).toEqual({ asked: [], error: expect.objectContaining(error) })
    })
  })

  describe("what is signed", () => {
    it.each(
      ofProvider([
        [
          "an unknown key of the load balancer",
          { alb: { header: { kid: "00000000-0000-0000-0000-000000000000" } } },
          unknownKey("x-amzn-oidc-data")
        ],
        ["an unknown key of the pool", { access: { header: { kid: "unknown" } } }, unknownKey("x-amzn-oidc-accesstoken")],
        ["another's signature", { alb: { signWith: otherForge.keys.alb.current } }, wrongSignature("x-amzn-oidc-data")],
        [
          "another's signature of the access token",
          { access: { signWith: otherForge.keys.cognito.current } },
          wrongSignature("x-amzn-oidc-accesstoken")
        ],
        [
          "a payload that is no object",
          { alb: { claims: "null" } },
          { _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "payload" }
        ],
        [
          "a claim twice",
          { alb: { claims: '{"sub":"a","sub":"b"}' } },
          { _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "payload" }
        ],
        [
          "another issuer in the payload",
          { alb: { claims: { iss: "https://evil.example" } } },
          { _tag: "IssuerRefused", header: "x-amzn-oidc-data" }
        ],
        ["an expired payload", { alb: { claims: { exp: 1 } } }, { _tag: "TokenExpired", header: "x-amzn-oidc-data" }],
        ["an ID token", { access: { claims: { token_use: "id" } } }, { _tag: "TokenUseRefused" }],
        [
          "another client",
          { access: { claims: { client_id: "x" } } },
          { _tag: "ClientRefused", header: "x-amzn-oidc-accesstoken", check: "client_id" }
        ],
        ["a token of tomorrow", { access: { claims: { nbf: Date.now() / 1000 + 86_400 } } }, { _tag: "TokenNotYetValid" }],
        ["another's access token", { access: { claims: { sub: "x" } } }, { _tag: "SubjectMismatch", header: "x-amzn-oidc-accesstoken" }],
        ["another's identity", { identity: "x" }, { _tag: "SubjectMismatch", header: "x-amzn-oidc-identity" }],
        [
          "no sub",
          { alb: { claims: { sub: undefined } }, access: { claims: { sub: undefined } }, identity: null },
          { _tag: "TokenMalformed", check: "sub" }
        ]
      ])
    )("is refused for its own reason: %s", async (_, forgery, error) => {
      expect((await forgeAndAsk(forgery)).error).toMatchObject(error)
    })

    it("is judged by the signature before its claims are: a forged claim does not choose the error", async () => {
      const forged = { signWith: otherForge.keys.alb.current, claims: { iss: "https://evil.example", exp: 1 } }
      expect((await forgeAndAsk({ alb: forged })).error).toMatchObject({ _tag: "SignatureInvalid" })
    })

    it("is admitted without the identity header, and with claims in the header alone as in 2018", async () => {
      expect((await forgeAndAsk({ identity: null })).error).toBeUndefined()
      expect((await forgeAndAsk({ alb: { claims: { exp: undefined, iss: undefined } } })).error).toBeUndefined()
    })
  })

  describe("a token that was seen before", () => {
    it("is admitted again, and refused where anything beside it is another", async () => {
      const { outcome } = start()
      const headers = await forge.headers({ sub: "sub-1" })
      const other = await forge.headers({ sub: "sub-2" })
      for (let round = 0; round < 3; round++) {
        expect(Result.isSuccess(await outcome(headers))).toBe(true)
        expect(Result.isSuccess(await outcome(other))).toBe(true)
      }
      const crossed = { ...headers, "x-amzn-oidc-accesstoken": other["x-amzn-oidc-accesstoken"] ?? "" }
      const renamed = { ...headers, "x-amzn-oidc-identity": "sub-2" }
      for (const wrong of hasAccess ? [crossed, renamed] : [renamed])
        expect(await outcome(wrong)).toMatchObject({ failure: { _tag: "SubjectMismatch" } })
    })

    it("is refused once it has expired, and once its key is another", async () => {
      const now = 1_800_000_000_000
      const inTime = forge.with({ now: () => now })
      let keySource = inTime.keySource()
      const auth = CognitoAuth.make({
        ...inTime.settings().options,
        tokenCache,
        keySource: { ...keySource, peek: (ref, nowMillis) => keySource.peek(ref, nowMillis), find: (ref) => keySource.find(ref) }
      })
      const headers = await inTime.headers()
      const at = (millis: number) => auth.decideNow({ method: "GET", target: "/", headers }, makeRoute(), millis)
      for (const millis of [now, now + 1, now + 124_999]) expect(at(millis)).toMatchObject({ _tag: "Admit" })
      expect(at(now + 125_000)).toMatchObject({ error: { _tag: "TokenExpired" } })
      expect(at(now)).toMatchObject({ _tag: "Admit" })
      // The same kids, with another's keys.
      const { alb, cognito } = otherForge.keys
      keySource = KeySource.memory(
        [...forge.keys.alb.published, ...forge.keys.cognito.published].flatMap(({ kid, algorithm }) =>
          [...urlsOf(auth.settings.signers), ...urlsOf(auth.settings.issuers)].map((source) => ({
            source,
            kid,
            key: { kid, algorithm, key: (algorithm === "ES256" ? alb : cognito).current.publicKey }
          }))
        )
      )
      expect(at(now)).toMatchObject({ error: { _tag: "SignatureInvalid" } })
    })

    if (!hasAccess) return
    it("lends its JOSE header to no token in the other place", async () => {
      const { outcome } = start()
      // Long enough to need no padding, which would not do in an access token.
      const lengths = [0, 1, 2].map((length) => "x".repeat(length))
      const candidates = await Promise.all(lengths.map((filler) => forge.headers({ alb: { header: { filler } } })))
      const headers = candidates.find(({ "x-amzn-oidc-data": data = "" }) => !data.split(".")[0]?.includes("=")) ?? {}
      expect(Result.isSuccess(await outcome(headers))).toBe(true)
      const [albHeader = ""] = (headers["x-amzn-oidc-data"] ?? "").split(".")
      const [accessHeader = ""] = (headers["x-amzn-oidc-accesstoken"] ?? "").split(".")
      const withHeader = (token = "", header = "") => `${header}${token.slice(token.indexOf("."))}`
      const swapped = [
        { ...headers, "x-amzn-oidc-data": withHeader(headers["x-amzn-oidc-data"], accessHeader) },
        { ...headers, "x-amzn-oidc-accesstoken": withHeader(headers["x-amzn-oidc-accesstoken"], albHeader) }
      ]
      for (const wrong of swapped) expect(await outcome(wrong)).toMatchObject({ failure: { _tag: "AlgorithmRefused" } })
    })
  })
}
