import { type AuthErrorTag, httpMeaning, type TokenError, TokenExpired } from "@cognito-auth/core"
import { type CheckId, checkIds, checkNameOf, checks, type RefusalTag } from "@cognito-auth/core/Check"
import { expect, it } from "vitest"

const rows = checkIds.map((id) => [id, Object.keys(checks[id].refusals)] as const)

it.each(rows)("%s fails with errors of tokens: %s", (id, tags) => {
  for (const tag of tags) {
    expect(httpMeaning[tag as AuthErrorTag]?.status).toBe(401)
    expect(checkNameOf(id, tag)).toMatch(/^[A-Za-z0-9_ ]+$/)
  }
  expect(checkNameOf(id, "NotAuthorised")).toBeUndefined()
})

it("every error of tokens is some check's", () => {
  const refused = Object.entries(httpMeaning).flatMap(([tag, { status }]) => (status === 401 ? tag : []))
  expect([...new Set(rows.flatMap(([, tags]) => tags))].sort()).toEqual(refused.sort())
})

it("evidence names no check but one of a row, and a row has no error but one of tokens", () => {
  // @ts-expect-error The union of checks is closed.
  const error = new TokenExpired({ header: "x-amzn-oidc-data", check: "expiry", expected: "later than now", message: "It has expired." })
  expect(error._tag).toBe("TokenExpired")
  // @ts-expect-error A check without its explanation does not compile.
  const explanations: Readonly<Record<CheckId, string>> = { "alb.signer": "the load balancer's ARN" }
  expect(Object.keys(explanations)).toEqual(["alb.signer"])
  const areOfTokens = (tag: { [Id in CheckId]: RefusalTag<Id> }[CheckId]): TokenError["_tag"] => tag
  expect(areOfTokens("TokenExpired")).toBe("TokenExpired")
})
