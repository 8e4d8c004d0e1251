import { ConfigurationError, Policy } from "@cognito-auth/core"
import { email as anyEmail, group as anyGroup, lookAlikeEmail, lookAlikeGroup } from "@cognito-auth/testing/arbitraries"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { userOf, userWith } from "../userOf.ts"
import { admits, verdictOf } from "../verdictOf.ts"

type Lists = Parameters<typeof Policy.fromLists>[0]

const allowed = (lists: Lists, user = userOf()) => verdictOf(Policy.fromLists(lists), user).allowed

const faultsOf = (lists: unknown) => {
  try {
    Policy.fromLists(lists as Lists)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
  }
  throw new Error("expected a ConfigurationError")
}

describe("Policy.fromLists", () => {
  const staff = userWith("a@example.com", ["staff"])
  const listed = userWith("ada@example.com", [])
  const both = userWith("ada@example.com", ["staff"])
  const neither = userWith("x@example.com", ["other"])
  const lists = { allowedGroups: ["staff"], allowedUsers: ["ada@example.com"] }

  it("admits whom any rule admits", () => {
    expect([staff, listed, both, neither].map((user) => allowed(lists, user))).toEqual([true, true, true, false])
    expect([staff, listed, both, neither].map((user) => allowed({ ...lists, requireAll: false }, user))).toEqual([true, true, true, false])
  })

  it("admits whom all rules admit, with requireAll", () => {
    const all = { ...lists, requireAll: true }
    expect([staff, listed, both, neither].map((user) => allowed(all, user))).toEqual([false, false, true, false])
    expect(allowed({ allowedGroups: ["staff"], requireAll: true }, staff)).toBe(true)
    expect(allowed({ allowedGroups: ["staff"], requireAll: true }, listed)).toBe(false)
  })

  it("admits every authenticated user without a list", () => {
    for (const none of [{}, { allowedGroups: undefined, allowedUsers: undefined }, { requireAll: true }, { adminGroups: ["root"] }]) {
      expect(allowed(none, neither)).toBe(true)
    }
    expect(verdictOf(Policy.anyUser, neither)).toEqual({ allowed: true, isAppAdmin: false })
  })

  it("admits nobody by an empty list", () => {
    expect(allowed({ allowedGroups: [] }, staff)).toBe(false)
    expect(allowed({ allowedUsers: [] }, listed)).toBe(false)
    expect(allowed({ allowedUsers: [] }, userWith(""))).toBe(false)
    expect(allowed({ allowedGroups: [], allowedUsers: ["ada@example.com"] }, listed)).toBe(true)
    expect(allowed({ allowedGroups: [], allowedUsers: ["ada@example.com"], requireAll: true }, both)).toBe(false)
  })

  it("lets the app's administrators pass every rule, and says that they are", () => {
    const policy = Policy.fromLists({
      allowedGroups: ["staff"],
      allowedUsers: [],
      requireAll: true,
      adminGroups: ["root"],
      adminUsers: ["boss@example.com"]
    })
    expect(verdictOf(policy, userWith("x@example.com", ["root"]))).toEqual({ allowed: true, isAppAdmin: true })
    expect(verdictOf(policy, userWith("Boss@Example.com"))).toEqual({ allowed: true, isAppAdmin: true })
    expect(verdictOf(policy, staff)).toEqual({ allowed: false, isAppAdmin: false })
  })

  it("admits platform administrators by every rule, but they are not app administrators", () => {
    const admin = userWith("x@example.com", ["platform-admins"])
    expect(verdictOf(Policy.fromLists({ allowedGroups: ["staff"] }), admin)).toEqual({ allowed: true, isAppAdmin: false })
    expect(verdictOf(Policy.fromLists({ allowedGroups: [], requireAll: true, adminUsers: [] }), admin).allowed).toBe(true)
  })

  it("asks for a verified e-mail, of users and of administrators, unless it is told not to", () => {
    const unverified = userWith("ada@example.com", [], "false")
    const rules = { allowedUsers: ["ada@example.com"], adminUsers: ["ada@example.com"] }
    expect(verdictOf(Policy.fromLists(rules), unverified)).toEqual({ allowed: false, isAppAdmin: false })
    expect(verdictOf(Policy.fromLists({ ...rules, requireVerifiedEmail: true }), unverified).allowed).toBe(false)
    expect(verdictOf(Policy.fromLists({ ...rules, requireVerifiedEmail: false }), unverified)).toEqual({ allowed: true, isAppAdmin: true })
    expect(verdictOf(Policy.fromLists({ allowedGroups: ["staff"] }), userWith("a@example.com", ["staff"], "false")).allowed).toBe(true)
  })

  it("names no administrator where no list does", () => {
    expect(Policy.fromLists({}).admins.parts?.map((part) => part.describe)).toEqual([
      "a member of no group",
      "one of 0 allowed users with a verified e-mail"
    ])
  })

  it("takes no white space off a claim", () => {
    expect(allowed(lists, userWith(" ada@example.com"))).toBe(false)
    expect(allowed(lists, userWith("x@example.com", [" staff "]))).toBe(false)
  })

  it("says whom it admits, without anybody's address", () => {
    expect(Policy.fromLists({}).describe).toBe("any authenticated user")
    expect(Policy.fromLists({ allowedGroups: ["staff", "admins"] }).describe).toBe("a member of staff, admins")
    expect(Policy.fromLists({ allowedGroups: [] }).describe).toBe("a member of no group")
    expect(Policy.fromLists({ allowedGroups: ["a", "b", "c", "d", "e", "f"] }).describe).toBe("a member of one of 6 groups")
    expect(Policy.fromLists(lists).describe).toBe("a member of staff or one of 1 allowed users with a verified e-mail")
    expect(Policy.fromLists({ ...lists, requireAll: true, requireVerifiedEmail: false }).describe).toBe(
      "a member of staff and one of 1 allowed users"
    )
  })

  it.each<[unknown, ReadonlyArray<string>]>([
    [null, ["policy"]],
    ["staff", ["policy"]],
    [{ allowedGroups: "staff" }, ["policy.allowedGroups"]],
    [{ allowedGroups: null }, ["policy.allowedGroups"]],
    [{ allowedGroups: ["staff", ""] }, ["policy.allowedGroups"]],
    [{ allowedGroups: [" "] }, ["policy.allowedGroups"]],
    [{ adminGroups: [1, null] }, ["policy.adminGroups", "policy.adminGroups"]],
    [{ allowedUsers: { 0: "a@example.com" } }, ["policy.allowedUsers"]],
    [{ adminUsers: ["a@example.com", "nobody", "@example.com", "a@", "a@b@c", "a b@c", "a\u0000@c"] }, Array(6).fill("policy.adminUsers")],
    [{ requireAll: "true" }, ["policy.requireAll"]],
    [{ requireVerifiedEmail: 1 }, ["policy.requireVerifiedEmail"]],
    [
      { requireVerifiedEmail: null, requireAll: null, allowedUsers: 1 },
      ["policy.allowedUsers", "policy.requireAll", "policy.requireVerifiedEmail"]
    ]
  ])("refuses %j, and names every fault", (lists, settings) => {
    const faults = faultsOf(lists)
    expect(faults.map(({ setting }) => setting)).toEqual(settings)
    for (const { problem } of faults) expect(problem).not.toBe("")
  })

  it("names the place of a faulty entry, and not the entry", () => {
    const faults = faultsOf({ allowedUsers: ["ok@example.com", "secret@of@somebody"] })
    expect(faults).toEqual([{ setting: "policy.allowedUsers", problem: expect.stringContaining("entry 2 ") }])
    expect(JSON.stringify(faults)).not.toContain("secret")
  })
})

