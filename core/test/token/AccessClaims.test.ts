import { checkAccessClaims, readAccessToken } from "@cognito-auth/core/AccessClaims"
import type { AlbHeader } from "@cognito-auth/core/Claims"
import type { Settings } from "@cognito-auth/core/Settings"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf, tagOf } from "../outcome.ts"
import { alb, exp, expectExpiry, issuer, many, not, now, oidc, otherIssuer, settings, tolerance } from "./claims.fixtures.ts"

describe("readAccessToken", () => {
  const payload = { iss: issuer, exp }
  const read = (header: object, changes: object = {}, by: Settings = settings, from: AlbHeader = alb, at = now) =>
    readAccessToken(by, "access", { alg: "RS256", ...header }, { ...payload, ...changes }, from.issuer, at)

  it("says which key, of the pool's own set", () => {
    expect(successOf(read({ kid: "k" })).key).toEqual({ source: `${issuer}/.well-known/jwks.json`, kid: "k" })
    expect(successOf(read({ kid: "k".repeat(256) })).key.kid).toHaveLength(256)
  })

  it.each([...not.text, "", "k".repeat(257)])("refuses the kid %j", (kid) => {
    const failure = failureOf(read({ kid }))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-accesstoken", check: "kid", expected: "a string" })
    expect(failure.message).toContain("no kid")
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

  it("takes any of the configured issuers of a service's token, which has no other beside it", () => {
    const readAlone = (iss: unknown) => readAccessToken(many, "bearer", { kid: "k" }, { iss, exp }, undefined, now)
    for (const iss of [issuer, otherIssuer]) expect(successOf(readAlone(iss)).key.source).toBe(`${iss}/.well-known/jwks.json`)
    for (const iss of [...not.text, "", `${issuer}/`, "https://evil.example"]) {
      expect(failureOf(readAlone(iss))).toMatchObject({ _tag: "IssuerRefused", header: "authorization", check: "iss" })
    }
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

describe("checkAccessClaims", () => {
  const claims = { token_use: "access", client_id: "client-1", exp }
  const check = (changes: object = {}, at = now) => checkAccessClaims(settings, alb, { ...claims, ...changes }, at)

  it("takes an access token of the same client", () => {
    expect(tagOf(check())).toBe("ok")
  })

  it.each(["id", "ACCESS", "", ["access"], ...not.text])("refuses the token_use %j", (token_use) => {
    const failure = failureOf(check({ token_use }))
    expect(failure).toMatchObject({
      _tag: "TokenUseRefused",
      header: "x-amzn-oidc-accesstoken",
      check: "token_use",
      expected: "access"
    })
    expect(failure.message).toContain("look for a proxy or a client that puts the ID token in its place")
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
      const failure = failureOf(check({ nbf }, before))
      expect(failure).toMatchObject({
        _tag: "TokenNotYetValid",
        header: "x-amzn-oidc-accesstoken",
        check: "nbf",
        expected: "now or earlier"
      })
      expect(failure.message).toContain("Check this machine's clock")
    }
    for (const after of [start, nbf * 1000, now]) expect(tagOf(check({ nbf }, after))).toBe("ok")
  })

  it.each(not.number.filter((value) => value !== undefined))("refuses the nbf %j", (nbf) => {
    const failure = failureOf(check({ nbf }))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", check: "nbf", expected: "a number of seconds" })
    expect(failure.message).toContain("its nbf is not a number")
  })

  it.each(not.number)("refuses the exp %j", (exp) => {
    expect(failureOf(check({ exp }))).toMatchObject({ _tag: "TokenMalformed", check: "exp" })
  })

  it("refuses it once it has expired", () => {
    expectExpiry((at) => check({}, at))
  })
})

describe("the audience of another provider's access token", () => {
  const check = (aud: unknown, provider = oidc) => checkAccessClaims({ ...settings, provider }, alb, { aud, exp }, now)

  it("∀ JSON: passes only as the string, or as a list of strings that holds it", () => {
    const audiences = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.oneof(fc.constant("api://orders"), fc.string(), fc.jsonValue()), { maxLength: 3 })
    )
    fc.assert(
      fc.property(audiences, (aud) => {
        const list: ReadonlyArray<unknown> = Array.isArray(aud) ? aud : [aud]
        const isNamed = list.includes("api://orders") && list.every((each) => typeof each === "string")
        expect(tagOf(check(aud))).toBe(isNamed ? "ok" : "ClientRefused")
      }),
      { numRuns: runs(500) }
    )
  })

  it.each(["api://orders", ["api://orders"], ["other", "api://orders"]])("takes %j", (aud) => {
    expect(tagOf(check(aud))).toBe("ok")
  })

  it.each([
    ...not.text,
    "",
    "api://orders/",
    "API://orders",
    "api://order",
    ["other"],
    ["api://orders", 1],
    [["api://orders"]],
    { 0: "api://orders" }
  ])("refuses %j", (aud) => {
    const failure = failureOf(check(aud))
    expect(failure).toMatchObject({ _tag: "ClientRefused", header: "x-amzn-oidc-accesstoken", check: "aud", expected: "api://orders" })
    expect(failure.message).toContain("its aud is not api://orders. Compare audience (COGNITO_AUTH_AUDIENCE)")
  })

  it.each([...not.text, "", "api://orders", ["api://orders"]])("refuses %j where none is expected", (aud) => {
    const failure = failureOf(check(aud, { _tag: "oidc", groupsClaim: undefined, audience: undefined }))
    expect(failure).toMatchObject({ _tag: "ClientRefused", expected: "an audience" })
    expect(failure.message).toContain("its aud is not known.")
  })

  it("is all that tells whom it is for: it needs neither token_use nor client_id", () => {
    expect(tagOf(checkAccessClaims({ ...settings, provider: oidc }, alb, { aud: "api://orders", exp }, now))).toBe("ok")
    expect(tagOf(checkAccessClaims({ ...settings, provider: oidc }, alb, { token_use: "access", client_id: "client-1", exp }, now))).toBe(
      "ClientRefused"
    )
  })
})
