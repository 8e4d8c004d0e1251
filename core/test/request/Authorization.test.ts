import { findAuthorization, readAuthorization } from "@cognito-auth/core/Authorization"
import { maxHeaderLength } from "@cognito-auth/core/Headers"
import type { HeaderFields } from "@cognito-auth/core/Request"
import { readServicePaths } from "@cognito-auth/core/ServicePaths"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf, tagOf } from "../outcome.ts"

const services = successOf(readServicePaths(["/api"]))
const find = (headers: unknown, target = "/api") => findAuthorization(services, { method: "GET", target, headers: headers as HeaderFields })
const read = (headers: unknown) => readAuthorization(find(headers), headers as HeaderFields)

describe("findAuthorization", () => {
  it("finds the header in any case of its name, in any form of headers, below the paths of services alone", () => {
    for (const headers of [
      { authorization: "x" },
      { Authorization: "x" },
      new Headers({ authorization: "x" }),
      new Map([["AUTHORIZATION", "x"]])
    ]) {
      expect(find(headers)).toBe("x")
      for (const target of ["/", "/apis", "/API", "/%61pi", "//api", "/api/../x"]) expect(find(headers, target)).toBeUndefined()
    }
  })

  it("finds it twice where two lines were sent, of which Node shows one (Node's guide, message.headers)", () => {
    const headers = { authorization: "Bearer a", host: "x" }
    const of = (...rawHeaders: ReadonlyArray<string>) => findAuthorization(services, { method: "GET", target: "/api", headers, rawHeaders })
    expect(of("Host", "x", "Authorization", "Bearer a")).toBe("Bearer a")
    expect(of("host", "authorization", "x-other", "authorization", "authorization", "Bearer a")).toBe("Bearer a")
    expect(of()).toBe("Bearer a")
    // Of as many letters as the name.
    expect(of("authorization", "Bearer a", "x-thirteen-13", "y", "X-Forwarded-For", "z")).toBe("Bearer a")
    for (const second of ["authorization", "Authorization", "AUTHORIZATION"]) {
      expect(of("Authorization", "Bearer a", "Host", "x", second, "Bearer b")).toEqual(["Bearer a", "Bearer a"])
    }
    const none = { method: "GET", target: "/api", headers: {}, rawHeaders: ["Authorization", "a", "Authorization", "b"] }
    expect(findAuthorization(services, none)).toBeUndefined()
  })

  it("says of each refusal what was expected, and what to do", () => {
    expect(failureOf(read({ authorization: "" }))).toMatchObject({
      _tag: "HeaderMissing",
      message: expect.stringContaining("authorization is empty: expected Bearer and a token")
    })
    expect(failureOf(read({ authorization: "Basic a" })).expected).toBe("Bearer, one space, and one token")
    const beside = failureOf(read({ authorization: "Bearer a", "x-amzn-oidc-identity": "b" }))
    expect(beside).toMatchObject({ check: "alone", expected: "no x-amzn-oidc-* header beside it" })
    expect(beside.message).toContain("verify tokens (jwt-validation) or sign users in, not both")
  })

  it("never looks at headers elsewhere", () => {
    const trap = new Proxy({}, { get: () => expect.unreachable(), ownKeys: () => expect.unreachable(), has: () => expect.unreachable() })
    expect(find(trap, "/apis")).toBeUndefined()
  })

  it("takes none from a prototype, and none of a similar name", () => {
    expect(find(Object.create({ authorization: "x" }))).toBeUndefined()
    for (const name of ["authorizatíon", "authorization ", "proxy-authorization", "x-authorizatio", "authorİzatio"])
      expect(find({ [name]: "x" })).toBeUndefined()
    for (const headers of [undefined, null, 1, "authorization: x", []]) expect(find(headers)).toBeUndefined()
  })
})

