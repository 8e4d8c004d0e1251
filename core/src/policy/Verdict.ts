/** What a policy says of a user: administrators pass, everybody else by the rule. */
import * as Effect from "effect/Effect"
import type { Service } from "../user/Service.ts"
import type { User } from "../user/User.ts"
import { type Admits, anyOf, ask, askService, isAnswer, type Rule } from "./Rule.ts"

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
  /** The verdict on a service. Without it, the policy admits none. */
  readonly evaluateService?: (service: Service) => Verdict | Effect.Effect<Verdict, unknown>
  /** Who may come in; `undefined`: every authenticated user. */
  readonly rule: Rule | undefined
  /** Whom the app has as administrators. They pass every rule. */
  readonly admins: Rule
}

/** The policy of a rule, if there is one, and of who administrates the app. */
export const makePolicy = (rule: Rule | undefined, admins: Rule): Policy => ({
  describe: rule?.describe ?? "any authenticated user",
  rule,
  admins,
  evaluate: (user) => {
    if (!user.isAuthenticated) return { allowed: false, isAppAdmin: false }
    const isAppAdmin = admins.admits(user) === true
    if (isAppAdmin || user.isPlatformAdmin || rule === undefined) return { allowed: true, isAppAdmin }
    return toVerdict(ask(rule, user), isAppAdmin)
  },
  // Without a rule every user may come in, and no service: one must be named, by its client or its scopes.
  evaluateService: (service) => (rule === undefined ? refused : toVerdict(askService(rule, service), false))
})

const refused: Verdict = { allowed: false, isAppAdmin: false }

/** A rule that cannot tell does not admit. */
const toVerdict = (answer: Admits, isAppAdmin: boolean): Verdict | Effect.Effect<Verdict, unknown> =>
  isAnswer(answer) ? { allowed: answer === true, isAppAdmin } : Effect.map(answer, (late) => ({ allowed: late === true, isAppAdmin }))

/** Every authenticated user may come in, and no service. */
export const anyUser: Policy = makePolicy(undefined, anyOf())

/** Nobody may come in. */
export const nobody: Policy = makePolicy(anyOf(), anyOf())
