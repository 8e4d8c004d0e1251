import { readRequirement } from "@cognito-auth/core/Requirement"
import { describe, expect, it } from "vitest"
import { failureOf, successOf } from "../outcome.ts"
import { userOf, userWith } from "../userOf.ts"

const isMet = (options: Parameters<typeof readRequirement>[0], user = userOf()) => successOf(readRequirement(options)).isMetBy(user)

describe("readRequirement", () => {
  it("asks for one of the groups", () => {
    for (const groups of ["admins", ["admins"], ["root", "admins"]]) {
      expect(isMet({ groups }, userWith("a@example.com", ["staff", "admins"]))).toBe(true)
      expect(isMet({ groups }, userWith("a@example.com", ["staff", "Admins"]))).toBe(false)
      expect(isMet({ groups }, userWith("a@example.com"))).toBe(false)
    }
  })

  it("asks for one of the users, by a verified e-mail", () => {
    for (const users of ["a@example.com", ["A@Example.com", "b@example.com"]]) {
      expect(isMet({ users }, userWith("a@example.com"))).toBe(true)
      expect(isMet({ users }, userWith("c@example.com"))).toBe(false)
      expect(isMet({ users }, userWith("a@example.com", [], "false"))).toBe(false)
    }
  })

  it("is met by either of groups and users", () => {
    const options = { groups: "admins", users: "a@example.com" }
    expect(isMet(options, userWith("x@example.com", ["admins"]))).toBe(true)
    expect(isMet(options, userWith("a@example.com"))).toBe(true)
    expect(isMet(options, userWith("x@example.com"))).toBe(false)
  })

  it("is met by administrators of the platform and of the app", () => {
    for (const options of [{ groups: "x" }, { users: "x@example.com" }, { groups: [] }, { admin: true }]) {
      expect(isMet(options, userOf({ access: { "cognito:groups": ["platform-admins"] } }))).toBe(true)
      expect(isMet(options, userOf().asAppAdmin())).toBe(true)
      expect(isMet(options, userOf())).toBe(false)
    }
  })

  it("admits nobody else if the list is empty", () => {
    expect(isMet({ groups: [] }, userWith("a@example.com", [""]))).toBe(false)
  })

  it("says in words what it asks for, and no address", () => {
    expect(successOf(readRequirement({ groups: ["admins", "root"] })).describe).toBe("a member of admins, root")
    expect(successOf(readRequirement({ admin: true })).describe).toBe("an administrator")
    expect(successOf(readRequirement({ users: "a@example.com" })).describe).not.toContain("@")
  })

  it.each<[unknown, ReadonlyArray<string>]>([
    [{}, ["require"]],
    [undefined, ["require"]],
    [null, ["require"]],
    [{ admin: false }, ["require.admin"]],
    [{ admin: "yes" }, ["require.admin"]],
    [{ groups: 1 }, ["require.groups"]],
    [{ groups: [""] }, ["require.groups"]],
    [{ users: "not an address" }, ["require.users"]],
    [{ group: ["admins"] }, ["require.group", "require"]],
    [{ groups: [1], users: [1], admin: 1, roles: [] }, ["require.roles", "require.admin", "require.groups", "require.users"]]
  ])("refuses %j, and names every fault", (options, settings) => {
    const faults = failureOf(readRequirement(options as Parameters<typeof readRequirement>[0]))
    expect(faults.map(({ setting }) => setting)).toEqual(settings)
    for (const { problem } of faults) expect(problem).not.toBe("")
  })
})
