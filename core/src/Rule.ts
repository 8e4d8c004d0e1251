/**
 * Step 4a: rules: whom one admits, and in words whom that is. Every look-up is in a set: long lists cost what short ones do.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { ConfigurationError, type Fault } from "./ConfigurationError.ts"
import { type CheckEntry, checkDomain, checkEmail, checkName, readEntries } from "./internal/readEntries.ts"
import { domainOf, isInAny, type User } from "./User.ts"

/**
 * What a rule says of a user: yes, no, or that it cannot tell, because a claim is missing, malformed or not verified. Only
 * yes admits; `not`, `anyOf` and `allOf` follow Kleene's logic, so that what a rule cannot tell never turns into a yes.
 */
export type RuleAnswer = boolean | "cannot tell"

const cannotTell = "cannot tell"

/** A rule's answer: at once, or by an Effect that asks somewhere else first. */
export type Admits = RuleAnswer | Effect.Effect<RuleAnswer, unknown>

/** One rule of a policy. */
export interface Rule {
  /** Whom the rule admits, in words that fit after "the policy admits". It goes into errors: no e-mail addresses. */
  readonly describe: string
  readonly admits: (user: User) => Admits
  /** Why the rule does not admit this user, or cannot tell, where that can be said better than by `describe`. */
  readonly whyNot?: (user: User) => string | undefined
  /** The rules that this one is made of. */
  readonly parts?: ReadonlyArray<Rule>
  /** The rule whose answer this one negates. */
  readonly negates?: Rule
}

/** How long a rule may take that asks somewhere else. */
export const ruleTimeout = "5 seconds"

