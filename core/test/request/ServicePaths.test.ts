import { isServicePath, readServicePaths } from "@cognito-auth/core/ServicePaths"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf } from "../outcome.ts"

const paths = (...list: ReadonlyArray<string>) => successOf(readServicePaths(list))

describe("isServicePath", () => {
  it.each(["/api", "/api/", "/api?x=/", "/api/orders", "/api/orders/7?x", "/api/..."])("%s is below /api", (target) => {
    expect(isServicePath(paths("/api"), target)).toBe(true)
    expect(isServicePath(paths("/api/"), target)).toBe(true)
  })

  it.each([
    ...[
      "/",
      "",
      "*",
      "/apis",
      "/apis/x",
      "/ap",
      "/api.json",
      "/api;x",
      "/api;/x",
      "/API",
      "/Api/x",
      "/v1/api",
      "/x?/api",
      "?/api",
      "/api%2f"
    ],
    ...["/%61pi", "/api/%2e%2e/x", "/api/..", "/api/../x", "/api/./x", "/x/../api", "//api", "/api//x", "/api//", "/\\api", "/api\\x"],
    ...["api", "http://host/api", "https://host/api/x", "/api/x%20y", "/api/a;b", "/api/*"]
  ])("%s is not below /api", (target) => {
    expect(isServicePath(paths("/api"), target)).toBe(false)
  })

  it("counts only where the path that a router acts on is below one, too", () => {
    expect(isServicePath(paths("/api"), "/api/x", "/api/y")).toBe(true)
    expect(isServicePath(paths("/api"), "/api/x", "/admin")).toBe(false)
    expect(isServicePath(paths("/api"), "/admin", "/api/x")).toBe(false)
  })

  it("/ stands for every path in its plain form, and no list for none", () => {
    for (const target of ["/", "/x", "/x/y?z"]) {
      expect(isServicePath(paths("/"), target)).toBe(true)
      expect(isServicePath(paths(), target)).toBe(false)
    }
    expect(isServicePath(paths("/"), "/%61")).toBe(false)
    expect(isServicePath(paths("/a", "/b/c"), "/b/c/d")).toBe(true)
  })

  it("∀ targets put together from what routers read differently: below /api only where the segments are plain, and the first is exactly api", () => {
    const piece = fc.constantFrom(
      "/",
      "api",
      "API",
      "%61pi",
      "apis",
      "..",
      ".",
      "%2f",
      "%5c",
      ";",
      "\\",
      "?",
      "#",
      "x",
      "\u0130",
      "//",
      "\t",
      "*"
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = pieces.join("")
        const [path = ""] = target.split("?")
        const [empty, first, ...rest] = path.split("/")
        const isPlainSegment = (each: string) => /^[A-Za-z.]+$/.test(each) && each !== "." && each !== ".."
        const isPlain = rest.every((each, index) => isPlainSegment(each) || (each === "" && index === rest.length - 1))
        const expected = empty === "" && first === "api" && isPlain
        expect(isServicePath(paths("/api"), target)).toBe(expected)
      }),
      { numRuns: runs(2_000) }
    )
  })
})

describe("readServicePaths", () => {
  it("names every path that is not plain, and what is no list", () => {
    const wrong = ["api", "/api/*", "/a//b", "/a/..", "/%61", "/a?b", ""]
    const faults = failureOf(readServicePaths([...wrong, "/fine"]))
    expect(faults.map(({ setting }) => setting)).toEqual(wrong.map(() => "services"))
    for (const [index, path] of wrong.entries()) expect(faults[index]?.problem).toContain(JSON.stringify(path))
    for (const { problem } of faults) expect(problem).toContain('one such as "/api", which stands for all below it')
    expect(failureOf(readServicePaths("/api"))[0]?.problem).toContain('["/api"]')
    for (const list of ["/api", {}, null, 1]) expect(failureOf(readServicePaths(list))).toHaveLength(1)
  })

  it("takes a list or a set, and none", () => {
    expect(successOf(readServicePaths(new Set(["/api"])))).toEqual(successOf(readServicePaths(["/api/"])))
    expect(successOf(readServicePaths(undefined))).toEqual([])
  })
})
