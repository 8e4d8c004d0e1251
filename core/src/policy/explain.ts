/** Explains a policy's decision: evaluates every rule, and names the rules that determined it. */
import * as Effect from "effect/Effect"
import type { Principal } from "../user/Service.ts"
import { ask, askService, type Rule, type RuleAnswer, ruleTimeout } from "./Rule.ts"
import { type Policy, refused, type Verdict } from "./Verdict.ts"

/** Why a policy admits or does not admit a user or a service. */
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
export const explain = (policy: Policy, principal: Principal): Effect.Effect<Explanation, unknown> =>
  Effect.gen(function* () {
    const evaluated = policy.rule === undefined ? undefined : yield* evaluateAll(policy.rule, principal)
    const verdict = yield* attempt(() => evaluate(policy, principal))
    return {
      allowed: verdict.allowed,
      reason: reasonOf(policy, principal, verdict, evaluated),
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

const evaluate = (policy: Policy, principal: Principal) =>
  principal._tag === "User" ? policy.evaluate(principal) : (policy.evaluateService?.(principal) ?? refused)

const evaluateAll = (rule: Rule, principal: Principal): Effect.Effect<Evaluated, unknown> =>
  Effect.gen(function* () {
    const parts = yield* Effect.forEach(rule.parts ?? [], (part) => evaluateAll(part, principal))
    const admits = yield* attempt(() => (principal._tag === "User" ? ask(rule, principal) : askService(rule, principal)))
    const negated = rule.negates !== undefined && admits === "cannot tell" ? yield* evaluateAll(rule.negates, principal) : undefined
    const because = negated === undefined ? whyNot(rule, principal) : reasonsOf(negated)
    return { rule, admits, because: admits === true ? undefined : because, parts }
  })

const whyNot = (rule: Rule, principal: Principal): string | undefined => {
  if (principal._tag === "User") return rule.whyNot?.(principal)
  return rule.admitsService === undefined ? "it is about users, and a service asks" : undefined
}

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

const reasonOf = (policy: Policy, principal: Principal, verdict: Verdict, evaluated: Evaluated | undefined): string => {
  if (principal._tag === "User") {
    if (!principal.isAuthenticated) return "Not admitted: nobody is signed in."
    if (principal.isPlatformAdmin) return "Admitted as an administrator of the platform."
    if (verdict.isAppAdmin) return "Admitted as an administrator of this app."
  }
  if (evaluated === undefined)
    return verdict.allowed ? `Admitted as ${policy.describe}.` : `Not admitted: the policy admits ${policy.describe}, and no service.`
  const reasons = decisive(evaluated).map((each) => {
    const why = whyOf(each)
    return why === undefined ? each.rule.describe : `${each.rule.describe} (${why})`
  })
  if (verdict.allowed) return `Admitted as ${reasons.join(" and as ")}.`
  return `Not admitted: the policy admits ${policy.describe}. Not met: ${reasons.join("; ")}.`
}
