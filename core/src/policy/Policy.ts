/**
 * Step 4: User + rules → allowed or not.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ConfigurationError, type Fault } from "../errors/ConfigurationError.ts"
import { didYouMean } from "../errors/didYouMean.ts"
import type { User } from "../user/User.ts"
import { type EmailOptions, groups, users } from "./ClaimRules.ts"
import { allOf, anyOf, ask, isAnswer, type Rule, type RuleAnswer, ruleTimeout } from "./Rule.ts"
import { type CheckEntry, checkEmail, checkName, readEntries } from "./readEntries.ts"

export { domains, type EmailOptions, groups, pool, users } from "./ClaimRules.ts"
export { type Admits, allOf, anyOf, not, type Rule, type RuleAnswer, rule } from "./Rule.ts"

/** What the policy says of one user. */
export interface Verdict {
  readonly allowed: boolean
  /** Named by `adminGroups` or `adminUsers`. */
  readonly isAppAdmin: boolean
}

/** A compiled policy. */
export interface Policy {
  /** Whom it admits, in words. */
  readonly describe: string
  /** The verdict: at once, unless a rule asks somewhere else. */
  readonly evaluate: (user: User) => Verdict | Effect.Effect<Verdict, unknown>
  /** Who may come in; `undefined`: every authenticated user. */
  readonly rule: Rule | undefined
  /** Whom the app has as administrators. They pass every rule. */
  readonly admins: Rule
}

/** The app's administrators. */
export interface AdminLists extends EmailOptions {
  /** Groups whose members administrate this app. They pass every rule. */
  readonly adminGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses that administrate this app. They pass every rule. */
  readonly adminUsers?: ReadonlyArray<string> | undefined
}

/** The lists of `Policy.fromLists`. A list that is not given is no rule; an empty one is a rule that nobody meets. */
export interface Lists extends AdminLists {
  /** Cognito groups whose members may come in. Names compare exactly. */
  readonly allowedGroups?: ReadonlyArray<string> | undefined
  /** E-mail addresses that may come in. They compare exactly but for ASCII case. */
  readonly allowedUsers?: ReadonlyArray<string> | undefined
  /** Whether a user must meet every list that is given, not just one. Default `false`. */
  readonly requireAll?: boolean | undefined
}

/**
 * The policy of lists, as the Python package's `Authoriser.from_lists`: any rule suffices, or all with `requireAll`;
 * administrators pass every rule; no list at all admits every authenticated user.
 *
 * Throws `ConfigurationError` with every fault, so at start-up.
 */
export const fromLists = (lists: Lists): Policy => orThrow(readLists(lists, (name) => `policy.${name}`))

/**
 * The policy of a rule: one of `groups`, `users`, `domains`, `rule`, put together by `anyOf`, `allOf` and `not`.
 *
 * Throws `ConfigurationError` with every fault, so at start-up.
 *
 * @example
 * Policy.make(Policy.allOf(Policy.domains(["example.gov.uk"]), Policy.not(Policy.groups(["leavers"]))), { adminGroups: ["admins"] })
 */
export const make = (rule: Rule, admins: AdminLists = {}): Policy => {
  if (typeof rule?.admits !== "function" || typeof rule.describe !== "string") {
    throw ConfigurationError.of([{ setting: "policy", problem: 'expected a rule, as Policy.groups(["staff"]).' }])
  }
  return build(rule, orThrow(readLists(admins, (name) => `policy.${name}`)).admins)
}

const orThrow = (policy: Result.Result<Policy, ReadonlyArray<Fault>>): Policy => {
  if (Result.isFailure(policy)) throw ConfigurationError.of(policy.failure)
  return policy.success
}

/** `fromLists` with the faults as a value. `nameOf` names a list as its writer knows it. */
export const readLists = (lists: Lists, nameOf: (list: keyof Lists) => string): Result.Result<Policy, ReadonlyArray<Fault>> => {
  if (typeof lists !== "object" || lists === null) {
    return Result.fail([{ setting: "policy", problem: 'expected an object of lists, as { allowedGroups: ["staff"] }.' }])
  }
  const faults: Array<Fault> = []
  for (const name of Object.keys(lists)) {
    // A misspelt list is no rule, and no rule would be an open door.
    if (!Object.hasOwn(knownLists, name)) {
      faults.push({ setting: nameOf(name as keyof Lists), problem: `is unknown.${didYouMean(name, Object.keys(knownLists))}` })
    }
  }
  const read = (list: ListName, check: CheckEntry) =>
    lists[list] === undefined ? undefined : readEntries(lists[list], nameOf(list), check, faults)
  const flag = (name: "requireAll" | "requireVerifiedEmail", byDefault: boolean) => {
    const given: unknown = lists[name]
    if (given !== undefined && typeof given !== "boolean") faults.push({ setting: nameOf(name), problem: "expected true or false." })
    return typeof given === "boolean" ? given : byDefault
  }
  const allowedGroups = read("allowedGroups", checkName)
  const allowedUsers = read("allowedUsers", checkEmail)
  const adminGroups = read("adminGroups", checkName) ?? []
  const adminUsers = read("adminUsers", checkEmail) ?? []
  const requireAll = flag("requireAll", false)
  const requireVerifiedEmail = flag("requireVerifiedEmail", true)
  if (faults.length > 0) return Result.fail(faults)

  const rules: Array<Rule> = []
  if (allowedGroups !== undefined) rules.push(groups(allowedGroups))
  if (allowedUsers !== undefined) rules.push(users(allowedUsers, { requireVerifiedEmail }))
  const admins = anyOf(groups(adminGroups), users(adminUsers, { requireVerifiedEmail }))
  return Result.succeed(build(rules.length === 0 ? undefined : (requireAll ? allOf : anyOf)(...rules), admins))
}

