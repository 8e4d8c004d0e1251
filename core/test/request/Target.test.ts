import { refuseTarget } from "@cognito-auth/core/Target"
import fc from "fast-check"
import { expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { webPath, webQuery } from "../../../testing/test/urls.ts"

const tag = (target: string, method = "GET"): string | undefined => refuseTarget({ method, target, headers: {} })?._tag

it("∀ target with a raw #, white space or a control character: TargetInvalid, wherever it stands", () => {
  const odd = fc.oneof(
    fc.constantFrom("#", "\x7f"),
    fc.integer({ min: 0, max: 32 }).map((code) => String.fromCharCode(code))
  )
  fc.assert(
    fc.property(webPath, odd, webQuery, (path, character, query) => {
      expect(tag(`/${character}${path}?${query}`)).toBe("TargetInvalid")
      expect(tag(`${path}?${query}${character}`)).toBe("TargetInvalid")
    }),
    { numRuns: runs(100) }
  )
})

it("∀ path and query of RFC 3986, encodings and what is beyond ASCII among them: none", () => {
  fc.assert(
    fc.property(webPath, webQuery, (path, query) => {
      expect(tag(`/${path}?${query}`)).toBeUndefined()
    }),
    { numRuns: runs(100) }
  )
  for (const target of ["/My%20file", "/C%23", "/%00", "/\u00e9", "http://app.example/x"]) expect(tag(target)).toBeUndefined()
})

it("* is a target only for OPTIONS", () => {
  expect(tag("*", "OPTIONS")).toBeUndefined()
  expect(tag("*")).toBe("TargetInvalid")
})

it("16 KiB pass, one byte more is TargetTooLong", () => {
  expect(tag(`/${"x".repeat(16_383)}`)).toBeUndefined()
  expect(tag(`/${"x".repeat(16_384)}`)).toBe("TargetTooLong")
})

it.each([
  ["/a#b", "GET", /"#", white space or a control character/],
  ["*", "GET", /\*, which only OPTIONS/],
  [`/${"x".repeat(16_384)}`, "GET", /longer than 16384 bytes/]
])("says why %j is refused", (target, method, why) => {
  expect(refuseTarget({ method, target, headers: {} })?.message).toMatch(why)
})
