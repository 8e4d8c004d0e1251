import {
  type AuthError,
  CrossOriginRefused,
  httpMeaning,
  isOutage,
  KeySourceUnavailable,
  NotAuthorised,
  PolicyUnavailable,
  TokenExpired,
  User
} from "@cognito-auth/core"
import * as Decision from "@cognito-auth/core/Decision"
import { builtInPage } from "@cognito-auth/core/RefusalPage"
import type { AuthRequest } from "@cognito-auth/core/Request"
import { describe, expect, it } from "vitest"
import { userOf } from "../userOf.ts"

const redirectUrl = "https://example.com/401.html"

const refused = new TokenExpired({ header: "x-amzn-oidc-data", check: "exp", expected: "later than now", message: "It has expired." })
const forbidden = new NotAuthorised({ required: "a member of staff", message: "Not allowed." })
const keysDown = new KeySourceUnavailable({ source: "https://keys.example.com", reason: "timeout", retryAfterSeconds: 7, message: "Down." })
const policyDown = new PolicyUnavailable({ reason: "none was ever loaded", retryAfterSeconds: 5, message: "Down." })

const page: AuthRequest = { method: "GET", target: "/", headers: { "sec-fetch-mode": "navigate" } }
const call: AuthRequest = { method: "GET", target: "/", headers: { accept: "application/json" } }

const answer = (
  error: AuthError,
  request: AuthRequest,
  onFailure: Decision.OnFailure = "negotiate",
  to: string | undefined = redirectUrl
) => Decision.fail(error, request, { redirectUrl: to, refusalPage: builtInPage }, onFailure)

/** The answer where there is nowhere to redirect to. */
const answerHere = (error: AuthError, request: AuthRequest, onFailure: Decision.OnFailure = "negotiate") =>
  Decision.fail(error, request, { redirectUrl: undefined, refusalPage: builtInPage }, onFailure)

const typeOf = ({ headers }: Decision.HttpResponse) => headers["content-type"]

describe("the table of errors", () => {
  it("is design's: 400 and 414 for the request itself, 401 for tokens, 403 for another origin and policy, 503 for outages", () => {
    const statuses = Object.fromEntries(Object.entries(httpMeaning).map(([tag, { status }]) => [tag, status]))
    expect(statuses).toEqual({
      TargetInvalid: 400,
      TargetTooLong: 414,
      CrossOriginRefused: 403,
      HeaderMissing: 401,
      HeaderInvalid: 401,
      TokenMalformed: 401,
      AlgorithmRefused: 401,
      SignerRefused: 401,
      ClientRefused: 401,
      IssuerRefused: 401,
      KeyUnknown: 401,
      SignatureInvalid: 401,
      TokenExpired: 401,
      TokenNotYetValid: 401,
      TokenUseRefused: 401,
      SubjectMismatch: 401,
      NotAuthorised: 403,
      KeySourceUnavailable: 503,
      PolicyUnavailable: 503
    })
    expect([refused, forbidden, keysDown, policyDown].map(isOutage)).toEqual([false, false, true, true])
  })
})

describe("a refusal", () => {
  it("is a problem document with the reason, and nothing of what was expected", () => {
    const decision = answer(refused, call)
    expect(decision).toMatchObject({ _tag: "Refuse", status: 401, error: refused })
    expect(decision.headers["content-type"]).toBe("application/problem+json")
    expect(decision.headers["cache-control"]).toBe("no-store")
    expect(JSON.parse(decision.body)).toEqual({
      type: "about:blank",
      title: "The sign-in has expired",
      status: 401,
      error: "TokenExpired",
      header: "x-amzn-oidc-data",
      check: "exp"
    })
  })

  it("of a token asks for a better one, and one of a policy or an outage does not", () => {
    expect(answer(refused, call).headers["www-authenticate"]).toBe('Bearer error="invalid_token"')
    for (const error of [forbidden, keysDown, policyDown]) expect(answer(error, call).headers).not.toHaveProperty("www-authenticate")
  })

  it("of a policy is a 403 that does not say whom the policy admits", () => {
    expect(answer(forbidden, call)).toMatchObject({ status: 403 })
    expect(JSON.parse(answer(forbidden, call).body)).toEqual({
      type: "about:blank",
      title: "Signed in, but not allowed",
      status: 403,
      error: "NotAuthorised"
    })
  })

  it("of an outage is a 503 that says when to ask again, and not where the keys are", () => {
    expect(answer(keysDown, call)).toMatchObject({ status: 503, headers: { "retry-after": "7" } })
    expect(answer(policyDown, call)).toMatchObject({ status: 503, headers: { "retry-after": "5" } })
    expect(answer(keysDown, call).body).not.toContain("keys.example.com")
    for (const error of [refused, forbidden]) expect(answer(error, call).headers).not.toHaveProperty("retry-after")
  })
})

