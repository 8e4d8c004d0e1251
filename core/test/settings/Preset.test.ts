import { type Environment, gdsIdea, makeAdapterRuntime, type Options, Policy, type Preset } from "@cognito-auth/core"
import { withPreset } from "@cognito-auth/core/Preset"
import { readSettings, type Settings } from "@cognito-auth/core/Settings"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { failureOf, successOf } from "../outcome.ts"

const forge = await sharedForge()
const good: Options = { ...forge.settings().options, policy: Policy.anyUser, environment: {} }
const settingsOf = (options: Options, environment: Environment = {}): Settings =>
  successOf(readSettings({ ...good, ...options }, environment))
const faultsOf = (options: object, environment: Environment = {}) =>
  failureOf(readSettings({ ...good, ...options } as Options, environment)).map(({ setting, problem }) => `${setting}: ${problem}`)
const valuesOf = ({ redirectUrl, platformAdminGroups }: Settings) => [redirectUrl, [...platformAdminGroups]]

describe("a preset", () => {
  it("gives values that are set neither by options nor by the environment", () => {
    expect(valuesOf(settingsOf({}))).toEqual([undefined, []])
    expect(valuesOf(settingsOf({ preset: gdsIdea }))).toEqual(["https://gds-idea.click/401.html", ["gds-idea"]])
  })

  it("∀ places that have a value: options win over the environment, and that over the preset", () => {
    const urls = ["/option", "/variable", "/preset"] as const
    fc.assert(
      fc.property(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), ([inOptions, inEnvironment, inPreset]) => {
        const preset: Preset = inPreset ? { preset: "own", redirectUrl: urls[2], platformAdminGroups: ["preset"] } : { preset: "own" }
        const settings = settingsOf(
          { preset, ...(inOptions && { redirectUrl: urls[0], platformAdminGroups: ["option"] }) },
          inEnvironment ? { COGNITO_AUTH_REDIRECT_URL: urls[1], COGNITO_AUTH_PLATFORM_ADMIN_GROUPS: "variable" } : {}
        )
        const winner = inOptions ? "option" : inEnvironment ? "variable" : inPreset ? "preset" : undefined
        expect(valuesOf(settings)).toEqual(winner === undefined ? [undefined, []] : [`/${winner}`, [winner]])
      }),
      { numRuns: runs(100) }
    )
  })

  it("has no value for what an option turns off", () => {
    const environment = { COGNITO_AUTH_REDIRECT_URL: "/variable", COGNITO_AUTH_PLATFORM_ADMIN_GROUPS: "variable" }
    expect(valuesOf(settingsOf({ preset: gdsIdea, redirectUrl: false, platformAdminGroups: [] }, environment))).toEqual([undefined, []])
  })

  it("that was spread into the options, where it would win over the environment, neither compiles nor starts", () => {
    // @ts-expect-error A preset is the value of the option, not options.
    const spread: Options = { ...gdsIdea }
    expect(faultsOf(spread)).toEqual([expect.stringMatching(/^preset: expected a preset, such as { preset: gdsIdea }/)])
    expect(() => makeAdapterRuntime({ ...good, ...spread })).toThrow("Do not spread it")
  })

  it.each<[unknown, string]>([
    [null, "preset: "],
    ["gdsIdea", "preset: "],
    [{}, "preset: "],
    [{ redirectUrl: "/x" }, "preset: "],
    [{ preset: "own", redirectUrl: "//evil.example" }, "preset.redirectUrl: "],
    [{ preset: "own", redirectUrl: false, platformAdminGroups: "staff" }, "preset.platformAdminGroups: "],
    [{ preset: "own", platformAdminGroups: ["staff", ""] }, "preset.platformAdminGroups: entry 2 "],
    [{ preset: "own", policy: Policy.anyUser }, "preset.policy: is not an option."],
    [{ preset: "own", redirectURL: "/x" }, "preset.redirectURL: is not an option. Did you mean redirectUrl?"]
  ])("that is wrong is a fault: %j", (preset, fault) => {
    expect(faultsOf({ preset })).toEqual([expect.stringContaining(fault)])
  })

  it("cannot be changed", () => {
    expect(() => Object.assign(gdsIdea, { redirectUrl: "/x" })).toThrow(TypeError)
    expect(() => (gdsIdea.platformAdminGroups as Array<string>).push("x")).toThrow(TypeError)
  })
})

describe("an adapter's own preset", () => {
  const below: Preset = { preset: "adapter", redirectUrl: "/adapter" }

  it("is below the one that is given, value by value", () => {
    expect(valuesOf(settingsOf(withPreset({}, below)))).toEqual(["/adapter", []])
    expect(valuesOf(settingsOf(withPreset({ preset: gdsIdea }, below)))).toEqual(["https://gds-idea.click/401.html", ["gds-idea"]])
    expect(valuesOf(settingsOf(withPreset({ preset: { preset: "own", platformAdminGroups: ["a"] } }, below)))).toEqual(["/adapter", ["a"]])
    expect(valuesOf(settingsOf(withPreset<Options>({ redirectUrl: "/option" }, below)))).toEqual(["/option", []])
    expect(valuesOf(settingsOf(withPreset({}, below), { COGNITO_AUTH_REDIRECT_URL: "/variable" }))).toEqual(["/variable", []])
  })

  it("leaves an invalid preset to the settings", () => {
    for (const preset of [null, "gdsIdea", 1])
      expect(faultsOf(withPreset({ preset } as object, below))).toEqual([expect.stringMatching(/^preset: /)])
  })
})

describe("COGNITO_AUTH_PLATFORM_ADMIN_GROUPS", () => {
  it("is a comma list, trimmed around the commas; empty, it says nothing", () => {
    const groupsOf = (value: string) => valuesOf(settingsOf({}, { COGNITO_AUTH_PLATFORM_ADMIN_GROUPS: value }))[1]
    expect(groupsOf("root")).toEqual(["root"])
    expect(groupsOf(" root , site admins,, ")).toEqual(["root", "site admins"])
    expect(groupsOf("  ")).toEqual([])
  })
})
