import { describeChange, readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf } from "../outcome.ts"
import { userWith } from "../userOf.ts"
import { verdictOf } from "../verdictOf.ts"

const read = (document: unknown, requireVerifiedEmail = true) =>
  readPolicyDocument(typeof document === "string" ? document : JSON.stringify(document), "policy.json", { requireVerifiedEmail })

const staff = userWith("x@example.com", ["staff"])
const ada = userWith("ada@example.com")

describe("readPolicyDocument", () => {
  it("reads the Python package's document", () => {
    const document = {
      allowed_groups: ["staff"],
      allowed_users: ["ada@example.com"],
      require_all: false,
      admin_groups: ["root"],
      admin_users: ["boss@example.com"]
    }
    const { policy } = successOf(read(document))
    expect(verdictOf(policy, staff)).toEqual({ allowed: true, isAppAdmin: false })
    expect(verdictOf(policy, ada)).toEqual({ allowed: true, isAppAdmin: false })
    expect(verdictOf(policy, userWith("x@example.com", ["root"]))).toEqual({ allowed: true, isAppAdmin: true })
    expect(verdictOf(policy, userWith("boss@example.com"))).toEqual({ allowed: true, isAppAdmin: true })
    expect(verdictOf(policy, userWith("x@example.com")).allowed).toBe(false)
    const { policy: all } = successOf(read({ ...document, require_all: true }))
    expect([staff, ada, userWith("ada@example.com", ["staff"])].map((user) => verdictOf(all, user).allowed)).toEqual([false, false, true])
  })

  it("takes an empty list, or null, for no rule: as the Python package does", () => {
    for (const none of [[], null]) {
      const { policy } = successOf(
        read({ allowed_groups: ["staff"], allowed_users: none, require_all: true, admin_groups: none, admin_users: none })
      )
      expect(verdictOf(policy, staff).allowed).toBe(true)
      expect(verdictOf(policy, ada).allowed).toBe(false)
    }
  })

  it("passes over comments and the schema's name", () => {
    const { policy } = successOf(
      read({ $schema: "https://example.com/policy.schema.json", _comment: ["who"], _: 1, allowed_groups: ["staff"] })
    )
    expect(verdictOf(policy, staff).allowed).toBe(true)
  })

  it("asks for a verified e-mail as it is told", () => {
    const unverified = userWith("ada@example.com", [], "false")
    expect(verdictOf(successOf(read({ allowed_users: ["ada@example.com"] })).policy, unverified).allowed).toBe(false)
    expect(verdictOf(successOf(read({ allowed_users: ["ada@example.com"] }, false)).policy, unverified).allowed).toBe(true)
  })

  it.each<[unknown, ReadonlyArray<string>]>([
    ["", ["policy.json"]],
    ["{", ["policy.json"]],
    ["[]", ["policy.json"]],
    ["null", ["policy.json"]],
    ['"staff"', ["policy.json"]],
    [{}, ["policy.json"]],
    [{ require_all: true }, ["policy.json"]],
    [{ admin_groups: ["root"], admin_users: ["a@example.com"] }, ["policy.json"]],
    [{ allowed_groups: [], allowed_users: null }, ["policy.json"]],
    [{ allowed_group: ["staff"], allowed_groups: ["staff"] }, ['policy.json, "allowed_group"']],
    [{ allowedGroups: ["staff"], allowed_groups: ["staff"] }, ['policy.json, "allowedGroups"']],
    [{ toString: ["staff"], allowed_groups: ["staff"] }, ['policy.json, "toString"']],
    [{ allowed_groups: "staff" }, ["policy.json, allowed_groups"]],
    [{ allowed_groups: ["staff"], require_all: null }, ["policy.json, require_all"]],
    [{ allowed_groups: ["staff"], require_all: [] }, ["policy.json, require_all"]],
    [{ ["x".repeat(41)]: 1, allowed_groups: ["staff"] }, [`policy.json, "${"x".repeat(40)}"`]],
    [
      { allowed_groups: [""], allowed_users: ["nobody"], require_all: "yes" },
      ["policy.json, allowed_groups", "policy.json, allowed_users", "policy.json, require_all"]
    ],
    [{ roles: 1, admin_groups: [1], admin_users: {} }, ['policy.json, "roles"', "policy.json, admin_groups", "policy.json, admin_users"]]
  ])("refuses %j, and names every fault as the document does", (document, settings) => {
    const faults = failureOf(read(document))
    expect(faults.map(({ setting }) => setting)).toEqual(settings)
    for (const { problem } of faults) expect(problem).not.toBe("")
  })

  it("refuses an option that is neither true nor false by its own name", () => {
    const either: unknown = "yes"
    expect(failureOf(read({ allowed_groups: ["staff"] }, either as boolean)).map(({ setting }) => setting)).toEqual([
      "policy.json, requireVerifiedEmail"
    ])
  })

  it("lets none of the document's values into a fault", () => {
    const faults = failureOf(read({ allowed_users: ["SECRET"], allowed_groups: { SECRET: 1 }, require_all: "SECRET" }))
    expect(faults).toHaveLength(3)
    expect(JSON.stringify(faults)).not.toContain("SECRET")
    expect(JSON.stringify(failureOf(read('{"allowed_users": ["SECRET@example.com"')))).not.toContain("SECRET")
  })

  it("∀ string or JSON: a policy or faults, never a throw", () => {
    const name = fc.constantFrom("allowed_groups", "allowed_users", "require_all", "admin_groups", "admin_users", "_", "__proto__", "x")
    const document = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(name, fc.jsonValue()).map((value) => JSON.stringify(value))
    )
    fc.assert(
      fc.property(document, (text) => {
        const policy = read(text)
        if (policy._tag === "Failure") expect(policy.failure.length).toBeGreaterThan(0)
        else expect(verdictOf(policy.success.policy, userWith("nobody@example.org", ["none"])).allowed).toBe(false)
      }),
      { numRuns: runs(1_000) }
    )
  })
})

describe("describeChange", () => {
  it("names up to twenty groups, and counts the others", () => {
    const names = Array.from({ length: 21 }, (_, i) => `g${i}`)
    const twenty = names.slice(0, 20).join(", ")
    expect(describeChange(undefined, { allowedGroups: names.slice(0, 20) })).toBe(`allowed groups: added ${twenty}`)
    expect(describeChange({ allowedGroups: names }, {})).toBe(`allowed groups: removed ${twenty} and 1 more`)
    expect(describeChange({ allowedClients: ["a"] }, { allowedClients: ["b"] })).toBe("allowed clients: added b, removed a")
  })
})
