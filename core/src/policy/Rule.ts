/**
 * Step 4a: a rule of a policy, its description, and the combinators of rules.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { User } from "../user/User.ts"

/**
 * A rule's answer for a user: yes, no, or "cannot tell" if a claim is missing, malformed or not verified. Only yes admits.
 * `not`, `anyOf` and `allOf` follow Kleene's three-valued logic, so that "cannot tell" never becomes a yes.
 */
export type RuleAnswer = boolean | "cannot tell"

export const cannotTell = "cannot tell"

/** A rule's answer: a value, or an Effect if the rule does I/O. */
export type Admits = RuleAnswer | Effect.Effect<RuleAnswer, unknown>

/** One rule of a policy. */
export interface Rule {
  /** Whom the rule admits, as the end of a sentence that starts with "the policy admits". It appears in errors: no e-mail addresses. */
  readonly describe: string
  readonly admits: (user: User) => Admits
  /** Why the rule does not admit this user, or cannot tell, if there is more to say than `describe`. */
  readonly whyNot?: (user: User) => string | undefined
  /** The rules that this one combines. */
  readonly parts?: ReadonlyArray<Rule>
  /** The rule whose answer this one negates. */
  readonly negates?: Rule
}

/** Time limit for a rule that returns an Effect. */
export const ruleTimeout = "5 seconds"

/**
 * A custom rule. If the claims that it needs are missing or malformed, it must answer `"cannot tell"`: `false` would become a yes
 * under `not`. An Effect has five seconds. If a rule throws, fails or returns anything else than an answer, the request is not
 * admitted: the policy is unavailable (503).
 *
 * @example
 * Policy.rule("employees", (user) => user.accessClaims["custom:type"] === "employee")
 */
export const rule = (describe: string, admits: (user: User) => Admits): Rule => ({ describe, admits })

/** Admits users whom at least one of the rules admits. Without rules: nobody. */
export const anyOf = (...rules: ReadonlyArray<Rule>): Rule => ({
  describe: join(rules, " or ", "nobody"),
  admits: (user) => decide(rules, user, true),
  parts: rules
})

/** Admits users whom all of the rules admit. Without rules: nobody. */
export const allOf = (...rules: ReadonlyArray<Rule>): Rule => ({
  describe: join(rules, " and ", "nobody"),
  admits: (user) => (rules.length === 0 ? false : decide(rules, user, false)),
  parts: rules
})

/** Admits users for whom the rule answers no. If the rule cannot tell, neither can this one. */
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
 * Evaluates the rules in order until one answers `settles`. Effects run last, and only if no synchronous rule has settled the
 * answer. If none settles it, but one cannot tell, the answer is "cannot tell".
 */
const decide = (rules: ReadonlyArray<Rule>, user: User, settles: boolean): Admits => {
  let unsettled: RuleAnswer = !settles
  let waiting: Array<Effect.Effect<RuleAnswer, unknown>> | undefined
  for (const each of rules) {
    const answer = ask(each, user)
    if (answer === settles) return settles
    if (answer === cannotTell) unsettled = cannotTell
    else if (!isAnswer(answer)) {
      // Allocated only if a rule returns an Effect, which is rare.
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

/** A rule threw, failed, or did not return an answer. `message` names the rule, and contains nothing of its error. */
export class RuleFailed extends Error {
  constructor(rule: Rule, cause: unknown) {
    super(`the rule ${JSON.stringify(rule.describe)} failed`, { cause })
    this.name = "RuleFailed"
  }
}

/** The rule's answer. Throws or fails with `RuleFailed`: a value that is not an answer must not count as `true`. */
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
  // The promise of an async function is refused. Its rejection is unhandled otherwise, and must not end the process.
  if (admits instanceof Promise) admits.catch(() => {})
  throw failed(rule, noAnswer())
}

/** Of nested rules, the innermost is the one that failed. */
const failed = (rule: Rule, cause: unknown): RuleFailed => (cause instanceof RuleFailed ? cause : new RuleFailed(rule, cause))
const noAnswer = () => new TypeError('expected true, false or "cannot tell", or an Effect of one')

/** Whether it is an answer, and not an Effect or an invalid value. */
export const isAnswer = (value: unknown): value is RuleAnswer => typeof value === "boolean" || value === cannotTell

const join = (rules: ReadonlyArray<Rule>, word: string, ofNone: string): string =>
  rules.length === 0
    ? ofNone
    : rules.map((each) => (rules.length > 1 && (each.parts?.length ?? 0) > 1 ? `(${each.describe})` : each.describe)).join(word)
