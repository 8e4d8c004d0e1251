/** What a policy or a rule says of a user, where it says so at once. */
import type { User } from "@cognito-auth/core"
import type { Policy, Verdict } from "@cognito-auth/core/Policy"
import type { Rule, RuleAnswer } from "@cognito-auth/core/Rule"
import * as Effect from "effect/Effect"

export const verdictOf = (policy: Policy | undefined, user: User): Verdict => {
  const verdict = policy?.evaluate(user)
  if (verdict === undefined || Effect.isEffect(verdict)) throw new Error("expected a verdict at once")
  return verdict
}

/** Whether the rule admits; `false` also where it cannot tell. */
export const admits = (rule: Rule, user: User): boolean => answerOf(rule, user) === true

export const answerOf = (rule: Rule, user: User): RuleAnswer => {
  const answer = rule.admits(user)
  if (Effect.isEffect(answer)) throw new Error("expected an answer at once")
  return answer
}
