import { Policy, type User } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { userOf } from "../userOf.ts"

/** What is known of a user. From left to right, each value is less certain than the one before it. */
const certainty = {
  email: ["verified", "unverified", "not plain", "absent"],
  groups: ["listed", "malformed"]
} as const

interface Facts {
  readonly email: (typeof certainty.email)[number]
  readonly address: string
  readonly groups: (typeof certainty.groups)[number]
  readonly names: ReadonlyArray<string>
}

/** A rule, as a tree that a test can also evaluate by itself. */
type Tree =
  | { readonly is: "groups" | "users" | "domains"; readonly names: ReadonlyArray<string>; readonly verifiedOnly: boolean }
  | { readonly is: "custom"; readonly answer: Policy.RuleAnswer | "of the user"; readonly later: boolean }
  | { readonly is: "anyOf" | "allOf"; readonly parts: ReadonlyArray<Tree> }
  | { readonly is: "not"; readonly inner: Tree }

// Few names, so that users and rules often match.
const group = fc.constantFrom("staff", "leavers", "admins")
const address = fc.constantFrom("ada@example.com", "bob@example.org")
const domain = fc.constantFrom("example.com", "example.org", "*.com")

const list = <Is extends "groups" | "users" | "domains">(is: Is, name: fc.Arbitrary<string>) =>
  fc.record({ is: fc.constant(is), names: fc.uniqueArray(name, { maxLength: 2 }), verifiedOnly: fc.boolean() })

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  list("groups", group),
  list("users", address),
  list("domains", domain),
  fc.record({
    is: fc.constant("custom" as const),
    answer: fc.constantFrom(true, false, "cannot tell" as const, "of the user" as const),
    later: fc.boolean()
  })
)

const treeOf = (kinds: { readonly not: boolean }): fc.Arbitrary<Tree> =>
  fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.record({ is: fc.constantFrom("anyOf" as const, "allOf" as const), parts: fc.array(tie("tree"), { maxLength: 3 }) }),
      ...(kinds.not ? [fc.record({ is: fc.constant("not" as const), inner: tie("tree") })] : [])
    )
  })).tree

const facts: fc.Arbitrary<Facts> = fc.record({
  email: fc.constantFrom(...certainty.email),
  address,
  groups: fc.constantFrom(...certainty.groups),
  names: fc.uniqueArray(group, { maxLength: 3 })
})

/** The same user, of whom no more is known. */
const lessCertain = (from: Facts): fc.Arbitrary<Facts> =>
  fc.record({
    email: fc.constantFrom(...certainty.email.slice(certainty.email.indexOf(from.email))),
    address: fc.constant(from.address),
    groups: fc.constantFrom(...certainty.groups.slice(certainty.groups.indexOf(from.groups))),
    names: fc.constant(from.names)
  })

const userOfFacts = ({ email, address, groups, names }: Facts): User => {
  const claimed = { verified: address, unverified: address, "not plain": `${address}@${address}`, absent: undefined }[email]
  return userOf({
    oidc: { email: claimed, email_verified: String(email === "verified" || email === "not plain") },
    access: { "cognito:groups": groups === "listed" ? [...names] : names.join(",") },
    platformAdminGroups: []
  })
}

const ruleOf = (tree: Tree): Policy.Rule => {
  switch (tree.is) {
    case "groups":
      return Policy.groups(tree.names)
    case "users":
    case "domains":
      return Policy[tree.is](tree.names, { requireVerifiedEmail: tree.verifiedOnly })
    case "custom":
      return Policy.rule("custom", (user) => {
        const { answer } = tree
        const says = answer === "of the user" ? (user.hasKnownGroups ? user.isIn("leavers") : "cannot tell") : answer
        return tree.later ? Effect.sync(() => says) : says
      })
    case "not":
      return Policy.not(ruleOf(tree.inner))
    default:
      return Policy[tree.is](...tree.parts.map(ruleOf))
  }
}

