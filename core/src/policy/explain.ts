/** Explains a policy's decision: evaluates every rule, and names the rules that determined it. */
import * as Effect from "effect/Effect"
import type { User } from "../user/User.ts"
import { ask, type Rule, type RuleAnswer, ruleTimeout } from "./Rule.ts"
import type { Policy, Verdict } from "./Verdict.ts"

/** Why a policy admits or does not admit a user. */
export interface Explanation {
  readonly allowed: boolean
  /** One sentence: which rule admitted the user, or why none did. It contains no e-mail address. */
  readonly reason: string
  /** Every rule without parts, in order, with its answer. */
  readonly rules: ReadonlyArray<{ readonly rule: string; readonly admits: RuleAnswer; readonly why: string | undefined }>
}

/**
 * Evaluates every rule, and says which admitted the user, or why none did. Fails with `RuleFailed` if a rule fails, and with
 * `"timeout"` after five seconds.
 */
export const explain = (policy: Policy, user: User): Effect.Effect<Explanation, unknown> =>
  Effect.gen(function* () {
    const evaluated = policy.rule === undefined ? undefined : yield* evaluateAll(policy.rule, user)
    const verdict = yield* attempt(() => policy.evaluate(user))
    return {
      allowed: verdict.allowed,
      reason: reasonOf(policy, user, verdict, evaluated),
      rules: leaves(evaluated).map((leaf) => ({ rule: leaf.rule.describe, admits: leaf.admits, why: whyOf(leaf) }))
    }
  }).pipe(Effect.timeoutOrElse({ duration: ruleTimeout, orElse: () => Effect.fail("timeout") }))

/** An evaluated rule, and its evaluated parts. */
interface Evaluated {
  readonly rule: Rule
  readonly admits: RuleAnswer
  /** Why it does not admit, or cannot tell. */
  readonly because: string | undefined
  readonly parts: ReadonlyArray<Evaluated>
}

const evaluateAll = (rule: Rule, user: User): Effect.Effect<Evaluated, unknown> =>
  Effect.gen(function* () {
    const parts = yield* Effect.forEach(rule.parts ?? [], (part) => evaluateAll(part, user))
    const admits = yield* attempt(() => ask(rule, user))
    const negated = rule.negates !== undefined && admits === "cannot tell" ? yield* evaluateAll(rule.negates, user) : undefined
    const because = negated === undefined ? rule.whyNot?.(user) : reasonsOf(negated)
    return { rule, admits, because: admits === true ? undefined : because, parts }
  })

/** Why a rule cannot tell: the reasons of its parts that cannot tell. */
const reasonsOf = (evaluated: Evaluated): string | undefined => {
  const reasons = decisive(evaluated).flatMap(({ admits, because }) => (admits === "cannot tell" && because !== undefined ? [because] : []))
  return [...new Set(reasons)].join(" and ") || undefined
}

const whyOf = ({ admits, because }: Evaluated): string | undefined =>
  admits !== "cannot tell" ? because : because === undefined ? "cannot tell" : `cannot tell: ${because}`

const attempt = <A extends RuleAnswer | Verdict>(run: () => A | Effect.Effect<A, unknown>): Effect.Effect<A, unknown> =>
  Effect.flatMap(Effect.try({ try: run, catch: (cause) => cause }), (got) => (Effect.isEffect(got) ? got : Effect.succeed(got)))

const leaves = (evaluated: Evaluated | undefined): ReadonlyArray<Evaluated> =>
  evaluated === undefined ? [] : evaluated.parts.length === 0 ? [evaluated] : evaluated.parts.flatMap(leaves)

/** The leaves that determined the answer of the whole rule. */
const decisive = (evaluated: Evaluated): ReadonlyArray<Evaluated> =>
  evaluated.parts.length === 0
    ? [evaluated]
    : evaluated.parts.filter((part) => (part.admits === true) === (evaluated.admits === true)).flatMap(decisive)

const reasonOf = (policy: Policy, user: User, verdict: Verdict, evaluated: Evaluated | undefined): string => {
  if (!user.isAuthenticated) return "Not admitted: nobody is signed in."
  if (user.isPlatformAdmin) return "Admitted as an administrator of the platform."
  if (verdict.isAppAdmin) return "Admitted as an administrator of this app."
  if (evaluated === undefined) return `Admitted as ${policy.describe}.`
  const reasons = decisive(evaluated).map((each) => {
    const why = whyOf(each)
    return why === undefined ? each.rule.describe : `${each.rule.describe} (${why})`
  })
  if (verdict.allowed) return `Admitted as ${reasons.join(" and as ")}.`
  return `Not admitted: the policy admits ${policy.describe}. Not met: ${reasons.join("; ")}.`
}
