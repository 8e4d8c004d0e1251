import { CrossOriginRefused, HeaderMissing, NotAuthorised, PolicyUnavailable } from "@cognito-auth/core"
import { describe, expect, it } from "vitest"
import { admitHeaders, refusalHeaders } from "../../src/answer/ResponseHeaders.ts"

const message = "It is so."
const refusedFor = (requiredScopes?: ReadonlyArray<string>) =>
  refusalHeaders(new NotAuthorised({ required: "x", message, ...(requiredScopes === undefined ? {} : { requiredScopes }) }))

describe("the challenge of a refusal (RFC 6750 §3)", () => {
  it("asks for another token where the tokens are refused", () => {
    const missing = new HeaderMissing({ header: "authorization", check: "presence", expected: "a token", message })
    expect(refusalHeaders(missing)).toEqual({ "www-authenticate": 'Bearer error="invalid_token"' })
  })

  it("names the scopes that a service lacks, if it is scopes that it lacks", () => {
    const insufficient = 'Bearer error="insufficient_scope"'
    expect(refusedFor(["orders/read", "orders/write"])).toEqual({ "www-authenticate": `${insufficient}, scope="orders/read orders/write"` })
    expect(refusedFor([])).toEqual({ "www-authenticate": insufficient })
  })

  it("is none for a user, who has no scopes to ask for, for a cross-origin request, and in an outage, which says when to retry", () => {
    expect(refusedFor()).toEqual({})
    expect(refusalHeaders(new CrossOriginRefused({ field: "origin", expected: "the app's own", message }))).toEqual({})
    expect(refusalHeaders(PolicyUnavailable.because("it is so"))).toEqual({ "retry-after": "5" })
  })
})

describe("the headers of an admitted response", () => {
  it("say so in dev mode, and nothing else", () => {
    expect(admitHeaders({ isMock: true })).toEqual({ "x-cognito-auth-dev-mode": "true" })
    expect(admitHeaders({ isMock: false })).toEqual({})
  })
})
