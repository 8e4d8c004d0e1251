import { albExpiry, checkAlbClaims, checkSameSubject, readAlbHeader } from "@cognito-auth/core/Claims"
import type { Settings } from "@cognito-auth/core/Settings"
import { describe, expect, it } from "vitest"
import { failureOf, successOf, tagOf } from "../outcome.ts"
import {
  alb,
  arn,
  exp,
  expectExpiry,
  header,
  issuer,
  many,
  not,
  now,
  oidc,
  otherArn,
  otherIssuer,
  settings,
  settingsOf
} from "./claims.fixtures.ts"

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
    [header.kid],
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
    const failure = failureOf(read({ kid }))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "kid", expected: "a UUID" })
    expect(failure.message).toContain("not a UUID")
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
    const failure = failureOf(read({ client }))
    expect(failure).toMatchObject({ _tag: "ClientRefused", header: "x-amzn-oidc-data", check: "client", expected: "client-1" })
    expect(failure.message).toContain("client-1. If that client is yours, add its id to clientId (COGNITO_AUTH_CLIENT_ID)")
  })

  it.each([...not.text, "", otherIssuer, `${issuer}/`, issuer.toUpperCase(), [issuer]])("refuses the issuer %j", (iss) => {
    const failure = failureOf(read({ iss }))
    expect(failure).toMatchObject({ _tag: "IssuerRefused", header: "x-amzn-oidc-data", check: "iss", expected: issuer })
    expect(failure.message).toContain(`${issuer}. If that user pool is yours, add its id to userPoolId (COGNITO_AUTH_USER_POOL_ID)`)
  })

  it("refuses another provider's issuer, and says how that is configured", () => {
    const failure = failureOf(read({ iss: `${issuer}/` }, { ...settings, provider: oidc }))
    expect(failure.message).toContain(`${issuer}. Give the issuer exactly`)
    expect(failure.message).toContain("COGNITO_AUTH_ISSUER")
  })

  it.each(not.number)("refuses the exp %j", (exp) => {
    const failure = failureOf(read({ exp }))
    expect(failure).toMatchObject({
      _tag: "TokenMalformed",
      header: "x-amzn-oidc-data",
      check: "exp",
      expected: "a number of seconds"
    })
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

describe("checkAlbClaims", () => {
  const check = (payload: object, at = now) => checkAlbClaims(settings, alb, { ...payload }, at)

  it("does not require iss and exp in the payload: tokens of 2018 have them only in the header", () => {
    expect(tagOf(check({}))).toBe("ok")
  })

  it.each([otherIssuer, "", null, undefined, 1, [issuer]])("refuses an iss in the payload that is %j", (iss) => {
    expect(failureOf(check({ iss }))).toMatchObject({ _tag: "IssuerRefused", header: "x-amzn-oidc-data", check: "iss" })
  })

  it.each(not.number)("refuses an exp in the payload that is %j", (exp) => {
    const failure = failureOf(check({ exp }))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "exp", expected: "a number of seconds" })
    expect(failure.message).toContain("its exp is")
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

describe("albExpiry", () => {
  it("is the earlier one of header and payload, and the header's where the payload has none", () => {
    expect(albExpiry(alb, {})).toBe(exp)
    expect(albExpiry(alb, { exp: exp - 60 })).toBe(exp - 60)
    expect(albExpiry(alb, { exp: exp + 60 })).toBe(exp)
  })
})

describe("checkSameSubject", () => {
  it("takes one sub in both tokens, and in the header when it was sent", () => {
    expect(tagOf(checkSameSubject({ sub: "a" }, { sub: "a" }, undefined))).toBe("ok")
    expect(tagOf(checkSameSubject({ sub: "a" }, { sub: "a" }, "a"))).toBe("ok")
  })

  it.each(["b", "A", "a ", "", undefined, null, ["a"]])("refuses the access token's sub %j", (sub) => {
    const failure = failureOf(checkSameSubject({ sub: "a" }, { sub }, "a"))
    expect(failure).toMatchObject({
      _tag: "SubjectMismatch",
      header: "x-amzn-oidc-accesstoken",
      check: "sub",
      expected: "the sub of x-amzn-oidc-data"
    })
    expect(failure.message).toContain("its user is not the user of x-amzn-oidc-data")
  })

  it.each(["b", "A", " a"])("refuses the header's sub %j", (identity) => {
    const failure = failureOf(checkSameSubject({ sub: "a" }, { sub: "a" }, identity))
    expect(failure).toMatchObject({
      _tag: "SubjectMismatch",
      header: "x-amzn-oidc-identity",
      check: "sub",
      expected: "the sub of x-amzn-oidc-data"
    })
    expect(failure.message).toContain("its user is not the user of x-amzn-oidc-data")
  })

  it.each(["", undefined, null, 1, ["a"]])("refuses the load balancer's sub %j, even where the other agrees", (sub) => {
    const failure = failureOf(checkSameSubject({ sub }, { sub }, undefined))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "sub", expected: "a string" })
    expect(failure.message).toContain("no sub")
  })
})
