import { Service } from "@cognito-auth/core"
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

  const service = (scope: unknown) => Service.fromClaims({ client_id: "client", scope } as never)

  it("asks a service for every one of the scopes, and a user for what users have", () => {
    const both = successOf(readRequirement({ scopes: ["orders/read", "orders/write"] }))
    expect(both.scopes).toEqual(["orders/read", "orders/write"])
    expect(both.isMetBy(service("orders/write orders/read"))).toBe(true)
    for (const scope of ["orders/read", "orders/write", "orders", "", undefined, 1]) expect(both.isMetBy(service(scope))).toBe(false)
    expect(both.isMetBy(userOf())).toBe(false)
    expect(both.isMetBy(userOf().asAppAdmin())).toBe(true)
    const either = successOf(readRequirement({ scopes: "orders/read", groups: "staff" }))
    expect(either.isMetBy(service("orders/read"))).toBe(true)
    expect(either.isMetBy(userWith("a@example.com", ["staff"]))).toBe(true)
    expect(either.isMetBy(userWith("a@example.com", ["orders/read"]))).toBe(false)
  })

  it("without scopes is met by no service, whatever it has", () => {
    for (const options of [{ groups: "orders/read" }, { users: "a@example.com" }, { admin: true }] as const) {
      const requirement = successOf(readRequirement(options))
      expect(requirement.scopes).toEqual([])
      expect(requirement.isMetBy(service("orders/read"))).toBe(false)
    }
  })

  it("refuses scopes that name none, or are none", () => {
    expect(failureOf(readRequirement({ scopes: [] }))).toEqual([{ setting: "require.scopes", problem: "names no scope." }])
    const two = failureOf(readRequirement({ scopes: ["a b", "c"] }))
    expect(two).toHaveLength(1)
    expect(two[0]).toMatchObject({ setting: "require.scopes", problem: expect.stringContaining("is not one scope") })
    expect(failureOf(readRequirement({ groups: 1 as never, scopes: [] })).map(({ setting }) => setting)).toEqual(["require.groups"])
  })

  it("says in words which scopes it asks for", () => {
    const words = (options: Parameters<typeof readRequirement>[0]) => successOf(readRequirement(options)).describe
    expect(words({ scopes: "orders/read" })).toBe("a service with the scope orders/read")
    expect(words({ scopes: ["a", "b"] })).toBe("a service with every scope of a, b")
    expect(words({ groups: "staff", scopes: "a" })).toBe("a member of staff or a service with the scope a")
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
