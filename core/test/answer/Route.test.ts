import { ConfigurationError } from "@cognito-auth/core"
import { isBypassed } from "@cognito-auth/core/Bypass"
import { makeRoute, type RouteOptions } from "@cognito-auth/core/Route"
import { describe, expect, it } from "vitest"
import { userWith } from "../userOf.ts"

describe("makeRoute", () => {
  it("bypasses nothing, requires nothing and negotiates, unless it is told otherwise", () => {
    for (const route of [makeRoute(), makeRoute({})]) {
      expect(route.bypass.size).toBe(0)
      expect(route.crossOriginAllowed.size).toBe(0)
      expect(route).toMatchObject({ requirement: undefined, onFailure: "negotiate" })
    }
  })

  it("compiles its options", () => {
    const route = makeRoute({ bypass: ["/health/"], onFailure: "status", require: { groups: "admins" }, closeOnExpiry: true })
    expect(route.closeOnExpiry).toBe(true)
    expect(isBypassed(route.bypass, "/health")).toBe(true)
    expect(route.onFailure).toBe("status")
    expect(route.requirement?.isMetBy(userWith("a@example.com", ["admins"]))).toBe(true)
    expect(route.requirement?.isMetBy(userWith("a@example.com"))).toBe(false)
  })

  it("throws a ConfigurationError that names every fault", () => {
    const options: unknown = { bypass: ["health", ""], onFailure: "redirects", require: {}, closeOnExpiry: "yes" }
    try {
      makeRoute(options as RouteOptions)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
      const { faults, message } = error as ConfigurationError
      expect(faults.map(({ setting }) => setting)).toEqual(["bypass", "bypass", "onFailure", "require", "closeOnExpiry"])
      for (const { setting, problem } of faults) {
        expect(problem).not.toBe("")
        expect(message).toContain(`${setting}: ${problem}`)
      }
      expect(message).toContain("5 faults")
    }
  })

  it.each<[RouteOptions, string, string]>([
    [{ name: "" }, "name", "letters, digits, dots, hyphens and underscores"],
    [{ name: "a b" }, "name", "letters, digits"],
    [{ name: "/reports" }, "name", "letters, digits"],
    [{ name: "reports/" }, "name", "letters, digits"],
    [{ name: "x".repeat(65) }, "name", "1 to 64"],
    [{ name: 1 as never }, "name", "1 to 64"],
    [{ name: ["reports"] as never }, "name", "1 to 64"],
    [{ audit: "yes" as never }, "audit", "expected true or false."]
  ])("refuses a guard's name that may hold what differs by request, and what is no flag: %j", (options, setting, problem) => {
    expect(() => makeRoute(options)).toThrow(ConfigurationError)
    expect(() => makeRoute(options)).toThrow(`${setting}: `)
    expect(() => makeRoute(options)).toThrow(problem)
  })

  it("refuses to keep a record where there is no audit log", () => {
    const settings = { redirectUrl: undefined, hasAuditLog: false }
    expect(() => makeRoute({ audit: true }, settings)).toThrow("audit: needs an audit log: give the option auditLog")
    expect(makeRoute({ audit: false }, settings).audit).toBe(false)
    expect(makeRoute({ audit: true }, { ...settings, hasAuditLog: true }).audit).toBe(true)
  })

  it("has no name and is not in the audit log, unless it is told otherwise", () => {
    expect(makeRoute()).toMatchObject({ name: undefined, audit: false })
    expect(makeRoute({ name: "Reports-2.v_1", audit: true })).toMatchObject({ name: "Reports-2.v_1", audit: true })
    expect(makeRoute({ name: "x".repeat(64) }).name).toHaveLength(64)
  })

  it("refuses paths for services where the adapter hands none on, or none can be verified; and says what to do", () => {
    const [redirectUrl, services] = [undefined, ["/api"]]
    const oidc = { _tag: "oidc", audience: undefined, groupsClaim: undefined } as const
    expect(() => makeRoute({ services }, { redirectUrl, takesServices: false })).toThrow(
      "services: is not offered here: it takes users alone. Guard these paths in the app"
    )
    expect(() => makeRoute({ services }, { redirectUrl, provider: oidc })).toThrow(
      "services: needs a Cognito user pool: with Provider.oidc"
    )
    for (const settings of [undefined, { redirectUrl }, { redirectUrl, takesServices: true, provider: { _tag: "cognito" } as const }]) {
      expect(makeRoute({ services }, settings).services).toEqual(["/api/"])
    }
    for (const settings of [
      { redirectUrl, takesServices: false },
      { redirectUrl, provider: oidc }
    ]) {
      expect(makeRoute({}, settings).services).toEqual([])
    }
  })

  it("refuses to redirect every request where the settings have nowhere to redirect to, and says what to set", () => {
    const settings = { redirectUrl: undefined }
    expect(() => makeRoute({ onFailure: "redirect" }, settings)).toThrow(
      'onFailure: "redirect" needs a URL to redirect to: set redirectUrl'
    )
    expect(makeRoute({ onFailure: "redirect" }, { redirectUrl: "/denied" }).onFailure).toBe("redirect")
    expect(makeRoute({ onFailure: "redirect" }).onFailure).toBe("redirect")
    for (const onFailure of ["negotiate", "status", undefined] as const) expect(() => makeRoute({ onFailure }, settings)).not.toThrow()
  })

  it("refuses a name that is none, and what is not options at all", () => {
    expect(() => makeRoute({ bypas: ["/health"] } as RouteOptions)).toThrow("bypas: is not an option. Did you mean bypass?")
    expect(() => makeRoute({ groups: ["admins"] } as RouteOptions)).toThrow(
      "groups: is not an option. Known names: bypass, services, onFailure, require"
    )
    for (const options of [null, "status", 1, () => {}])
      expect(() => makeRoute(options as RouteOptions)).toThrow("options: expected an object")
  })

  it("compiles the paths of crossOrigin as those of bypass", () => {
    for (const allow of [["/webhook"], new Set(["/webhook/"])]) {
      expect([...makeRoute({ crossOrigin: { allow } }).crossOriginAllowed]).toEqual(["/webhook", "/webhook/"])
    }
    for (const crossOrigin of [undefined, {}, { allow: undefined }, { allow: [] }]) {
      expect(makeRoute({ crossOrigin }).crossOriginAllowed.size).toBe(0)
    }
    expect(makeRoute({ bypass: ["/health"] }).crossOriginAllowed.size).toBe(0)
    expect(makeRoute({ crossOrigin: { allow: ["/webhook"] } }).bypass.size).toBe(0)
  })

  it.each<[unknown, string]>([
    [
      false,
      'crossOrigin: expected an object, such as { allow: ["/webhook"] }. It cannot be turned off; other origins of yours are named in allowedOrigins (COGNITO_AUTH_ALLOWED_ORIGINS).'
    ],
    [true, "crossOrigin: expected an object"],
    [null, "crossOrigin: expected an object"],
    ["/webhook", "crossOrigin: expected an object"],
    [["/webhook"], "crossOrigin: expected an object"],
    [{ alow: ["/webhook"] }, "crossOrigin.alow: is no option. Did you mean allow?"],
    [{ allow: "/webhook" }, 'crossOrigin.allow: expected a list of paths, such as ["/health"].'],
    [{ allow: ["/webhook/*"] }, 'crossOrigin.allow: "/webhook/*" is not a plain path'],
    [{ allow: ["https://portal.example.com"] }, 'crossOrigin.allow: "https://portal.example.com" is not a plain path']
  ])("refuses the crossOrigin %j", (crossOrigin, message) => {
    const options: unknown = { crossOrigin }
    expect(() => makeRoute(options as RouteOptions)).toThrow(message)
    expect(() => makeRoute(options as RouteOptions)).toThrow("one fault")
  })

  it("says one fault for one", () => {
    expect(() => makeRoute({ bypass: ["health"] })).toThrow("one fault")
  })

  it("refuses a requirement that is wrong, even alone", () => {
    expect(() => makeRoute({ require: {} })).toThrow(ConfigurationError)
  })

  it("refuses a requirement that is undefined, as auth.require(setting) has where there is no such setting: it would require nothing", () => {
    const options: unknown = { require: undefined }
    expect(() => makeRoute(options as RouteOptions)).toThrow("require: requires nothing. Give groups, users, scopes, or admin: true.")
  })
})