describe("groups", () => {
  it("are named up to five, and counted from there on", () => {
    expect(Policy.groups(["a", "b", "c", "d", "e"]).describe).toBe("a member of a, b, c, d, e")
    expect(Policy.groups(["a", "b", "c", "d", "e", "f"]).describe).toBe("a member of one of 6 groups")
  })

  it("∀ group: admits its members, and no member of one that looks like it", () => {
    const pair = anyGroup().chain((group) => fc.tuple(fc.constant(group), lookAlikeGroup(group), fc.array(anyGroup())))
    fc.assert(
      fc.property(pair, ([group, lookAlike, others]) => {
        const rule = Policy.groups([group])
        expect(admits(rule, userWith("a@example.com", [...others, group]))).toBe(true)
        expect(admits(rule, userWith("a@example.com", [lookAlike]))).toBe(false)
        expect(admits(rule, userWith("a@example.com", others))).toBe(others.includes(group))
        expect(admits(rule, userOf({ access: { "cognito:groups": group } }))).toBe(false)
      }),
      { numRuns: runs(300) }
    )
  })
})

describe("users", () => {
  it("∀ e-mail: admits it in any ASCII case, and none that looks like it", () => {
    const pair = anyEmail().chain((email) => fc.tuple(fc.constant(email), fc.mixedCase(fc.constant(email)), lookAlikeEmail(email)))
    fc.assert(
      fc.property(pair, ([email, otherCase, lookAlike]) => {
        const rule = Policy.users([email])
        expect(admits(rule, userWith(otherCase))).toBe(true)
        expect(admits(rule, userWith(lookAlike))).toBe(false)
        expect(admits(rule, userWith(otherCase, [], "false"))).toBe(false)
        expect(admits(rule, userWith([email]))).toBe(false)
        expect(admits(Policy.users([email], { requireVerifiedEmail: false }), userWith(otherCase, [], "false"))).toBe(true)
      }),
      { numRuns: runs(300) }
    )
  })

  it("folds only A to Z: the Kelvin sign is not a k", () => {
    expect(admits(Policy.users(["kim@example.com"]), userWith("KIM@example.com"))).toBe(true)
    expect(admits(Policy.users(["kim@example.com"]), userWith("\u212aim@example.com"))).toBe(false)
    expect(admits(Policy.users(["\u212aim@example.com"]), userWith("kim@example.com"))).toBe(false)
    expect(admits(Policy.users(["é@example.com"]), userWith("É@example.com"))).toBe(false)
  })
})

