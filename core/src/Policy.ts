/**
 * Step 4: User + rules → allowed or not. Pure. Every look-up is in a set: long lists cost what short ones do.
 *
 * @module
 */
import * as Result from "effect/Result"
import { ConfigurationError, type Fault } from "./ConfigurationError.ts"
import { domainOf, type User } from "./User.ts"

/** What the policy says of one user. */
export interface Verdict {
  readonly allowed: boolean
  /** Named by `adminGroups` or `adminUsers`. */
  readonly isAppAdmin: boolean
}

/** One rule: whom it admits, and in words whom that is (no e-mail addresses: it goes into errors). */
export interface Rule {
  readonly describe: string
  readonly admits: (user: User) => boolean
}

/** A compiled policy. */
export interface Policy {
  readonly describe: string
  readonly evaluate: (user: User) => Verdict
}

/** The lists of `Policy.fromLists`. A list that is not given is no rule; an empty one is a rule that nobody meets. */
export interface Lists {
  /** Cognito groups whose members may come in. Names compare exactly. */
  readonly allowedGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses that may come in. They compare exactly but for ASCII case. */
  readonly allowedUsers?: ReadonlyArray<string> | undefined
  /** Whether a user must meet every list that is given, not just one. Default `false`. */
  readonly requireAll?: boolean | undefined
  /** Groups whose members administrate this app. They pass every rule. */
  readonly adminGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses that administrate this app. They pass every rule. */
  readonly adminUsers?: ReadonlyArray<string> | undefined
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/**
 * The policy of lists, as the Python package's `Authoriser.from_lists`: any rule suffices, or all with `requireAll`;
 * administrators pass every rule; no list at all admits every authenticated user.
 *
 * Throws `ConfigurationError` with every fault, so at start-up.
 */
export const fromLists = (lists: Lists): Policy => {
  const policy = readLists(lists, (name) => `policy.${name}`)
  if (Result.isFailure(policy)) throw ConfigurationError.of(policy.failure)
  return policy.success
}

/** Every authenticated user may come in. */
export const anyUser: Policy = {
  describe: "any authenticated user",
  evaluate: () => ({ allowed: true, isAppAdmin: false })
}

/** `fromLists` with the faults as a value. `nameOf` names a list as its writer knows it. */
export const readLists = (lists: Lists, nameOf: (list: keyof Lists) => string): Result.Result<Policy, ReadonlyArray<Fault>> => {
  if (typeof lists !== "object" || lists === null)
    return Result.fail([{ setting: "policy", problem: 'expected an object of lists, as { allowedGroups: ["staff"] }.' }])
  const faults: Array<Fault> = []
  const read = (list: "allowedGroups" | "allowedUsers" | "adminGroups" | "adminUsers", check: (entry: string) => string | undefined) => {
    const given: unknown = lists[list]
    if (given === undefined) return undefined
    if (!Array.isArray(given)) {
      faults.push({ setting: nameOf(list), problem: "expected a list of texts." })
      return undefined
    }
    const entries: Array<string> = []
    given.forEach((entry: unknown, index) => {
      const problem = typeof entry === "string" ? check(entry.trim()) : "is not a text"
      if (problem === undefined) entries.push((entry as string).trim())
      // The place, not the entry: an address in a log is personal data.
      else faults.push({ setting: nameOf(list), problem: `entry ${index + 1} ${problem}.` })
    })
    return entries
  }
  const flag = (name: "requireAll" | "requireVerifiedEmail", byDefault: boolean) => {
    const given: unknown = lists[name]
    if (given !== undefined && typeof given !== "boolean") faults.push({ setting: nameOf(name), problem: "expected true or false." })
    return typeof given === "boolean" ? given : byDefault
  }
  const allowedGroups = read("allowedGroups", checkGroup)
  const allowedUsers = read("allowedUsers", checkEmail)
  const adminGroups = read("adminGroups", checkGroup)
  const adminUsers = read("adminUsers", checkEmail)
  const requireAll = flag("requireAll", false)
  const requireVerifiedEmail = flag("requireVerifiedEmail", true)
  if (faults.length > 0) return Result.fail(faults)

  const rules: Array<Rule> = []
  if (allowedGroups !== undefined) rules.push(groups(allowedGroups))
  if (allowedUsers !== undefined) rules.push(users(allowedUsers, { requireVerifiedEmail }))
  const admins = [groups(adminGroups ?? []), users(adminUsers ?? [], { requireVerifiedEmail })]
  const describe = rules.length === 0 ? anyUser.describe : rules.map((rule) => rule.describe).join(requireAll ? " and " : " or ")
  return Result.succeed({
    describe,
    evaluate: (user) => {
      const isAppAdmin = admins.some((rule) => rule.admits(user))
      if (isAppAdmin || user.isPlatformAdmin || rules.length === 0) return { allowed: true, isAppAdmin }
      const admits = (rule: Rule) => rule.admits(user)
      return { allowed: requireAll ? rules.every(admits) : rules.some(admits), isAppAdmin }
    }
  })
}

/** Members of any of the groups. Names compare exactly. */
export const groups = (names: ReadonlyArray<string>): Rule => {
  const allowed = new Set(names)
  return {
    describe: names.length > 5 ? `a member of one of ${names.length} groups` : `a member of ${names.join(", ") || "no group"}`,
    admits: (user) => user.groups.some((group) => allowed.has(group))
  }
}

/** Users of the e-mail addresses, compared exactly but for ASCII case. */
export const users = (emails: ReadonlyArray<string>, options: { readonly requireVerifiedEmail?: boolean } = {}): Rule => {
  const allowed = new Set(emails.map(foldAscii))
  const { requireVerifiedEmail = true } = options
  return {
    describe: `one of ${emails.length} allowed users${requireVerifiedEmail ? " with a verified e-mail" : ""}`,
    admits: (user) => (user.emailVerified || !requireVerifiedEmail) && allowed.has(foldAscii(user.email))
  }
}

/**
 * Users whose e-mail lies in one of the domains: `example.com` is that domain alone, `*.example.com` (or `.example.com`)
 * every domain below it. An e-mail with a second `@`, white space or quoting lies in none.
 */
export const domains = (names: ReadonlyArray<string>, options: { readonly requireVerifiedEmail?: boolean } = {}): Rule => {
  const { requireVerifiedEmail = true } = options
  const folded = names.map((name) => foldAscii(name.trim()))
  const exact = new Set(folded.filter((name) => !/^\*?\./.test(name)))
  const below = folded.filter((name) => /^\*?\./.test(name)).map((name) => name.replace("*", ""))
  return {
    describe: `an e-mail of ${names.join(", ")}`,
    admits: (user) => {
      if (requireVerifiedEmail && !user.emailVerified) return false
      if (!plainEmail.test(user.email)) return false
      const domain = foldAscii(domainOf(user.email))
      return exact.has(domain) || below.some((suffix) => domain.length > suffix.length && domain.endsWith(suffix))
    }
  }
}

// One "@", and none of what lets two readers see two addresses in it (RFC 5322 §3.2.3 specials).
const plainEmail = /^[^\s\p{Cc}@"(),:;<>[\\\]]+@[^\s\p{Cc}@"(),:;<>[\\\]]+$/u

/**
 * Folds A–Z alone. `toLowerCase` would also fold U+212A KELVIN SIGN to "k", and so let one address pass for another.
 */
const foldAscii = (value: string): string => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

const checkGroup = (group: string) => (group === "" ? "is empty" : undefined)
const checkEmail = (email: string) =>
  /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u.test(email)
    ? undefined
    : "is not an e-mail address: expected one @ with something on either side, and no white space"
