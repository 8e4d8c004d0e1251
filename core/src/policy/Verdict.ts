/** The decision of a policy: administrators pass, all other users are subject to the rule. */
import * as Effect from "effect/Effect"
import type { Service } from "../user/Service.ts"
import type { User } from "../user/User.ts"
import { type Admits, anyOf, ask, askService, isAnswer, type Rule } from "./Rule.ts"

/** The policy's decision for one user. */
export interface Verdict {
  readonly allowed: boolean
  /** Listed in `adminGroups` or `adminUsers`. */
  readonly isAppAdmin: boolean
}

/** A compiled policy. */
export interface Policy {
  /** A description of the users whom it admits. */
  readonly describe: string
  /** The verdict, or an Effect if a rule does I/O. */
  readonly evaluate: (user: User) => Verdict | Effect.Effect<Verdict, unknown>
  /** The verdict on a service. Without it, the policy admits none. */
  readonly evaluateService?: (service: Service) => Verdict | Effect.Effect<Verdict, unknown>
  /** The rule for access; `undefined`: every authenticated user is admitted, and no service. */
  readonly rule: Rule | undefined
  /** The rule for the app's administrators. They pass every rule. */
  readonly admins: Rule
}

/** The policy with a rule for access and one for administrators. */
export const makePolicy = (rule: Rule | undefined, admins: Rule): Policy => ({
  describe: rule?.describe ?? "any authenticated user",
  rule,
  admins,
  evaluate: (user) => {
    if (!user.isAuthenticated) return refused
    const isAppAdmin = admins.admits(user) === true
    if (isAppAdmin || user.isPlatformAdmin || rule === undefined) return { allowed: true, isAppAdmin }
    return toVerdict(ask(rule, user), isAppAdmin)
  },
  // Without a rule every user may come in, and no service: one must be named, by its client or its scopes.
  evaluateService: (service) => (rule === undefined ? refused : toVerdict(askService(rule, service), false))
})

/** Not admitted. It is shared, so nobody may change it. */
export const refused: Verdict = Object.freeze({ allowed: false, isAppAdmin: false })

/** A rule that cannot tell does not admit. */
const toVerdict = (answer: Admits, isAppAdmin: boolean): Verdict | Effect.Effect<Verdict, unknown> =>
  isAnswer(answer) ? { allowed: answer === true, isAppAdmin } : Effect.map(answer, (late) => ({ allowed: late === true, isAppAdmin }))

/** Admits every authenticated user, and no service. */
export const anyUser: Policy = makePolicy(undefined, anyOf())

/** Admits nobody. */
export const nobody: Policy = makePolicy(anyOf(), anyOf())
