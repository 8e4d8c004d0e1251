import { isBypassed, readBypass } from "@cognito-auth/core/Bypass"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { otherSpellings } from "../../../testing/src/contract/bypassSpellings.ts"
import { runs } from "../../../testing/test/runs.ts"
import { webPath, webUrl } from "../../../testing/test/urls.ts"
import { failureOf, successOf } from "../outcome.ts"

const health = successOf(readBypass(["/health", "/public/legit", "/"]))

describe("isBypassed", () => {
  it.each(["/health", "/health/", "/health?x=1", "/health/?x=/secret", "/health?", "/public/legit", "/", "/?x=1"])(
    "holds of %s",
    (target) => {
      expect(isBypassed(health, target)).toBe(true)
    }
  )

  it.each([
    ...otherSpellings,
    // Node and core refuse these before, wherever they come from.
    "/health ",
    " /health",
    "/health\t",
    "/health\u0000",
    "/he\u0430lth",
    "/public",
    "/public/legit/x",
    "/public//legit",
    "//"
  ])("does not hold of %j", (target) => {
    expect(isBypassed(health, target)).toBe(false)
  })

  it("asks the same of the path that a router will act on, where something has rewritten it", () => {
    expect(isBypassed(health, "/health", "/health/?x=1")).toBe(true)
    expect(isBypassed(health, "/health", "/public/legit")).toBe(true)
    for (const routed of ["/admin", "//health", "/HEALTH"]) expect(isBypassed(health, "/health", routed), routed).toBe(false)
    expect(isBypassed(health, "/admin", "/health")).toBe(false)
  })

  it.each(["", "?", "?x", "?x=/", "*", "?/health", "health", "example.com:443", "http://example.com/", "http://example.com/health", "#/"])(
    "does not hold of the target %j, whose path does not begin with a slash",
    (target) => {
      expect(isBypassed(health, target)).toBe(false)
      for (const routed of ["/", "/health"]) {
        expect(isBypassed(health, routed, target)).toBe(false)
        expect(isBypassed(health, target, routed)).toBe(false)
      }
    }
  )

  it("holds of nothing where nothing is bypassed", () => {
    for (const paths of [undefined, [], new Set<string>()]) {
      const none = successOf(readBypass(paths))
      for (const target of ["/", "", "?", "/health", "undefined"]) expect(isBypassed(none, target)).toBe(false)
    }
  })

  const segment = fc.stringMatching(/^[A-Za-z0-9._~!$&'()+,=:@-]{1,8}$/).filter((text) => text !== "." && text !== "..")
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join("/")}`)

  it("∀ plain path: bypassed as it is written, with a trailing slash and with a query, and not otherwise", () => {
    fc.assert(
      fc.property(path, path, fc.string(), (configured, other, query) => {
        const bypass = successOf(readBypass([configured]))
        for (const target of [configured, `${configured}/`, `${configured}?${query}`]) expect(isBypassed(bypass, target)).toBe(true)
        expect(isBypassed(bypass, other)).toBe(other === configured)
        for (const target of [
          `${configured}/${other.slice(1)}`,
          `/${configured}`,
          `${configured};${query}`,
          `${configured}%2f`,
          `${other}?${configured}`
        ]) {
          expect(isBypassed(bypass, target)).toBe(target.startsWith(`${configured}?`))
        }
      }),
      { numRuns: runs(400) }
    )
  })

  it("∀ list of paths, ∀ target that does not begin with a slash: not bypassed", () => {
    const paths = fc.array(
      fc.oneof(
        fc.constant("/"),
        path,
        path.map((each) => `${each}/`)
      ),
      { minLength: 1, maxLength: 4 }
    )
    const rootless = fc
      .oneof(
        fc.constantFrom("", "?", "*", "?x", "*?/"),
        fc.string(),
        fc.string().map((query) => `?${query}`),
        // Absolute form, the authority of a CONNECT, and a listed path without its slash (RFC 9112 §3.2).
        webUrl,
        fc.domain().map((host) => `${host}:443`),
        path.map((each) => each.slice(1))
      )
      .filter((target) => !target.startsWith("/"))
    fc.assert(
      fc.property(paths, rootless, fc.constantFrom("/", "/?x"), (configured, target, routed) => {
        const bypass = successOf(readBypass(configured))
        for (const [asked, acted] of [
          [target, target],
          [target, routed],
          [routed, target]
        ] as const) {
          expect(isBypassed(bypass, asked, acted)).toBe(false)
        }
      }),
      { numRuns: runs(400) }
    )
  })

  it("∀ target: what is bypassed has a listed path for its own, letter by letter", () => {
    const target = fc.oneof(
      fc.string(),
      webPath,
      fc.constantFrom("/health", "/health/").chain((text) => fc.string().map((more) => text + more))
    )
    fc.assert(
      fc.property(target, (any) => {
        const bypass = successOf(readBypass(["/health"]))
        if (isBypassed(bypass, any)) expect(["/health", "/health/"]).toContain(any.split("?")[0])
      }),
      { numRuns: runs(400) }
    )
  })
})

describe("readBypass", () => {
  it.each([
    "",
    "health",
    "/health?x=1",
    "/health#x",
    "//health",
    "/a//b",
    "/health//",
    "/a/../b",
    "/..",
    "/.",
    "/a/.",
    "/./a",
    "/%68ealth",
    "/health;x",
    "/*",
    "/public/*",
    "/health ",
    " /health",
    "/heälth",
    "/a\\b",
    "https://example.com/health",
    null,
    undefined,
    1,
    /health/,
    ["/health"]
  ])("refuses %j for a path", (path) => {
    expect(failureOf(readBypass(["/ok", path]))).toEqual([{ setting: "bypass", problem: expect.stringContaining("is not a plain path") }])
  })

  it("names every path that is none", () => {
    expect(failureOf(readBypass(["", "/ok", "x"]))).toHaveLength(2)
  })

  it.each([null, "/health", 1, {}, () => ["/health"]])("refuses %j for a list", (paths) => {
    expect(failureOf(readBypass(paths))).toEqual([{ setting: "bypass", problem: expect.stringContaining("a list of paths") }])
  })

  it("takes the root, and no list at all for none", () => {
    expect([...successOf(readBypass(["/"]))]).toEqual(["/"])
    expect([...successOf(readBypass(undefined))]).toEqual([])
  })

  it("takes a set, and dots within a name", () => {
    const bypass = successOf(readBypass(new Set(["/.well-known/x", "/a.b/..c", "/health/"])))
    for (const target of ["/.well-known/x", "/a.b/..c", "/health"]) expect(isBypassed(bypass, target)).toBe(true)
  })
})

describe("a fault in a list of bypassed paths", () => {
  it("says what a path looks like, and what a list does", () => {
    expect(failureOf(readBypass(["health"]))[0]?.problem).toContain('an exact path such as "/health"')
    expect(failureOf(readBypass("/health"))[0]?.problem).toContain('["/health"]')
  })
})
