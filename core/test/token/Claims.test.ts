import { type Options, Policy } from "@cognito-auth/core"
import { checkAccessClaims, readAccessToken } from "@cognito-auth/core/AccessClaims"
import { type AlbHeader, checkAlbClaims, checkSameSubject, readAlbHeader } from "@cognito-auth/core/Claims"
import { readSettings, type Settings } from "@cognito-auth/core/Settings"
import type * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { failureOf, successOf, tagOf } from "../outcome.ts"

const arn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
const otherArn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/other/901e7c495c0c9188"
const issuer = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC123xyz"
const otherIssuer = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_Other1"

const settingsOf = (options: Partial<Options> = {}): Settings =>
  successOf(readSettings({ userPoolId: "eu-west-2_AbC123xyz", clientId: "client-1", albArn: arn, policy: Policy.anyUser, ...options }, {}))
const settings = settingsOf()
const many = settingsOf({
  userPoolId: ["eu-west-2_AbC123xyz", "eu-west-2_Other1"],
  clientId: ["client-1", "client-2"],
  albArn: [arn, otherArn]
})

/** The seconds at which everything below expires, and a time before. */
const exp = 1_700_000_000
const now = exp * 1000 - 60_000
const tolerance = 5_000

const header = { kid: "c2f80c8b-c05c-4068-af14-17299f7896b1", alg: "ES256", iss: issuer, client: "client-1", signer: arn, exp }
const alb: AlbHeader = {
  key: { source: "https://public-keys.auth.elb.eu-west-2.amazonaws.com", kid: header.kid },
  issuer,
  client: "client-1",
  exp
}

const not = {
  number: ["1700000000", null, undefined, true, [exp], {}, Number.NaN, Number.POSITIVE_INFINITY],
  text: [undefined, null, 1, true, [], {}]
}

/** Refused the moment the tolerance is over, and not a moment before. */
const expectExpiry = (check: (nowMillis: number) => Result.Result<unknown, { readonly _tag: string }>) => {
  const end = exp * 1000 + tolerance
  for (const before of [now, exp * 1000, end - 1]) expect(tagOf(check(before))).toBe("ok")
  for (const after of [end, end + 1, end + 86_400_000])
    expect(failureOf(check(after))).toMatchObject({ _tag: "TokenExpired", check: "exp" })
}

describe("readAlbHeader", () => {
  const read = (changes: object = {}, by: Settings = settings, at = now) => readAlbHeader(by, { ...header, ...changes }, at)

  it("says which key, and whose sign-in", () => {
    expect(successOf(read())).toEqual(alb)
  })

  it("takes each of the configured load balancers, clients and issuers", () => {
    expect(successOf(read({ signer: otherArn, client: "client-2", iss: otherIssuer }, many))).toMatchObject({
      client: "client-2",
      issuer: otherIssuer
    })
  })

  it.each([
    ...not.text,
    "",
    "kid-1",
    "../x",
    "c2f80c8b-c05c-4068-af14-17299f7896b1/",
    " c2f80c8b-c05c-4068-af14-17299f7896b1",
    "c2f80c8b-c05c-4068-af14-17299f7896b1\n",
    "c2f80c8b-c05c-4068-af14-17299f7896bg",
    "c2f80c8bc05c4068af1417299f7896b1",
    "c2f80c8b-c05c-4068-af14-17299f7896b11",
    "%632f80c8b-c05c-4068-af14-17299f7896b1"
  ])("refuses the kid %j, which would go into a URL", (kid) => {
    expect(failureOf(read({ kid }))).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "kid", expected: "a UUID" })
  })

  it("takes a UUID in upper case", () => {
    expect(successOf(read({ kid: header.kid.toUpperCase() })).key.kid).toBe(header.kid.toUpperCase())
  })

  it.each([
    ...not.text,
    "",
    otherArn,
    `${arn} `,
    arn.toUpperCase(),
    arn.slice(0, -1),
    `${arn}0`,
    arn.replace("123456789012", "210987654321"),
    "*",
    [arn]
  ])("refuses the signer %j", (signer) => {
    const failure = failureOf(read({ signer }))
    expect(failure).toMatchObject({ _tag: "SignerRefused", header: "x-amzn-oidc-data", check: "signer", expected: arn })
    expect(failure.message).toContain("COGNITO_AUTH_ALB_ARN")
  })

  it.each([...not.text, "", "client-2", "CLIENT-1", "client-1 ", ["client-1"]])("refuses the client %j", (client) => {
    expect(failureOf(read({ client }))).toMatchObject({
      _tag: "ClientRefused",
      header: "x-amzn-oidc-data",
      check: "client",
      expected: "client-1"
    })
  })

  it.each([...not.text, "", otherIssuer, `${issuer}/`, issuer.toUpperCase(), [issuer]])("refuses the issuer %j", (iss) => {
    expect(failureOf(read({ iss }))).toMatchObject({ _tag: "IssuerRefused", header: "x-amzn-oidc-data", check: "iss", expected: issuer })
  })

  it.each(not.number)("refuses the exp %j", (exp) => {
    const failure = failureOf(read({ exp }))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "exp" })
    // The payload has one of its own.
    expect(failure.message).toContain("JOSE header")
  })

  it("refuses it once it has expired", () => {
    expectExpiry((at) => read({}, settings, at))
    expect(tagOf(read({}, settingsOf({ clockTolerance: "0 seconds" }), exp * 1000 - 1))).toBe("ok")
    expect(tagOf(read({}, settingsOf({ clockTolerance: "0 seconds" }), exp * 1000))).toBe("TokenExpired")
  })

  it("names every configured value as expected", () => {
    expect(failureOf(read({ signer: "x" }, many)).message).toContain(`${arn} or ${otherArn}`)
    expect(failureOf(read({ client: "x" }, many))).toMatchObject({ expected: "client-1 or client-2" })
    expect(failureOf(read({ iss: "x" }, many))).toMatchObject({ expected: `${issuer} or ${otherIssuer}` })
  })

  it("looks nothing up in a prototype", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(tagOf(read({ signer: name }))).toBe("SignerRefused")
      expect(tagOf(read({ client: name }))).toBe("ClientRefused")
      expect(tagOf(read({ iss: name }))).toBe("IssuerRefused")
    }
  })
})