describe("domains", () => {
  const admitsBy = (names: ReadonlyArray<string>, email: unknown, verified: unknown = "true") =>
    admits(Policy.domains(names), userWith(email, [], verified))

  it("admits the e-mails of that domain alone, in any ASCII case", () => {
    for (const email of ["a@example.com", "a@EXAMPLE.com", "a.b+c@example.com"]) expect(admitsBy(["Example.com"], email)).toBe(true)
    for (const email of [
      "a@sub.example.com",
      "a@evilexample.com",
      "a@example.com.evil",
      "a@example.co",
      "example.com",
      "@example.com",
      ""
    ]) {
      expect(admitsBy(["example.com"], email)).toBe(false)
    }
  })

  it.each(["*.example.com", ".example.com", "*.Example.com"])("admits every domain below it for %j, and not itself", (name) => {
    for (const email of ["a@sub.example.com", "a@a.b.EXAMPLE.com"]) expect(admitsBy([name], email)).toBe(true)
    for (const email of ["a@example.com", "a@.example.com", "a@evilexample.com", "a@sub.example.com.evil"]) {
      expect(admitsBy([name], email)).toBe(false)
    }
  })

  it.each([
    "a@evil.example@example.com",
    '"a@evil.example"@example.com',
    "a b@example.com",
    "a@example.com ",
    "a@example.com\n",
    "<a@example.com>",
    "(x)a@example.com",
    "a,b@example.com",
    "a\u0000@example.com",
    "a@[example.com]",
    ["a@example.com"],
    undefined
  ])("admits no e-mail that is not plain: %j", (email) => {
    expect(admitsBy(["example.com", "*.com", "[example.com]"], email)).toBe(false)
  })

  it("asks for a verified e-mail unless it is told not to", () => {
    expect(admitsBy(["example.com"], "a@example.com", "false")).toBe(false)
    expect(admits(Policy.domains(["example.com"], { requireVerifiedEmail: false }), userWith("a@example.com", [], "false"))).toBe(true)
  })

  it("∀ e-mail that looks like one of the domain: admitted only if its one domain is that domain", () => {
    const tricky = anyEmail().chain((email) => fc.tuple(fc.constant(email.slice(email.indexOf("@") + 1)), lookAlikeEmail(email)))
    fc.assert(
      fc.property(tricky, ([domain, email]) => {
        if (admitsBy([domain], email)) {
          const [, ...domains] = email.split("@")
          expect(domains.map((text) => text.toLowerCase())).toEqual([domain.toLowerCase()])
        }
      }),
      { numRuns: runs(300) }
    )
  })

  it("says which domains", () => {
    expect(Policy.domains(["example.com", "*.example.org"]).describe).toBe("an e-mail of example.com, *.example.org with a verified e-mail")
  })
})
