/**
 * Step 4: User + rules → allowed or not. A policy is written as lists, or as a rule.
 *
 * @module
 */
import * as Result from "effect/Result"
import { ConfigurationError, type Fault, Faults } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { type EmailOptions, groups, users } from "./ClaimRules.ts"
import { allOf, anyOf, type Rule } from "./Rule.ts"
import { type CheckEntry, checkClientId, checkEmail, checkName, readEntries } from "./readEntries.ts"
import { clients } from "./ServiceRules.ts"
import { makePolicy, type Policy } from "./Verdict.ts"

export { domains, type EmailOptions, groups, pool, users } from "./ClaimRules.ts"
export { type Explanation, explain } from "./explain.ts"
export { type Admits, allOf, anyOf, not, type Rule, type RuleAnswer, rule } from "./Rule.ts"
export { clients, scopes } from "./ServiceRules.ts"
export { anyUser, nobody, type Policy, type Verdict } from "./Verdict.ts"

/** The app's administrators. */
export interface AdminLists extends EmailOptions {
  /** Groups whose members are administrators of this app. They pass every rule. */
  readonly adminGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses of administrators of this app. They pass every rule. */
  readonly adminUsers?: ReadonlyArray<string> | undefined
}

/** The lists of `Policy.fromLists`. An absent list is not a rule; an empty list is a rule that admits no user. */
export interface Lists extends AdminLists {
  /** Cognito groups whose members are admitted. Names are compared exactly. */
  readonly allowedGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses of admitted users. They are compared exactly, except for ASCII case. */
  readonly allowedUsers?: ReadonlyArray<string> | undefined
  /**
   * App clients whose services are admitted, by tokens of their own (client credentials), on the paths of the guard's `services`. Ids are
   * compared exactly.
   */
  readonly allowedClients?: ReadonlyArray<string> | undefined
  /** Whether a user must match every given list of users and groups, and not just one. Default `false`. */
  readonly requireAll?: boolean | undefined
}

/**
 * A policy from lists, like the Python package's `Authoriser.from_lists`: a user must meet any rule, or all rules with
 * `requireAll`; administrators pass every rule; without any list, every authenticated user is admitted, and no service.
 *
 * Throws `ConfigurationError` with every fault. Call it at start-up.
 */
export const fromLists = (lists: Lists): Policy => orThrow(readLists(lists, (name) => `policy.${name}`))

/**
 * A policy from a rule: `groups`, `users`, `domains`, `pool`, `clients`, `scopes` or `rule`, combined by `anyOf`, `allOf` and `not`.
 *
 * Throws `ConfigurationError` with every fault. Call it at start-up.
 *
 * @example
 * Policy.make(Policy.allOf(Policy.domains(["example.gov.uk"]), Policy.not(Policy.groups(["leavers"]))), { adminGroups: ["admins"] })
 */
export const make = (rule: Rule, admins: AdminLists = {}): Policy => {
  if (typeof rule?.admits !== "function" || typeof rule.describe !== "string") {
    throw ConfigurationError.of([{ setting: "policy", problem: 'expected a rule, such as Policy.groups(["staff"]).' }])
  }
  return makePolicy(rule, orThrow(readLists(admins, (name) => `policy.${name}`)).admins)
}

const orThrow = (policy: Result.Result<Policy, ReadonlyArray<Fault>>): Policy => {
  if (Result.isFailure(policy)) throw ConfigurationError.of(policy.failure)
  return policy.success
}

/** `fromLists` with the faults as a value. `nameOf` returns the name of a list for faults. */
export const readLists = (lists: Lists, nameOf: (list: keyof Lists) => string): Result.Result<Policy, ReadonlyArray<Fault>> => {
  if (typeof lists !== "object" || lists === null) {
    return Result.fail([{ setting: "policy", problem: 'expected an object of lists, such as { allowedGroups: ["staff"] }.' }])
  }
  const faults = new Faults()
  // A misspelt list would not be a rule, and without a rule every user is admitted.
  for (const { name, problem } of unknownNames(Object.keys(lists), knownNames)) faults.add(nameOf(name as keyof Lists), problem)
  const read = (list: ListName) =>
    lists[list] === undefined ? undefined : readEntries(lists[list], nameOf(list), entryChecks[list], faults.add)
  const flag = (name: FlagName) => {
    const given: unknown = lists[name]
    if (given !== undefined && typeof given !== "boolean") faults.add(nameOf(name), "expected true or false.")
    return typeof given === "boolean" ? given : flagDefaults[name]
  }
  const allowedGroups = read("allowedGroups")
  const allowedUsers = read("allowedUsers")
  const allowedClients = read("allowedClients")
  const adminGroups = read("adminGroups") ?? []
  const adminUsers = read("adminUsers") ?? []
  const requireAll = flag("requireAll")
  const requireVerifiedEmail = flag("requireVerifiedEmail")
  if (!faults.isEmpty) return Result.fail(faults.all)

  const rules: Array<Rule> = []
  if (allowedGroups !== undefined) rules.push(groups(allowedGroups))
  if (allowedUsers !== undefined) rules.push(users(allowedUsers, { requireVerifiedEmail }))
  const admins = anyOf(groups(adminGroups), users(adminUsers, { requireVerifiedEmail }))
  const forUsers = rules.length === 0 ? undefined : (requireAll ? allOf : anyOf)(...rules)
  if (allowedClients === undefined) return Result.succeed(makePolicy(forUsers, admins))
  // Nobody is a user and a service at once, so this list is never one of all.
  const forServices = clients(allowedClients)
  return Result.succeed(makePolicy(forUsers === undefined ? forServices : anyOf(forUsers, forServices), admins))
}

type FlagName = "requireAll" | "requireVerifiedEmail"
type ListName = Exclude<keyof Lists, FlagName>

const entryChecks: Readonly<Record<ListName, CheckEntry>> = {
  allowedGroups: checkName,
  allowedUsers: checkEmail,
  allowedClients: checkClientId,
  adminGroups: checkName,
  adminUsers: checkEmail
}

const flagDefaults: Readonly<Record<FlagName, boolean>> = { requireAll: false, requireVerifiedEmail: true }

const knownNames = [...Object.keys(entryChecks), ...Object.keys(flagDefaults)]