describe("readAccessToken", () => {
  const payload = { iss: issuer, exp }
  const read = (header: object, changes: object = {}, by: Settings = settings, from: AlbHeader = alb, at = now) =>
    readAccessToken(by, { alg: "RS256", ...header }, { ...payload, ...changes }, from, at)

  it("says which key, of the pool's own set", () => {
    expect(successOf(read({ kid: "k" })).key).toEqual({ source: `${issuer}/.well-known/jwks.json`, kid: "k" })
    expect(successOf(read({ kid: "k".repeat(256) })).key.kid).toHaveLength(256)
  })

  it.each([...not.text, "", "k".repeat(257)])("refuses the kid %j", (kid) => {
    expect(failureOf(read({ kid }))).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-accesstoken", check: "kid" })
  })

  it.each([...not.text, "", otherIssuer, [issuer], "https://evil.example"])("refuses the issuer %j", (iss) => {
    expect(failureOf(read({ kid: "k" }, { iss }))).toMatchObject({ _tag: "IssuerRefused", header: "x-amzn-oidc-accesstoken", check: "iss" })
  })

  it("refuses another of the configured issuers than the load balancer's token has", () => {
    expect(tagOf(read({ kid: "k" }, { iss: otherIssuer }, many))).toBe("IssuerRefused")
    expect(tagOf(read({ kid: "k" }, { iss: otherIssuer }, many, { ...alb, issuer: otherIssuer }))).toBe("ok")
    expect(tagOf(read({ kid: "k" }, {}, settings, { ...alb, issuer: "https://evil.example" }))).toBe("IssuerRefused")
    expect(tagOf(read({ kid: "k" }, { iss: "https://evil.example" }, settings, { ...alb, issuer: "https://evil.example" }))).toBe(
      "IssuerRefused"
    )
  })

  it.each(not.number)("refuses the exp %j", (exp) => {
    expect(failureOf(read({ kid: "k" }, { exp }))).toMatchObject({
      _tag: "TokenMalformed",
      header: "x-amzn-oidc-accesstoken",
      check: "exp"
    })
  })

  it("refuses it once it has expired", () => {
    expectExpiry((at) => read({ kid: "k" }, {}, settings, alb, at))
  })
})

