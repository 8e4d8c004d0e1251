/** Why a policy admits a user or a service, or does not: every rule asked, and those named that made the verdict. */
import * as Effect from "effect/Effect"
import type { Principal } from "../user/Service.ts"
import { ask, askService, type Rule, type RuleAnswer, ruleTimeout } from "./Rule.ts"
import type { Policy, Verdict } from "./Verdict.ts"

/** Why a policy admits a user or a service, or does not. */
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
export const explain = (policy: Policy, principal: Principal): Effect.Effect<Explanation, unknown> =>
  Effect.gen(function* () {
    const asked = policy.rule === undefined ? undefined : yield* askAll(policy.rule, principal)
    const verdict = yield* attempt(() => evaluate(policy, principal))
    return {
      allowed: verdict.allowed,
      reason: reasonOf(policy, principal, verdict, asked),
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

const evaluate = (policy: Policy, principal: Principal) =>
  principal._tag === "User" ? policy.evaluate(principal) : (policy.evaluateService?.(principal) ?? { allowed: false, isAppAdmin: false })

const askAll = (rule: Rule, principal: Principal): Effect.Effect<Asked, unknown> =>
  Effect.gen(function* () {
    const parts = yield* Effect.forEach(rule.parts ?? [], (part) => askAll(part, principal))
    const admits = yield* attempt(() => (principal._tag === "User" ? ask(rule, principal) : askService(rule, principal)))
    const negated = rule.negates !== undefined && admits === "cannot tell" ? yield* askAll(rule.negates, principal) : undefined
    const because = negated === undefined ? whyNot(rule, principal) : reasonsOf(negated)
    return { rule, admits, because: admits === true ? undefined : because, parts }
  })

const whyNot = (rule: Rule, principal: Principal): string | undefined => {
  if (principal._tag === "User") return rule.whyNot?.(principal)
  return rule.admitsService === undefined ? "it is about users, and a service asks" : undefined
}

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

const reasonOf = (policy: Policy, principal: Principal, verdict: Verdict, asked: Asked | undefined): string => {
  if (principal._tag === "User") {
    if (!principal.isAuthenticated) return "Not admitted: nobody is signed in."
    if (principal.isPlatformAdmin) return "Admitted as an administrator of the platform."
    if (verdict.isAppAdmin) return "Admitted as an administrator of this app."
  }
  if (asked === undefined)
    return verdict.allowed ? `Admitted as ${policy.describe}.` : `Not admitted: the policy admits ${policy.describe}, and no service.`
  const reasons = decisive(asked).map((each) => {
    const why = whyOf(each)
    return why === undefined ? each.rule.describe : `${each.rule.describe} (${why})`
  })
  if (verdict.allowed) return `Admitted as ${reasons.join(" and as ")}.`
  return `Not admitted: the policy admits ${policy.describe}. Not met: ${reasons.join("; ")}.`
}
