import { isPageLoad as isPageLoadRequest } from "@cognito-auth/core"
import type { AuthRequest } from "@cognito-auth/core/Request"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"

describe("a page load", () => {
  const isPageLoad = (headers: unknown, method = "GET") =>
    isPageLoadRequest({ method, target: "/", headers: headers as AuthRequest["headers"] })

  it.each<[Record<string, unknown>, boolean]>([
    [{ "sec-fetch-mode": "navigate" }, true],
    [{ "Sec-Fetch-Mode": "navigate" }, true],
    [{ "sec-fetch-mode": "navigate", accept: "application/json" }, true],
    [{ "sec-fetch-mode": ["navigate"] }, true],
    [{ "sec-fetch-mode": "cors", accept: "text/html" }, false],
    [{ "sec-fetch-mode": "websocket", accept: "text/html" }, false],
    [{ "sec-fetch-mode": "", accept: "text/html" }, false],
    [{ accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" }, true],
    [{ accept: "TEXT/HTML" }, true],
    [{ accept: "application/xhtml+xml" }, true],
    [{ Accept: "text/html;q=0.9, application/json;q=0.1" }, true],
    [{ accept: "text/html; level=1; q=0.5, */*;q=0.1" }, true],
    [{ accept: "application/json;q=0.5, text/html" }, true],
    [{ accept: "application/json, text/html" }, false],
    [{ accept: "application/json;q=0.5, text/html;q=0.4" }, false],
    [{ accept: "*/*, text/html;q=0.9" }, false],
    [{ accept: "*/*" }, false],
    [{ accept: "application/json" }, false],
    [{ accept: "text/html;q=0" }, false],
    [{ accept: "text/html;q=x" }, false],
    [{ accept: "text/html5" }, false],
    [{ accept: "text/html;q=0.5, application/json;q=0.5" }, true],
    [{ accept: "text/html;level=1;q=0.1, application/json;q=0.2" }, false],
    [{ accept: "application/json ; q=0.2 , text/html ; Q=0.5" }, true],
    [{ accept: "image/x-html" }, false],
    [{ accept: "" }, false],
    [{ accept: 1 }, false],
    [{ accept: undefined }, false],
    [{}, false]
  ])("of %j: %j", (headers, expected) => {
    expect(isPageLoad(headers)).toBe(expected)
    const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string")
    if (texts.length === Object.keys(headers).length) expect(isPageLoad(new Headers(texts))).toBe(expected)
  })

  it("is one by HEAD as by GET", () => {
    expect(isPageLoad({ "sec-fetch-mode": "navigate" }, "HEAD")).toBe(true)
  })

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "get", ""])("is no %j", (method) => {
    expect(isPageLoad({ "sec-fetch-mode": "navigate", accept: "text/html" }, method)).toBe(false)
  })

  it("∀ headers: one or none, never a throw", () => {
    const value = fc.oneof(fc.string(), fc.anything(), fc.constantFrom("navigate", "text/html", "a;q=b;;,"))
    const fields = fc.dictionary(fc.oneof(fc.constantFrom("sec-fetch-mode", "accept", "ACCEPT"), fc.string()), value)
    fc.assert(
      fc.property(fc.oneof(fields, fc.constantFrom(null, undefined, 1, "accept: text/html")), (headers) => {
        expect(typeof isPageLoad(headers)).toBe("boolean")
      }),
      { numRuns: runs(400) }
    )
  })
})
