import { describe, expect, it } from "vitest"
import { checkClientId, checkDomain, checkEmail, checkName, checkScope, readEntries } from "../../src/policy/readEntries.ts"

const read = (given: unknown, check = checkName) => {
  const problems: Array<string> = []
  const entries = readEntries(given, "list", check, (setting, problem) => {
    problems.push(`${setting}: ${problem}`)
    return undefined
  })
  return { entries, problems }
}

describe("readEntries", () => {
  it("reads nothing of what is no list, and says so", () => {
    for (const given of [undefined, null, "staff", { 0: "staff", length: 1 }]) {
      expect(read(given)).toEqual({ entries: [], problems: ["list: expected a list of strings."] })
    }
  })

  it.each<[entry: unknown, check: typeof checkName, why: RegExp]>([
    [1, checkName, /not a string/],
    ["", checkName, /empty/],
    [" a", checkName, /white space/],
    ["a\u200b", checkName, /invisible/],
    ["a\nb", checkName, /line break/],
    ["nobody", checkEmail, /e-mail address: expected one @/],
    ["*", checkDomain, /not a domain: expected .*example\.com/],
    ["a b", checkClientId, /not a client id: expected .*without spaces/],
    ["a b", checkScope, /not one scope: expected .*without spaces/]
  ])("leaves out %j, and says why by its place", (entry, check, why) => {
    const good = "a@example.com"
    const { entries, problems } = read(check === checkDomain ? ["example.com", entry] : [good, entry], check)
    expect(entries).toHaveLength(1)
    expect(problems).toEqual([expect.stringMatching(why)])
    expect(problems[0]).toMatch(/^list: entry 2 .*\.$/)
  })
})