describe("checkAlbClaims", () => {
  const check = (payload: object, at = now) => checkAlbClaims(settings, alb, { ...payload }, at)

  it("does not require iss and exp in the payload: tokens of 2018 have them only in the header", () => {
    expect(tagOf(check({}))).toBe("ok")
  })

  it.each([otherIssuer, "", null, undefined, 1, [issuer]])("refuses an iss in the payload that is %j", (iss) => {
    expect(failureOf(check({ iss }))).toMatchObject({ _tag: "IssuerRefused", header: "x-amzn-oidc-data", check: "iss" })
  })

  it.each(not.number)("refuses an exp in the payload that is %j", (exp) => {
    expect(tagOf(check({ exp }))).toBe("TokenMalformed")
  })

  it("refuses it once the payload has expired, although the header has not", () => {
    const later = { ...alb, exp: exp + 86_400 }
    expectExpiry((at) => checkAlbClaims(settings, later, { iss: issuer, exp }, at))
  })

  it("refuses it once the header has expired, although the payload has not", () => {
    expectExpiry((at) => checkAlbClaims(settings, alb, { iss: issuer, exp: exp + 86_400 }, at))
    expectExpiry((at) => check({}, at))
  })
})

describe("checkAccessClaims", () => {
  const claims = { token_use: "access", client_id: "client-1", exp }
  const check = (changes: object = {}, at = now) => checkAccessClaims(settings, alb, { ...claims, ...changes }, at)

  it("takes an access token of the same client", () => {
    expect(tagOf(check())).toBe("ok")
  })

  it.each(["id", "ACCESS", "", ["access"], ...not.text])("refuses the token_use %j", (token_use) => {
    expect(failureOf(check({ token_use }))).toMatchObject({
      _tag: "TokenUseRefused",
      header: "x-amzn-oidc-accesstoken",
      check: "token_use",
      expected: "access"
    })
  })

  it.each(["client-2", "", ["client-1"], ...not.text])("refuses the client_id %j", (client_id) => {
    expect(failureOf(check({ client_id }))).toMatchObject({ _tag: "ClientRefused", header: "x-amzn-oidc-accesstoken", check: "client_id" })
  })

  it("refuses another of the configured clients than the load balancer's token has", () => {
    expect(tagOf(checkAccessClaims(many, alb, { ...claims, client_id: "client-2" }, now))).toBe("ClientRefused")
    expect(tagOf(checkAccessClaims(many, { ...alb, client: "client-2" }, { ...claims, client_id: "client-2" }, now))).toBe("ok")
  })

  it("refuses it before its nbf, less the tolerance", () => {
    const nbf = exp - 3_600
    const start = nbf * 1000 - tolerance
    for (const before of [0, start - 1]) {
      expect(failureOf(check({ nbf }, before))).toMatchObject({ _tag: "TokenNotYetValid", header: "x-amzn-oidc-accesstoken", check: "nbf" })
    }
    for (const after of [start, nbf * 1000, now]) expect(tagOf(check({ nbf }, after))).toBe("ok")
  })

  it.each(not.number.filter((value) => value !== undefined))("refuses the nbf %j", (nbf) => {
    expect(failureOf(check({ nbf }))).toMatchObject({ _tag: "TokenMalformed", check: "nbf" })
  })

  it.each(not.number)("refuses the exp %j", (exp) => {
    expect(failureOf(check({ exp }))).toMatchObject({ _tag: "TokenMalformed", check: "exp" })
  })

  it("refuses it once it has expired", () => {
    expectExpiry((at) => check({}, at))
  })
})

describe("checkSameSubject", () => {
  it("takes one sub in both tokens, and in the header when it was sent", () => {
    expect(tagOf(checkSameSubject({ sub: "a" }, { sub: "a" }, undefined))).toBe("ok")
    expect(tagOf(checkSameSubject({ sub: "a" }, { sub: "a" }, "a"))).toBe("ok")
  })

  it.each(["b", "A", "a ", "", undefined, null, ["a"]])("refuses the access token's sub %j", (sub) => {
    expect(failureOf(checkSameSubject({ sub: "a" }, { sub }, "a"))).toMatchObject({
      _tag: "SubjectMismatch",
      header: "x-amzn-oidc-accesstoken"
    })
  })

  it.each(["b", "A", " a"])("refuses the header's sub %j", (identity) => {
    expect(failureOf(checkSameSubject({ sub: "a" }, { sub: "a" }, identity))).toMatchObject({
      _tag: "SubjectMismatch",
      header: "x-amzn-oidc-identity"
    })
  })

  it.each(["", undefined, null, 1, ["a"]])("refuses the load balancer's sub %j, even where the other agrees", (sub) => {
    expect(failureOf(checkSameSubject({ sub }, { sub }, undefined))).toMatchObject({
      _tag: "TokenMalformed",
      header: "x-amzn-oidc-data",
      check: "sub"
    })
  })
})
