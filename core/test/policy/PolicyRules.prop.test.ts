import { Policy, type User } from "@cognito-auth/core"
import { readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import { email as anyEmail, trickyEmail } from "@cognito-auth/testing/arbitraries"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { successOf } from "../outcome.ts"
import { userOf, userWith } from "../userOf.ts"
import { admits, verdictOf } from "../verdictOf.ts"

/** Lists as `auth-config.json` has them. */
interface Document {
  readonly allowed_groups?: ReadonlyArray<string> | null
  readonly allowed_users?: ReadonlyArray<string> | null
  readonly require_all?: boolean
  readonly admin_groups?: ReadonlyArray<string> | null
  readonly admin_users?: ReadonlyArray<string> | null
}

/** The Python package's `Authoriser.from_lists(…).is_authorised(user)`; `email` is `None` where it may not count. */
const python = (lists: Document, user: User, email: string | undefined) => {
  const groupRule = (list: Document["allowed_groups"] = []) =>
    list?.length ? user.groups.some((group) => list.includes(group)) : undefined
  const emailRule = (list: Document["allowed_users"] = []) =>
    list?.length ? list.some((each) => each.toLowerCase() === email?.toLowerCase()) : undefined
  if (!user.isAuthenticated) return { allowed: false, isAppAdmin: false }
  if (groupRule(lists.admin_groups) === true || emailRule(lists.admin_users) === true) return { allowed: true, isAppAdmin: true }
  const results = [groupRule(lists.allowed_groups), emailRule(lists.allowed_users)].filter((result) => result !== undefined)
  if (user.groups.includes("platform-admins") || results.length === 0) return { allowed: true, isAppAdmin: false }
  return { allowed: lists.require_all === true ? results.every((is) => is) : results.some((is) => is), isAppAdmin: false }
}

// Few names, so that users and lists often match.
const group = fc.constantFrom("staff", "Staff", "admins", "platform-admins", "a", "1")
const email = fc.constantFrom("ada@example.com", "Ada@Example.com", "bob@example.com", "ada@example.org", "x.y+z@a.b.example")
const groups = fc.uniqueArray(group, { maxLength: 3 })
const emails = fc.uniqueArray(email, { maxLength: 3 })

const user = fc
  .record({ sub: fc.constantFrom("sub-1", "sub-1", "sub-1", ""), email: fc.oneof(email, fc.constant("")), verified: fc.boolean(), groups })
  .map(({ sub, email, verified, groups }) =>
    userOf({ oidc: { sub, email, email_verified: String(verified) }, access: { "cognito:groups": groups } })
  )

const document = (list: <A>(entries: fc.Arbitrary<Array<A>>) => fc.Arbitrary<ReadonlyArray<A> | null | undefined>) =>
  fc.record(
    {
      allowed_groups: list(groups),
      allowed_users: list(emails),
      require_all: fc.boolean(),
      admin_groups: list(groups),
      admin_users: list(emails)
    },
    { requiredKeys: [] }
  ) as fc.Arbitrary<Document>

const toLists = (document: Document, requireVerifiedEmail: boolean) => ({
  allowedGroups: document.allowed_groups ?? undefined,
  allowedUsers: document.allowed_users ?? undefined,
  requireAll: document.require_all,
  adminGroups: document.admin_groups ?? undefined,
  adminUsers: document.admin_users ?? undefined,
  requireVerifiedEmail
})

const emailThatCounts = (user: User, requireVerifiedEmail: boolean) =>
  user.emailVerified || !requireVerifiedEmail ? user.email : undefined

describe("a policy of lists", () => {
  it("∀ lists and user: the verdict of the Python package, which asks for no verified e-mail", () => {
    const given = document((entries) =>
      fc.option(
        entries.filter((list) => list.length > 0),
        { nil: undefined }
      )
    )
    fc.assert(
      fc.property(given, user, fc.boolean(), (lists, user, requireVerifiedEmail) => {
        const verdict = verdictOf(Policy.fromLists(toLists(lists, requireVerifiedEmail)), user)
        expect(verdict).toEqual(python(lists, user, emailThatCounts(user, requireVerifiedEmail)))
      }),
      { numRuns: runs(1_500) }
    )
  })

  it("∀ document, empty lists among them, and user: the verdict of the Python package, or refused where that refuses it", () => {
    const given = document((entries) => fc.oneof(entries, fc.constant(null), fc.constant(undefined)))
    fc.assert(
      fc.property(given, user, fc.boolean(), (document, user, requireVerifiedEmail) => {
        const read = readPolicyDocument(JSON.stringify(document), "policy.json", { requireVerifiedEmail })
        const hasRule = Boolean(document.allowed_groups?.length || document.allowed_users?.length)
        expect(read._tag).toBe(hasRule ? "Success" : "Failure")
        if (!hasRule) return
        const expected = python(document, user, emailThatCounts(user, requireVerifiedEmail))
        expect(verdictOf(successOf(read).policy, user)).toEqual(expected)
      }),
      { numRuns: runs(1_500) }
    )
  })

  it("∀ lists with a rule, and user who was admitted: one more allowed group refuses nobody, unless all must be met", () => {
    const given = document((entries) => fc.option(entries, { nil: undefined }))
    fc.assert(
      fc.property(given, user, group, (document, user, added) => {
        const { requireAll: _, ...lists } = toLists(document, true)
        fc.pre(lists.allowedGroups !== undefined || lists.allowedUsers !== undefined)
        const before = verdictOf(Policy.fromLists(lists), user)
        const after = verdictOf(Policy.fromLists({ ...lists, allowedGroups: [...(lists.allowedGroups ?? []), added] }), user)
        if (before.allowed) expect(after).toEqual(before)
        // And it admits its members.
        if (user.isAuthenticated && user.isIn(added)) expect(after.allowed).toBe(true)
      }),
      { numRuns: runs(1_500) }
    )
  })

  it("with requireAll, may refuse a user whom it admitted: a second rule is one more to meet", () => {
    const ada = userWith("ada@example.com")
    const lists = { allowedUsers: ["ada@example.com"], requireAll: true }
    expect(verdictOf(Policy.fromLists(lists), ada).allowed).toBe(true)
    expect(verdictOf(Policy.fromLists({ ...lists, allowedGroups: ["staff"] }), ada).allowed).toBe(false)
  })

  it("admits nobody by a list that came out empty in code, where the Python package opens the door", () => {
    const nobody = userWith("nobody@example.com", ["nobody"])
    expect(python({ allowed_groups: [] }, nobody, nobody.email).allowed).toBe(true)
    expect(verdictOf(Policy.fromLists({ allowedGroups: [] }), nobody).allowed).toBe(false)
  })
})

/** A to Z and nothing else, by code points. */
const foldAscii = (text: string): string =>
  [...text].map((each) => (each >= "A" && each <= "Z" ? String.fromCodePoint(each.charCodeAt(0) + 32) : each)).join("")

describe("an e-mail rule", () => {
  it("∀ two e-mails, however alike: they match where they differ in ASCII case alone", () => {
    const pair = fc.oneof(fc.tuple(anyEmail(), trickyEmail()), fc.tuple(email, email), anyEmail().chain(likeIt))
    fc.assert(
      fc.property(pair, ([listed, claimed]) => {
        expect(admits(Policy.users([listed]), userWith(claimed))).toBe(foldAscii(listed) === foldAscii(claimed))
      }),
      { numRuns: runs(1_500) }
    )
  })

  it("∀ e-mail: never matches with anything before it, behind it or in it", () => {
    const extra = fc.constantFrom(
      " ",
      "\n",
      "\r\n",
      "\t",
      "\0",
      "@",
      "@evil.example",
      "\u00a0",
      "\u200b",
      "\ufeff",
      "\u2028",
      "K",
      "ſ",
      "İ",
      "."
    )
    fc.assert(
      fc.property(anyEmail(), extra, fc.double({ min: 0, max: 1, noNaN: true }), (address, extra, where) => {
        const at = Math.round(where * address.length)
        const rules = [Policy.users([address]), Policy.fromLists({ adminUsers: [address], allowedUsers: [] }).admins]
        for (const claimed of [address + extra, extra + address, address.slice(0, at) + extra + address.slice(at)]) {
          for (const rule of rules) expect(admits(rule, userWith(claimed))).toBe(false)
        }
      }),
      { numRuns: runs(500) }
    )
  })
})

/** The e-mail in another case by Unicode's rules, not by ASCII's. */
const likeIt = (address: string): fc.Arbitrary<[string, string]> =>
  fc
    .constantFrom(address.toUpperCase(), address.toLowerCase(), address.replace("k", "\u212a"), address.replace("s", "\u017f"))
    .map((like) => [address, like])