describe("readAuthorization", () => {
  it("reads what follows Bearer, unchanged", () => {
    expect(successOf(read({ authorization: "Bearer a.b.c" }))).toBe("a.b.c")
    expect(successOf(read({ Authorization: ["Bearer é==.="] }))).toBe("é==.=")
  })

  it.each([
    "bearer a",
    "BEARER a",
    "Bearer",
    "Bearer ",
    "Bearer  a",
    "Bearer a b",
    "Bearer a ",
    " Bearer a",
    "Bearer\ta",
    "Bearera",
    "a",
    "Basic a",
    "Ｂearer a"
  ])("refuses %j, which is not Bearer, one space and one token", (authorization) =>
    expect(failureOf(read({ authorization }))).toMatchObject({ _tag: "HeaderInvalid", header: "authorization", check: "scheme" })
  )

  it("refuses a header that was sent twice: as a list, joined, or in two spellings", () => {
    for (const headers of [
      { authorization: ["Bearer a", "Bearer a"] },
      { authorization: "Bearer a, Bearer a" },
      { authorization: "Bearer a,b" },
      { authorization: "Bearer a", Authorization: "Bearer a" },
      { authorization: "", Authorization: "Bearer a" }
    ]) {
      expect(failureOf(read(headers))).toMatchObject({ _tag: "HeaderInvalid", check: "header", expected: "sent once" })
    }
  })

  it("refuses an empty one as missing, and another type", () => {
    for (const authorization of ["", [], [""], null]) expect(failureOf(read({ authorization }))).toMatchObject({ _tag: "HeaderMissing" })
    for (const authorization of [1, true, {}, ["Bearer a".split("")]])
      expect(failureOf(read({ authorization }))).toMatchObject({ _tag: "HeaderInvalid" })
  })

  it("takes one below 16 KiB, and refuses it from there on", () => {
    const of = (length: number) => ({ authorization: `Bearer ${"a".repeat(length - 7)}` })
    expect(tagOf(read(of(maxHeaderLength - 1)))).toBe("ok")
    expect(failureOf(read(of(maxHeaderLength)))).toMatchObject({ _tag: "HeaderInvalid", expected: "under 16 KiB" })
  })

  it.each(["x-amzn-oidc-data", "X-Amzn-Oidc-AccessToken", "x-amzn-oidc-identity"])("refuses it beside %s, whatever that holds", (name) => {
    for (const value of ["a.b.c", "", []]) {
      expect(failureOf(read({ authorization: "Bearer a", [name]: value }))).toMatchObject({ _tag: "HeaderInvalid", check: "alone" })
    }
  })

  it("says what was expected, and never what was sent", () => {
    for (const authorization of ["Basic SECRET", "Bearer SECRET,SECRET", "SECRET", ["SECRET", "SECRET"], { SECRET: 1 }]) {
      const failure = failureOf(read({ authorization }))
      expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain("SECRET")
      expect(failure.message).toContain("authorization")
    }
  })

  it("∀ values put together from the pieces of a grammar: only Bearer, one space and a token without spaces and commas", () => {
    const piece = fc.constantFrom(
      "Bearer",
      "bearer",
      "BEARER",
      " ",
      "  ",
      "\t",
      ",",
      ", ",
      "a.b.c",
      "=",
      "Basic",
      "Bearer ",
      "é",
      "\u00a0",
      "\0",
      ";"
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const authorization = pieces.join("")
        const outcome = read({ authorization })
        const [, token] = /^Bearer ([^ ,]+)$/s.exec(authorization) ?? []
        expect(tagOf(outcome) === "ok" ? successOf(outcome) : undefined).toBe(token)
      }),
      { numRuns: runs(3_000), seed: 14 }
    )
  })

  it("reads a value at the limit of its size in work that grows with its length alone", () => {
    // A value that counts every look at one of its characters cannot be made: so it is counted how often the whole is walked.
    const walks: Array<string> = []
    const spied = ["slice", "includes", "startsWith"] as const
    const originals = spied.map((name) => [name, String.prototype[name]] as const)
    const value = `Bearer ${" a".repeat(8_000)}`
    try {
      for (const [name, original] of originals) {
        Object.defineProperty(String.prototype, name, {
          configurable: true,
          writable: true,
          value(this: string, ...given: Array<never>) {
            if (this.length > 1_000) walks.push(name)
            return (original as (...all: Array<never>) => unknown).apply(this, given)
          }
        })
      }
      read({ authorization: value })
    } finally {
      for (const [name, original] of originals)
        Object.defineProperty(String.prototype, name, { configurable: true, writable: true, value: original })
    }
    expect(walks.length).toBeGreaterThan(0)
    expect(walks.length).toBeLessThan(8)
  })
})
