/**
 * Step 4a: rules: whom one admits, and in words whom that is. Every look-up is in a set: long lists cost what short ones do.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { ConfigurationError, type Fault } from "./ConfigurationError.ts"
import { type CheckEntry, checkDomain, checkEmail, checkGroup, readEntries } from "./internal/readEntries.ts"
import { domainOf, isInAny, type User } from "./User.ts"

/** Whether a rule admits a user: at once, or by an Effect that asks somewhere else first. */
export type Admits = boolean | Effect.Effect<boolean, unknown>

/** One rule of a policy. */
export interface Rule {
  /** Whom the rule admits, in words that fit after "the policy admits". It goes into errors: no e-mail addresses. */
  readonly describe: string
  readonly admits: (user: User) => Admits
  /** Why the rule does not admit this user, where that can be said better than by `describe`. */
  readonly whyNot?: (user: User) => string | undefined
  /** The rules that this one is made of. */
  readonly parts?: ReadonlyArray<Rule>
}

/** How long a rule may take that asks somewhere else. */
export const ruleTimeout = "5 seconds"

export interface EmailOptions {
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/**
 * A rule of your own. An Effect has five seconds. A rule that throws, fails or gives anything but a boolean is an outage
 * of the policy (503): it admits nobody.
 *
 * @example
 * Policy.rule("employees", (user) => user.accessClaims["custom:type"] === "employee")
 */
export const rule = (describe: string, admits: (user: User) => Admits): Rule => ({ describe, admits })

/** Members of any of the groups. Names compare exactly. Throws `ConfigurationError` for what is no list of names. */
export const groups = (groups: ReadonlyArray<string>): Rule => {
  const names = entriesOf(groups, "groups", checkGroup)
  const allowed = new Set(names)
  return {
    describe: names.length > 5 ? `a member of one of ${names.length} groups` : `a member of ${names.join(", ") || "no group"}`,
    admits: (user) => isInAny(user.groups, allowed),
    whyNot: (user) => (user.groups.length === 0 ? "the user is in no group" : undefined)
  }
}

/**
 * Users of the e-mail addresses, compared exactly but for ASCII case. Throws `ConfigurationError` for what is no list of
 * addresses.
 */
export const users = (users: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const emails = entriesOf(users, "users", checkEmail)
  const allowed = new Set(emails.map(foldAscii))
  return emailRule(
    `one of ${emails.length} allowed users`,
    requireVerifiedEmail,
    (email) => allowed.size > 0 && allowed.has(foldAscii(email))
  )
}

/**
 * Users whose e-mail lies in one of the domains: `example.com` is that domain alone, `*.example.com` (or `.example.com`)
 * every domain below it. An e-mail with a second `@`, white space or quoting lies in none. Throws `ConfigurationError` for
 * what is no list of domains.
 */
export const domains = (domains: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const names = entriesOf(domains, "domains", checkDomain)
  const folded = names.map(foldAscii)
  const exact = new Set(folded.filter((name) => !/^\*?\./.test(name)))
  const below = folded.filter((name) => /^\*?\./.test(name)).map((name) => name.replace("*", ""))
  return emailRule(`an e-mail of ${names.join(", ")}`, requireVerifiedEmail, (email) => {
    if (!plainEmail.test(email)) return false
    const domain = foldAscii(domainOf(email))
    return exact.has(domain) || below.some((suffix) => domain.length > suffix.length && domain.endsWith(suffix))
  })
}

const entriesOf = (given: unknown, rule: string, check: CheckEntry): ReadonlyArray<string> => {
  const faults: Array<Fault> = []
  const entries = readEntries(given, `Policy.${rule}`, check, faults)
  if (faults.length > 0) throw ConfigurationError.of(faults)
  return entries
}

const emailRule = (describe: string, requireVerifiedEmail: boolean, matches: (email: string) => boolean): Rule => ({
  describe: `${describe}${requireVerifiedEmail ? " with a verified e-mail" : ""}`,
  admits: (user) => (user.emailVerified || !requireVerifiedEmail) && matches(user.email),
  whyNot: (user) =>
    user.email === "" ? "the user has no e-mail" : requireVerifiedEmail && !user.emailVerified ? "the e-mail is not verified" : undefined
})

/** Whoever one of the rules admits. Of no rules: nobody. */
export const anyOf = (...rules: ReadonlyArray<Rule>): Rule => ({
  describe: join(rules, " or ", "nobody"),
  admits: (user) => decide(rules, user, true),
  parts: rules
})

/** Whoever every one of the rules admits. Of no rules: nobody, since nobody was named. */
export const allOf = (...rules: ReadonlyArray<Rule>): Rule => ({
  describe: join(rules, " and ", "nobody"),
  admits: (user) => (rules.length === 0 ? false : decide(rules, user, false)),
  parts: rules
})

/** Whoever the rule does not admit. */
export const not = (inner: Rule): Rule => ({
  describe: `anyone but ${(inner.parts?.length ?? 0) > 1 ? `(${inner.describe})` : inner.describe}`,
  admits: (user) => {
    const admits = ask(inner, user)
    return typeof admits === "boolean" ? !admits : Effect.map(admits, (is) => !is)
  }
})

/**
 * Asks the rules in their order until one answers `settles`. Those that answer at once are asked first: a rule that asks
 * somewhere else is spared where another has settled it.
 */
const decide = (rules: ReadonlyArray<Rule>, user: User, settles: boolean): Admits => {
  const waiting: Array<Effect.Effect<boolean, unknown>> = []
  for (const each of rules) {
    const admits = ask(each, user)
    if (typeof admits !== "boolean") waiting.push(admits)
    else if (admits === settles) return settles
  }
  return waiting.reduceRight<Admits>(
    (rest, first) => Effect.flatMap(first, (is) => (is === settles ? Effect.succeed(settles) : asEffect(rest))),
    !settles
  )
}

/** A rule threw, failed, or gave anything but a boolean. `message` names the rule, and nothing that it said. */
export class RuleFailed extends Error {
  constructor(rule: Rule, cause: unknown) {
    super(`the rule ${JSON.stringify(rule.describe)} failed`, { cause })
    this.name = "RuleFailed"
  }
}

/** Whether the rule admits the user. Throws or fails with `RuleFailed`: what is no boolean must not pass for `true`. */
export const ask = (rule: Rule, user: User): Admits => {
  let admits: unknown
  try {
    admits = rule.admits(user)
  } catch (cause) {
    throw failed(rule, cause)
  }
  if (typeof admits === "boolean") return admits
  if (Effect.isEffect(admits)) {
    return (admits as Effect.Effect<unknown, unknown>).pipe(
      Effect.flatMap((is) => (typeof is === "boolean" ? Effect.succeed(is) : Effect.fail(noBoolean()))),
      Effect.catchCause((cause) => Effect.fail(failed(rule, Cause.squash(cause))))
    )
  }
  // An async function's promise is refused; its rejection, which nobody waits for, must not end the process.
  if (admits instanceof Promise) admits.catch(() => {})
  throw failed(rule, noBoolean())
}

/** Of rules within rules, the innermost is the one that failed. */
const failed = (rule: Rule, cause: unknown): RuleFailed => (cause instanceof RuleFailed ? cause : new RuleFailed(rule, cause))
const noBoolean = () => new TypeError("expected a boolean, or an Effect of one")

export const asEffect = (admits: Admits): Effect.Effect<boolean, unknown> => (typeof admits === "boolean" ? Effect.succeed(admits) : admits)

const join = (rules: ReadonlyArray<Rule>, word: string, ofNone: string): string =>
  rules.length === 0
    ? ofNone
    : rules.map((each) => (rules.length > 1 && (each.parts?.length ?? 0) > 1 ? `(${each.describe})` : each.describe)).join(word)

// One "@", and none of what lets two readers see two addresses in it (RFC 5322 §3.2.3 specials).
const plainEmail = /^[^\s\p{Cc}@"(),:;<>[\\\]]+@[^\s\p{Cc}@"(),:;<>[\\\]]+$/u

/**
 * Folds A–Z alone. `toLowerCase` would also fold U+212A KELVIN SIGN to "k", and so let one address pass for another.
 */
const foldAscii = (value: string): string => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
