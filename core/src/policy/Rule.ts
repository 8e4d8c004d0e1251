/**
 * Step 4a: a rule: what it answers of a user, and in words whom it admits; and how rules are put together.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Service } from "../user/Service.ts"
import type { User } from "../user/User.ts"

/**
 * What a rule says of a user: yes, no, or that it cannot tell, because a claim is missing, malformed or not verified. Only
 * yes admits; `not`, `anyOf` and `allOf` follow Kleene's logic, so that what a rule cannot tell never turns into a yes.
 */
export type RuleAnswer = boolean | "cannot tell"

export const cannotTell = "cannot tell"

/** A rule's answer: at once, or by an Effect that asks somewhere else first. */
export type Admits = RuleAnswer | Effect.Effect<RuleAnswer, unknown>

/** One rule of a policy. */
export interface Rule {
  /** Whom the rule admits, in words that fit after "the policy admits". It goes into errors: no e-mail addresses. */
  readonly describe: string
  readonly admits: (user: User) => Admits
  /** What it says of a service. Without it, the rule is about users alone, and cannot tell. */
  readonly admitsService?: (service: Service) => Admits
  /** Why the rule does not admit this user, or cannot tell, where that can be said better than by `describe`. */
  readonly whyNot?: (user: User) => string | undefined
  /** The rules that this one is made of. */
  readonly parts?: ReadonlyArray<Rule>
  /** The rule whose answer this one negates. */
  readonly negates?: Rule
}

/** How long a rule may take that asks somewhere else. */
export const ruleTimeout = "5 seconds"

/**
 * A rule of your own. Where the claims that it needs are missing or malformed, it answers `"cannot tell"`: `false` would
 * become a yes under `not`. An Effect has five seconds. A rule that throws, fails or gives anything but an answer is an
 * outage of the policy (503): it admits nobody.
 *
 * @example
 * Policy.rule("employees", (user) => user.accessClaims["custom:type"] === "employee")
 */
export const rule = (describe: string, admits: (user: User) => Admits): Rule => ({ describe, admits })

/** Whoever one of the rules admits. Of no rules: nobody. */
export const anyOf = (...rules: ReadonlyArray<Rule>): Rule => ({
  describe: join(rules, " or ", "nobody"),
  admits: (user) => decide(rules, user, ask, true),
  admitsService: (service) => decide(rules, service, askService, true),
  parts: rules
})

/** Whoever every one of the rules admits. Of no rules: nobody, since nobody was named. */
export const allOf = (...rules: ReadonlyArray<Rule>): Rule => ({
  describe: join(rules, " and ", "nobody"),
  admits: (user) => (rules.length === 0 ? false : decide(rules, user, ask, false)),
  admitsService: (service) => (rules.length === 0 ? false : decide(rules, service, askService, false)),
  parts: rules
})

/** Whoever the rule says no to. Where it cannot tell, neither can this. */
export const not = (inner: Rule): Rule => ({
  describe: `anyone but ${(inner.parts?.length ?? 0) > 1 ? `(${inner.describe})` : inner.describe}`,
  admits: (user) => negateAnswer(ask(inner, user)),
  admitsService: (service) => negateAnswer(askService(inner, service)),
  negates: inner
})

const negateAnswer = (answer: Admits): Admits => (isAnswer(answer) ? negate(answer) : Effect.map(answer, negate))
const negate = (answer: RuleAnswer): RuleAnswer => (answer === cannotTell ? cannotTell : !answer)

/**
 * Asks the rules in their order until one answers `settles`. Those that answer at once are asked first: a rule that asks
 * somewhere else is spared where another has settled it. Where none settles it, one that cannot tell leaves it open.
 */
const decide = <Asking>(
  rules: ReadonlyArray<Rule>,
  asking: Asking,
  askRule: (rule: Rule, asking: Asking) => Admits,
  settles: boolean
): Admits => {
  let unsettled: RuleAnswer = !settles
  let waiting: Array<Effect.Effect<RuleAnswer, unknown>> | undefined
  for (const each of rules) {
    const answer = askRule(each, asking)
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
  return isAnswer(admits) ? admits : settle(rule, admits)
}

/** The same of a service. A rule about users alone is not asked: it never sees one. */
export const askService = (rule: Rule, service: Service): Admits => {
  if (rule.admitsService === undefined) return cannotTell
  let admits: unknown
  try {
    admits = rule.admitsService(service)
  } catch (cause) {
    throw failed(rule, cause)
  }
  return isAnswer(admits) ? admits : settle(rule, admits)
}

/** What a rule gave that is no answer yet: an Effect of one, or a mistake. */
const settle = (rule: Rule, admits: unknown): Effect.Effect<RuleAnswer, unknown> => {
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
