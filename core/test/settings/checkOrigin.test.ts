import { type Environment, type Options, Policy } from "@cognito-auth/core"
import { readSettings } from "@cognito-auth/core/Settings"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { webUrl } from "../../../testing/test/urls.ts"
import { failureOf, successOf } from "../outcome.ts"

const good: Options = {
  userPoolId: "eu-west-2_AbC123xyz",
  clientId: "client-1",
  albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
  policy: Policy.anyUser
}
const read = (allowedOrigins?: unknown, environment: Environment = {}) => readSettings({ ...good, allowedOrigins } as Options, environment)
const faultsOf = (...given: Parameters<typeof read>) => failureOf(read(...given))
const variable = "COGNITO_AUTH_ALLOWED_ORIGINS"

describe("allowedOrigins", () => {
  it("is none by default, a list in code, a comma list in the environment; code wins", () => {
    const portal = "https://portal.example.com"
    expect(successOf(read()).allowedOrigins).toEqual(new Set())
    expect(successOf(read([portal, "https://a.example:8443"])).allowedOrigins).toEqual(new Set([portal, "https://a.example:8443"]))
    const env = { [variable]: ` ${portal} , https://b.example,` }
    expect(successOf(read(undefined, env)).allowedOrigins).toEqual(new Set([portal, "https://b.example"]))
    expect(successOf(read(["https://c.example"], env)).allowedOrigins).toEqual(new Set(["https://c.example"]))
    expect(successOf(read([], env)).allowedOrigins).toEqual(new Set())
    expect(successOf(read(undefined, { [variable]: "" })).allowedOrigins).toEqual(new Set())
  })

  it.each([
    "https://portal.example.com",
    "https://portal.example.com:8443",
    "https://localhost",
    "http://localhost:5173",
    "http://portal.localhost:5173",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "https://[2001:db8::1]",
    "https://xn--mnchen-3ya.example",
    "https://10.0.0.1",
    "https://portal.example.com."
  ])("takes %s, as browsers send it", (origin) => {
    expect([...successOf(read([origin])).allowedOrigins]).toEqual([origin])
  })

  it.each<[string, string]>([
    ["https://portal.example.com/", "is not as browsers send it: write https://portal.example.com"],
    ["https://portal.example.com/path", "is not as browsers send it: write https://portal.example.com"],
    ["https://portal.example.com?x", "is not as browsers send it: write https://portal.example.com"],
    ["https://portal.example.com#x", "is not as browsers send it: write https://portal.example.com"],
    ["https://user:pass@portal.example.com", "is not as browsers send it: write https://portal.example.com"],
    ["https://portal.example.com:443", "is not as browsers send it: write https://portal.example.com"],
    ["http://localhost:80", "is not as browsers send it: write http://localhost"],
    ["https://Portal.Example.com", "is not as browsers send it: write https://portal.example.com"],
    ["HTTPS://portal.example.com", "is not as browsers send it: write https://portal.example.com"],
    ["https:portal.example.com", "is not an origin: write its scheme and host, such as https://portal.example.com"],
    ["https://münchen.example", "is not as browsers send it: write https://xn--mnchen-3ya.example"],
    ["http://0x7f.1:3000", "is not as browsers send it: write http://127.0.0.1:3000"],
    ["portal.example.com", "is not as browsers send it: write https://portal.example.com"],
    ["portal.example.com:8443", "is not as browsers send it: write https://portal.example.com:8443"],
    ["http://portal.example.com", "is http, which is allowed for loopback hosts only: write https://portal.example.com"],
    ["http://portal.example.com:8080/x", "is http, which is allowed for loopback hosts only: write https://portal.example.com:8080"],
    ["http://localhost.example.com", "is http, which is allowed for loopback hosts only: write https://localhost.example.com"],
    ["http://notlocalhost", "is http, which is allowed for loopback hosts only: write https://notlocalhost"],
    ["null", "is null, which any page can be made to send: leave it out"],
    ["*", "is a pattern: name each origin separately, such as https://portal.example.com"],
    ["https://*.example.com", "is a pattern: name each origin separately, such as https://portal.example.com"],
    ["https://", "is not an origin: write its scheme and host, such as https://portal.example.com"],
    ["ftp://portal.example.com", "is not an origin: write its scheme and host, such as https://portal.example.com"],
    ["chrome-extension://abcdef", "is not an origin: write its scheme and host, such as https://portal.example.com"],
    ["file:///x", "is not an origin: write its scheme and host, such as https://portal.example.com"],
    ["a b", "is not an origin: write its scheme and host, such as https://portal.example.com"]
  ])("refuses %s, and says what to write", (origin, problem) => {
    const expected = { setting: `allowedOrigins (${variable})`, problem: `entry 2 ${problem}.` }
    expect(faultsOf(["https://a.example", origin])).toEqual([expected])
    expect(faultsOf(undefined, { [variable]: `https://a.example, ${origin}` })).toEqual([expected])
  })

  it("refuses what is no list of strings", () => {
    for (const given of ["https://portal.example.com", 1, {}, null]) {
      expect(faultsOf(given)).toEqual([{ setting: `allowedOrigins (${variable})`, problem: "expected a list of strings." }])
    }
    expect(faultsOf([1, "", " https://a.example"]).map(({ problem }) => problem.slice(0, 16))).toEqual([
      "entry 1 is not a",
      "entry 2 is empty",
      "entry 3 begins o"
    ])
  })

  it("∀ URLs: what a fault says to write is taken", () => {
    fc.assert(
      fc.property(webUrl, (url) => {
        const outcome = read([url])
        if (outcome._tag === "Success") return
        const [, advice = ""] = /: write (\S+)\.$/.exec(outcome.failure[0]?.problem ?? "") ?? []
        expect([...successOf(read([advice])).allowedOrigins], url).toEqual([advice])
      }),
      { numRuns: runs(300) }
    )
  })
})