type ListName = "allowedGroups" | "allowedUsers" | "adminGroups" | "adminUsers"

const knownLists: Readonly<Record<keyof Lists, true>> = {
  allowedGroups: true,
  allowedUsers: true,
  requireAll: true,
  adminGroups: true,
  adminUsers: true,
  requireVerifiedEmail: true
}

const build = (rule: Rule | undefined, admins: Rule): Policy => ({
  describe: rule?.describe ?? "any authenticated user",
  rule,
  admins,
  evaluate: (user) => {
    if (!user.isAuthenticated) return { allowed: false, isAppAdmin: false }
    const isAppAdmin = admins.admits(user) === true
    if (isAppAdmin || user.isPlatformAdmin || rule === undefined) return { allowed: true, isAppAdmin }
    const answer = ask(rule, user)
    // A rule that cannot tell does not admit.
    return isAnswer(answer)
      ? { allowed: answer === true, isAppAdmin }
      : Effect.map(answer, (late) => ({ allowed: late === true, isAppAdmin }))
  }
})

/** Every authenticated user may come in. */
export const anyUser: Policy = build(undefined, anyOf())

/** Nobody may come in. */
export const nobody: Policy = build(anyOf(), anyOf())

/** Why a policy admits a user, or does not. */
export interface Explanation {
  readonly allowed: boolean
  /** One sentence: which rule admitted, or why none did. It holds no e-mail address. */
  readonly reason: string
  /** Every rule that has no parts, in order, and what it said. */
  readonly rules: ReadonlyArray<{ readonly rule: string; readonly admits: RuleAnswer; readonly why: string | undefined }>
}

/**
 * Asks every rule, and says which admitted the user or why none did. Fails with `RuleFailed` where a rule fails, and with
 * `"timeout"` after five seconds.
 */
export const explain = (policy: Policy, user: User): Effect.Effect<Explanation, unknown> =>
  Effect.gen(function* () {
    const asked = policy.rule === undefined ? undefined : yield* askAll(policy.rule, user)
    const verdict = yield* attempt(() => policy.evaluate(user))
    return {
      allowed: verdict.allowed,
      reason: reasonOf(policy, user, verdict, asked),
      rules: leaves(asked).map((leaf) => ({ rule: leaf.rule.describe, admits: leaf.admits, why: whyOf(leaf) }))
    }
  }).pipe(Effect.timeoutOrElse({ duration: ruleTimeout, orElse: () => Effect.fail("timeout") }))

/** A rule that was asked, and the rules that it is made of. */
interface Asked {
  readonly rule: Rule
  readonly admits: RuleAnswer
  /** Why it does not admit, or cannot tell. */
  readonly because: string | undefined
  readonly parts: ReadonlyArray<Asked>
}

const askAll = (rule: Rule, user: User): Effect.Effect<Asked, unknown> =>
  Effect.gen(function* () {
    const parts = yield* Effect.forEach(rule.parts ?? [], (part) => askAll(part, user))
    const admits = yield* attempt(() => ask(rule, user))
    const negated = rule.negates !== undefined && admits === "cannot tell" ? yield* askAll(rule.negates, user) : undefined
    const because = negated === undefined ? rule.whyNot?.(user) : reasonsOf(negated)
    return { rule, admits, because: admits === true ? undefined : because, parts }
  })

/** Why a rule cannot tell: the reasons of those of its rules that cannot. */
const reasonsOf = (asked: Asked): string | undefined => {
  const reasons = decisive(asked).flatMap(({ admits, because }) => (admits === "cannot tell" && because !== undefined ? [because] : []))
  return [...new Set(reasons)].join(" and ") || undefined
}

const whyOf = ({ admits, because }: Asked): string | undefined =>
  admits !== "cannot tell" ? because : because === undefined ? "cannot tell" : `cannot tell: ${because}`

const attempt = <A extends RuleAnswer | Verdict>(run: () => A | Effect.Effect<A, unknown>): Effect.Effect<A, unknown> =>
  Effect.flatMap(Effect.try({ try: run, catch: (cause) => cause }), (got) => (Effect.isEffect(got) ? got : Effect.succeed(got)))

const leaves = (asked: Asked | undefined): ReadonlyArray<Asked> =>
  asked === undefined ? [] : asked.parts.length === 0 ? [asked] : asked.parts.flatMap(leaves)

/** Those leaves that made the whole say what it says. */
const decisive = (asked: Asked): ReadonlyArray<Asked> =>
  asked.parts.length === 0 ? [asked] : asked.parts.filter((part) => (part.admits === true) === (asked.admits === true)).flatMap(decisive)

const reasonOf = (policy: Policy, user: User, verdict: Verdict, asked: Asked | undefined): string => {
  if (!user.isAuthenticated) return "Not admitted: nobody is signed in."
  if (user.isPlatformAdmin) return "Admitted as an administrator of the platform."
  if (verdict.isAppAdmin) return "Admitted as an administrator of this app."
  if (asked === undefined) return `Admitted as ${policy.describe}.`
  const reasons = decisive(asked).map((each) => {
    const why = whyOf(each)
    return why === undefined ? each.rule.describe : `${each.rule.describe} (${why})`
  })
  if (verdict.allowed) return `Admitted as ${reasons.join(" and as ")}.`
  return `Not admitted: the policy admits ${policy.describe}. Not met: ${reasons.join("; ")}.`
}
