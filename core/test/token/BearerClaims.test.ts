import { describe, expect, it } from "vitest"
import { checkBearerClaims } from "../../src/token/BearerClaims.ts"
import { failureOf, tagOf } from "../outcome.ts"
import { exp, expectExpiry, not, now, settings, tolerance } from "./claims.fixtures.ts"

const claims = { token_use: "access", client_id: "service-1", sub: "service-1", exp }
const check = (changes: object = {}, at = now) => checkBearerClaims(settings, { ...claims, ...changes }, at)

describe("checkBearerClaims", () => {
  it("takes a service's claims, of whichever client", () => {
    expect(tagOf(check())).toBe("ok")
    expect(tagOf(check({ client_id: "another", sub: "another" }))).toBe("ok")
  })

  it.each([
    ...["id", "ACCESS", "", ["access"], ...not.text].map((use) => ({ token_use: use })),
    // The first of several reasons.
    { token_use: "id", username: "ada", exp: 1 }
  ])("refuses %j, which is no access token", (changes) => {
    const failure = failureOf(check(changes))
    expect(failure).toMatchObject({ _tag: "TokenUseRefused", header: "authorization", check: "token_use", expected: "access" })
    expect(failure.message).toContain("its token_use is not access")
  })

  it.each(["ada", "", null, undefined])("refuses the username %j: it is a user's", (username) => {
    const failure = failureOf(check({ username }))
    expect(failure).toMatchObject({ _tag: "TokenUseRefused", header: "authorization", check: "username", expected: "no username" })
    expect(failure.message).toContain("it has a username, so it is a user's. Services get theirs by client credentials")
  })

  it.each([["staff"], [[]], [undefined], ["staff,admins"]])("refuses the groups %j: it is a user's", (groups) => {
    const failure = failureOf(check({ "cognito:groups": groups }))
    expect(failure).toMatchObject({ _tag: "TokenUseRefused", header: "authorization", check: "groups", expected: "no cognito:groups" })
    expect(failure.message).toContain("it has cognito:groups, so it is a user's. Services get theirs by client credentials")
  })

  it.each([...not.text, ""])("refuses the client_id %j, even where the sub agrees", (client_id) => {
    const failure = failureOf(check({ client_id, sub: client_id }))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "authorization", check: "client_id", expected: "a string" })
    expect(failure.message).toContain("no client_id")
  })

  it.each([...not.text, "", "service-2", "SERVICE-1", "service-1 ", ["service-1"]])("refuses the sub %j: it is a user's", (sub) => {
    const failure = failureOf(check({ sub }))
    expect(failure).toMatchObject({ _tag: "SubjectMismatch", header: "authorization", check: "sub", expected: "the client_id" })
    expect(failure.message).toContain("its sub is not its client_id")
  })

  it("refuses it before its nbf, and once it has expired, each with the tolerance", () => {
    const nbf = exp - 3_600
    const start = nbf * 1000 - tolerance
    expect(failureOf(check({ nbf }, start - 1))).toMatchObject({ _tag: "TokenNotYetValid", header: "authorization", check: "nbf" })
    expect(tagOf(check({ nbf }, start))).toBe("ok")
    expectExpiry((at) => check({}, at))
    for (const wrong of not.number) {
      expect(failureOf(check({ exp: wrong }))).toMatchObject({ _tag: "TokenMalformed", header: "authorization", check: "exp" })
    }
  })
})
