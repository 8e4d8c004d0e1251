import { Faults } from "@cognito-auth/core/ConfigurationError"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { type HeaderFilterOptions, readHeaderFilter } from "../src/identity/HeaderFilter.ts"

const read = (options: HeaderFilterOptions) => {
  const faults = new Faults()
  const filter = readHeaderFilter(options, faults.add)
  return { filter, faults: faults.all.map(({ setting, problem }) => `${setting}: ${problem}`) }
}

const spellingOf = (name: string) =>
  fc
    .tuple(fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.constantFrom("-", "_", ".", "~")))
    .map(([upper, separator]) =>
      [...name].map((each) => (each === "-" ? separator.next().value : upper.next().value ? each.toUpperCase() : each)).join("")
    )

describe("the filter of header lines", () => {
  it("∀ spelling of a name in strip: it is removed, and in pass: it goes on", () => {
    const { filter, faults } = read({ strip: ["X-Internal-Token"], pass: ["x_real_ip"] })
    expect(faults).toEqual([])
    fc.assert(
      fc.property(spellingOf("x-internal-token"), spellingOf("x-real-ip"), (stripped, passed) => {
        expect(filter(stripped)).toBe("drop")
        expect(filter(passed)).toBe("keep")
      }),
      { numRuns: runs(100) }
    )
  })

  it("removes what was verified where strip names it, and takes no other spelling for it", () => {
    expect(read({}).filter("X-Amzn-Oidc-Accesstoken")).toBe("verified")
    expect(read({}).filter("x_amzn_oidc_accesstoken")).toBe("drop")
    expect(read({ strip: ["x-amzn-oidc-accesstoken"] }).filter("x-amzn-oidc-accesstoken")).toBe("drop")
  })

  it("forwards every header that names neither a user nor a path", () => {
    const { filter } = read({})
    for (const name of [
      "Accept",
      "Cookie",
      "Authorization",
      "Origin",
      "X-Requested-With",
      "X-Csrf-Token",
      "X-Amzn-Trace-Id",
      "Host",
      "Via"
    ]) {
      expect([name, filter(name)]).toEqual([name, "keep"])
    }
  })

  it.each([
    [{ pass: ["x-amzn-oidc-data"] }, /^pass: x-amzn-oidc-data is set by the gateway alone/],
    [{ pass: ["X_Cognito_Auth_Assertion"] }, /^pass: x-cognito-auth-assertion is set by the gateway alone/],
    [{ pass: ["X-Forwarded-User"] }, /^pass: x-forwarded-user is set by the gateway alone/],
    [{ pass: ["Transfer-Encoding"] }, /^pass: transfer-encoding concerns one connection/],
    [{ strip: ["Host"] }, /^strip: host is part of HTTP itself/],
    [{ strip: ["x-real-ip"], pass: ["X-Real-IP"] }, /^pass: x-real-ip is in strip/],
    [{ strip: ["a b"] }, /^strip: "a b" is not a header name/],
    [{ strip: "x-a" as never }, /^strip: expected a list/]
  ])("%j is a fault", (options, fault) => {
    expect(read(options).faults).toEqual([expect.stringMatching(fault)])
  })

  it("keeps no more names than it needs, whatever clients invent", () => {
    const { filter } = read({})
    expect(new Set(Array.from({ length: 5_000 }, (_, i) => filter(`x-invented-${i}`)))).toEqual(new Set(["keep"]))
    expect(filter("x-remote-user")).toBe("drop")
  })
})