/** Kleene's three values as numbers: no is 0, cannot tell is 1, yes is 2. */
const kleene = (tree: Tree, facts: Facts): number => {
  const ofList = (isIn: boolean) => (isIn ? 2 : 0)
  switch (tree.is) {
    case "groups":
      if (tree.names.length === 0) return 0
      return facts.groups === "malformed" ? 1 : ofList(tree.names.some((name) => facts.names.includes(name)))
    case "users":
    case "domains": {
      if (tree.names.length === 0) return 0
      if (facts.email === "absent" || facts.email === "not plain") return 1
      if (facts.email === "unverified" && tree.verifiedOnly) return 1
      const isMet = (name: string) => (tree.is === "users" ? name === facts.address : facts.address.endsWith(name.replace("*", "")))
      return ofList(tree.names.some(isMet))
    }
    case "custom":
      if (tree.answer === "of the user") return facts.groups === "malformed" ? 1 : facts.names.includes("leavers") ? 2 : 0
      return tree.answer === "cannot tell" ? 1 : tree.answer ? 2 : 0
    case "not":
      return 2 - kleene(tree.inner, facts)
    case "anyOf":
      return Math.max(0, ...tree.parts.map((part) => kleene(part, facts)))
    case "allOf":
      return tree.parts.length === 0 ? 0 : Math.min(...tree.parts.map((part) => kleene(part, facts)))
  }
}

const answers = [false, "cannot tell", true]
const settled = <A>(answer: A | Effect.Effect<A, unknown>): A => (Effect.isEffect(answer) ? Effect.runSync(answer) : answer)
const isAdmitted = (tree: Tree, facts: Facts) => settled(Policy.make(ruleOf(tree)).evaluate(userOfFacts(facts))).allowed

describe("rules that answer yes, no or cannot tell", () => {
  it("∀ tree and user: the answer is Kleene's, in whatever order and however late the rules answer; yes alone admits", () => {
    const seen = new Set<unknown>()
    fc.assert(
      fc.property(treeOf({ not: true }), facts, (tree, facts) => {
        const expected = answers[kleene(tree, facts)]
        seen.add(expected)
        expect(settled(ruleOf(tree).admits(userOfFacts(facts)))).toBe(expected)
        expect(isAdmitted(tree, facts)).toBe(expected === true)
      }),
      { numRuns: runs(1_500) }
    )
    expect(seen).toEqual(new Set(answers))
  })

  it("∀ tree and user: making a claim less certain never admits more", () => {
    const pair = facts.chain((from) => fc.tuple(fc.constant(from), lessCertain(from)))
    let refused = 0
    fc.assert(
      fc.property(treeOf({ not: true }), pair, (tree, [from, to]) => {
        if (isAdmitted(tree, from)) refused += isAdmitted(tree, to) ? 0 : 1
        else expect(isAdmitted(tree, to)).toBe(false)
      }),
      { numRuns: runs(1_500) }
    )
    expect(refused).toBeGreaterThan(0)
  })

  it("∀ tree without not, and user: admitted as two values would have it, where cannot tell is no", () => {
    const twoValued = (tree: Tree, facts: Facts): boolean => {
      if (tree.is === "anyOf") return tree.parts.some((part) => twoValued(part, facts))
      if (tree.is === "allOf") return tree.parts.length > 0 && tree.parts.every((part) => twoValued(part, facts))
      return kleene(tree, facts) === 2
    }
    fc.assert(
      fc.property(treeOf({ not: false }), facts, (tree, facts) => {
        expect(isAdmitted(tree, facts)).toBe(twoValued(tree, facts))
      }),
      { numRuns: runs(1_500) }
    )
  })

  it("∀ tree and user: what explain says is what the policy does", async () => {
    await fc.assert(
      fc.asyncProperty(treeOf({ not: true }), facts, async (tree, facts) => {
        const { allowed, reason } = await Effect.runPromise(Policy.explain(Policy.make(ruleOf(tree)), userOfFacts(facts)))
        expect(allowed).toBe(isAdmitted(tree, facts))
        expect(reason).toMatch(allowed ? /^Admitted as / : /^Not admitted: /)
        if (allowed) expect(reason).not.toContain("cannot tell")
        expect(reason).not.toContain("@")
      }),
      { numRuns: runs(200) }
    )
  })
})