describe("a page", () => {
  it("is what a page load gets with the status itself, where there is nowhere to redirect to", () => {
    for (const error of [refused, forbidden, keysDown, policyDown]) {
      for (const method of ["GET", "HEAD"]) {
        const decision = answerHere(error, { ...page, method })
        expect(decision).toMatchObject({ _tag: "Refuse", status: httpMeaning[error._tag].status, error })
        expect(typeOf(decision)).toBe("text/html; charset=utf-8")
        expect(decision.body).toContain("<h1>")
      }
    }
  })

  it("has the header fields of the same refusal as data", () => {
    expect(answerHere(refused, page).headers).toMatchObject({
      "www-authenticate": 'Bearer error="invalid_token"',
      "cache-control": "no-store"
    })
    expect(answerHere(keysDown, page).headers).toMatchObject({ "retry-after": "7", "cache-control": "no-store" })
    expect(answerHere(policyDown, page).headers).toMatchObject({ "retry-after": "5" })
    expect(answerHere(forbidden, page).headers).not.toHaveProperty("www-authenticate")
    expect(answerHere(forbidden, page).headers).not.toHaveProperty("retry-after")
  })

  it("is what a page load gets in an outage, wherever others are redirected", () => {
    for (const onFailure of ["negotiate", "redirect"] as const) expect(typeOf(answer(keysDown, page, onFailure))).toContain("text/html")
  })

  it("is what nothing else gets: a script, an upgrade, or a page load with onFailure status", () => {
    for (const error of [refused, forbidden, keysDown]) {
      expect(typeOf(answerHere(error, call))).toBe("application/problem+json")
      expect(typeOf(answerHere(error, { ...page, upgrade: true }))).toBe("application/problem+json")
      expect(typeOf(answerHere(error, page, "status"))).toBe("application/problem+json")
    }
    expect(typeOf(answer(keysDown, call, "redirect"))).toBe("application/problem+json")
  })

  it("stands in for a redirect that leads nowhere, should a route ask for one without the settings", () => {
    expect(answerHere(refused, page, "redirect")).toMatchObject({ _tag: "Refuse", status: 401 })
    expect(typeOf(answerHere(refused, call, "redirect"))).toBe("application/problem+json")
  })
})

describe("a redirect", () => {
  it("is what a page load gets for a 401 and a 403", () => {
    for (const error of [refused, forbidden]) {
      for (const method of ["GET", "HEAD"]) {
        expect(answer(error, { ...page, method })).toEqual({
          _tag: "Redirect",
          status: 302,
          headers: { location: redirectUrl, "cache-control": "no-store" },
          body: "",
          error
        })
      }
    }
  })

  it("is what an outage never gets", () => {
    for (const onFailure of ["negotiate", "redirect", "status"] as const) {
      for (const error of [keysDown, policyDown]) expect(answer(error, page, onFailure)).toMatchObject({ _tag: "Refuse", status: 503 })
    }
  })

  it("is what a cross-origin request never gets: it is not the user who is refused", () => {
    const crossOrigin = new CrossOriginRefused({ field: "origin", expected: "the app's own origin", message: "Of another." })
    for (const onFailure of ["negotiate", "redirect", "status"] as const) {
      expect(answer(crossOrigin, page, onFailure)).toMatchObject({ _tag: "Refuse", status: 403 })
      const post = answer(crossOrigin, { ...page, method: "POST" }, onFailure)
      expect(JSON.parse(post.body)).toEqual({
        type: "about:blank",
        title: "The request comes from a page of another origin",
        status: 403,
        error: "CrossOriginRefused"
      })
      expect(post.headers).toEqual({ "content-type": "application/problem+json", "cache-control": "no-store" })
    }
  })

  it("is what an upgrade never gets", () => {
    for (const onFailure of ["negotiate", "redirect", "status"] as const) {
      expect(answer(refused, { ...page, upgrade: true }, onFailure)).toMatchObject({ _tag: "Refuse", status: 401 })
    }
    expect(answer(refused, { ...page, upgrade: false })._tag).toBe("Redirect")
  })

  it("is what everything gets with onFailure redirect, and nothing with onFailure status", () => {
    for (const request of [page, call, { ...call, method: "POST" }]) {
      expect(answer(refused, request, "redirect")._tag).toBe("Redirect")
      expect(answer(refused, request, "status")._tag).toBe("Refuse")
    }
  })

  it("does not lead back to itself: there, a page load gets the page, and everything else the problem", () => {
    const there = { ...page, target: "/signed-out?again=1" }
    expect(answer(refused, there, "redirect", "/signed-out?why=1")).toMatchObject({ _tag: "Refuse", status: 401 })
    expect(typeOf(answer(refused, there, "negotiate", "/signed-out?why=1"))).toContain("text/html")
    expect(typeOf(answer(refused, { ...call, target: "/signed-out" }, "redirect", "/signed-out"))).toBe("application/problem+json")
    expect(answer(refused, { ...page, target: "/other" }, "redirect", "/signed-out")._tag).toBe("Redirect")
  })
})

describe("an admission", () => {
  it("has the user, and no user where the path is bypassed", () => {
    const user = userOf()
    expect(Decision.admit(user, user, { closeOnExpiry: true, isMock: false })).toEqual({
      _tag: "Admit",
      principal: user,
      user,
      headers: {},
      closeOnExpiry: true
    })
    expect(Decision.bypassed).toEqual({ _tag: "Admit", principal: undefined, user: undefined, headers: {}, closeOnExpiry: false })
    expect(Object.isFrozen(Decision.bypassed)).toBe(true)
    expect(User.anonymous.isAuthenticated).toBe(false)
  })

  it("of a mock user says so in a response header", () => {
    const { headers } = Decision.admit(userOf(), undefined, { closeOnExpiry: false, isMock: true })
    expect(Object.keys(headers)).toHaveLength(1)
  })
})