export interface EmailOptions {
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/**
 * A rule of your own. Where the claims that it needs are missing or malformed, it answers `"cannot tell"`: `false` would
 * become a yes under `not`. An Effect has five seconds. A rule that throws, fails or gives anything but an answer is an
 * outage of the policy (503): it admits nobody.
 *
 * @example
 * Policy.rule("employees", (user) => user.accessClaims["custom:type"] === "employee")
 */
export const rule = (describe: string, admits: (user: User) => Admits): Rule => ({ describe, admits })

/**
 * Members of any of the groups. Names compare exactly. It cannot tell where the claim is not a list of strings. Throws
 * `ConfigurationError` for what is no list of names.
 */
export const groups = (groups: ReadonlyArray<string>): Rule => {
  const names = entriesOf(groups, "groups", checkName)
  const allowed = new Set(names)
  return {
    describe: names.length > 5 ? `a member of one of ${names.length} groups` : `a member of ${names.join(", ") || "no group"}`,
    admits: (user) => allowed.size > 0 && (user.hasKnownGroups ? isInAny(user.groups, allowed) : cannotTell),
    whyNot: (user) =>
      user.hasKnownGroups ? (user.groups.length === 0 ? "the user is in no group" : undefined) : "the claim is not a list of groups"
  }
}

/**
 * Users of the e-mail addresses, compared exactly but for ASCII case. It cannot tell of a user without an e-mail, with one
 * that is not verified where it must be, or with one that is not an address. Throws `ConfigurationError` for what is no
 * list of addresses.
 */
export const users = (users: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const emails = entriesOf(users, "users", checkEmail)
  const allowed = new Set(emails.map(foldAscii))
  return emailRule({
    describe: `one of ${emails.length} allowed users`,
    isEmpty: allowed.size === 0,
    requireVerifiedEmail,
    isReadable: (email) => checkEmail(email) === undefined,
    matches: (email) => allowed.has(foldAscii(email))
  })
}

/**
 * Users whose e-mail lies in one of the domains: `example.com` is that domain alone, `*.example.com` (or `.example.com`)
 * every domain below it. It cannot tell of a user without an e-mail, with one that is not verified where it must be, or with
 * one that two readers may read differently: a second `@`, white space, quoting. Throws `ConfigurationError` for what is no
 * list of domains.
 */
export const domains = (domains: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const names = entriesOf(domains, "domains", checkDomain)
  const folded = names.map(foldAscii)
  const exact = new Set(folded.filter((name) => !/^\*?\./.test(name)))
  const below = folded.filter((name) => /^\*?\./.test(name)).map((name) => name.replace("*", ""))
  return emailRule({
    describe: `an e-mail of ${names.join(", ")}`,
    isEmpty: names.length === 0,
    requireVerifiedEmail,
    isReadable: (email) => plainEmail.test(email),
    matches: (email) => {
      const domain = foldAscii(domainOf(email))
      return exact.has(domain) || below.some((suffix) => domain.length > suffix.length && domain.endsWith(suffix))
    }
  })
}

const entriesOf = (given: unknown, rule: string, check: CheckEntry): ReadonlyArray<string> => {
  const faults: Array<Fault> = []
  const entries = readEntries(given, `Policy.${rule}`, check, faults)
  if (faults.length > 0) throw ConfigurationError.of(faults)
  return entries
}

interface EmailRule {
  readonly describe: string
  /** Of an empty list, no e-mail has to be known. */
  readonly isEmpty: boolean
  readonly requireVerifiedEmail: boolean
  readonly isReadable: (email: string) => boolean
  readonly matches: (email: string) => boolean
}

const emailRule = ({ describe, isEmpty, requireVerifiedEmail, isReadable, matches }: EmailRule): Rule => ({
  describe: `${describe}${requireVerifiedEmail ? " with a verified e-mail" : ""}`,
  admits: (user) => {
    if (isEmpty) return false
    if (requireVerifiedEmail && !user.emailVerified) return cannotTell
    const { email } = user
    return isReadable(email) ? matches(email) : cannotTell
  },
  whyNot: (user) => {
    if (isEmpty) return undefined
    if (user.email === "") return "the user has no e-mail"
    if (requireVerifiedEmail && !user.emailVerified) return "the e-mail is not verified"
    return isReadable(user.email) ? undefined : "the e-mail is not one plain address"
  }
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

/** Whoever the rule says no to. Where it cannot tell, neither can this. */
export const not = (inner: Rule): Rule => ({
  describe: `anyone but ${(inner.parts?.length ?? 0) > 1 ? `(${inner.describe})` : inner.describe}`,
  admits: (user) => {
    const answer = ask(inner, user)
    return isAnswer(answer) ? negate(answer) : Effect.map(answer, negate)
  },
  negates: inner
})

const negate = (answer: RuleAnswer): RuleAnswer => (answer === cannotTell ? cannotTell : !answer)

/**
 * Asks the rules in their order until one answers `settles`. Those that answer at once are asked first: a rule that asks
 * somewhere else is spared where another has settled it. Where none settles it, one that cannot tell leaves it open.
 */
const decide = (rules: ReadonlyArray<Rule>, user: User, settles: boolean): Admits => {
  let unsettled: RuleAnswer = !settles
  let waiting: Array<Effect.Effect<RuleAnswer, unknown>> | undefined
  for (const each of rules) {
    const answer = ask(each, user)
    if (answer === settles) return settles
    if (answer === cannotTell) unsettled = cannotTell
    else if (!isAnswer(answer)) {
      // Made only where a rule asks somewhere else: the others, which nearly all are, need no list.
      waiting ??= []
      waiting.push(answer)
    }
  }
  return waiting === undefined ? unsettled : decideLater(waiting, settles, unsettled)
}

const decideLater = Effect.fnUntraced(function* (
  waiting: ReadonlyArray<Effect.Effect<RuleAnswer, unknown>>,
  settles: boolean,
  unsettled: RuleAnswer
) {
  let answer = unsettled
  for (const each of waiting) {
    const late = yield* each
    if (late === settles) return late
    if (late === cannotTell) answer = cannotTell
  }
  return answer
})

/** A rule threw, failed, or gave anything but an answer. `message` names the rule, and nothing that it said. */
export class RuleFailed extends Error {
  constructor(rule: Rule, cause: unknown) {
    super(`the rule ${JSON.stringify(rule.describe)} failed`, { cause })
    this.name = "RuleFailed"
  }
}

/** The rule's answer. Throws or fails with `RuleFailed`: what is no answer must not pass for `true`. */
export const ask = (rule: Rule, user: User): Admits => {
  let admits: unknown
  try {
    admits = rule.admits(user)
  } catch (cause) {
    throw failed(rule, cause)
  }
  if (isAnswer(admits)) return admits
  if (Effect.isEffect(admits)) {
    return (admits as Effect.Effect<unknown, unknown>).pipe(
      Effect.flatMap((answer) => (isAnswer(answer) ? Effect.succeed(answer) : Effect.fail(noAnswer()))),
      Effect.catchCause((cause) => Effect.fail(failed(rule, Cause.squash(cause))))
    )
  }
  // An async function's promise is refused; its rejection, which nobody waits for, must not end the process.
  if (admits instanceof Promise) admits.catch(() => {})
  throw failed(rule, noAnswer())
}

/** Of rules within rules, the innermost is the one that failed. */
const failed = (rule: Rule, cause: unknown): RuleFailed => (cause instanceof RuleFailed ? cause : new RuleFailed(rule, cause))
const noAnswer = () => new TypeError('expected true, false or "cannot tell", or an Effect of one')

/** Whether it is an answer already: an Effect is still to be run, and anything else is none. */
export const isAnswer = (value: unknown): value is RuleAnswer => typeof value === "boolean" || value === cannotTell

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
