/** Allow-lists of e-mails, domains and groups against what a token claims. */
import { ConfigurationError, Policy, User } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import { accept, type Judge, reject, type Verdict } from "./Row.ts"

const userOf = (oidc: object, access: object): User =>
  User.fromClaims(
    { oidc: { sub: "sub", email_verified: "true", ...oidc }, access: { sub: "sub", ...access }, issuer: "", exp: 0 },
    new Set()
  )

const evaluate = (make: () => Policy.Policy, user: User): Verdict => {
  let policy: Policy.Policy
  try {
    policy = make()
  } catch (error) {
    // Nobody is admitted by a list that the app does not start with.
    if (error instanceof ConfigurationError) return reject("the list is refused at start-up")
    throw error
  }
  const verdict = policy.evaluate(user)
  if (Effect.isEffect(verdict)) throw new Error("lists answer at once")
  return verdict.allowed ? accept(`admits ${policy.describe}`) : reject(`admits ${policy.describe}`)
}

export const judgeEmail: Judge = (input) => {
  const { allow_emails, allow_domains, email_claim } = input as {
    readonly allow_emails: ReadonlyArray<string>
    readonly allow_domains?: ReadonlyArray<string>
    readonly email_claim: unknown
  }
  const user = userOf({ email: email_claim }, {})
  const byEmail = evaluate(() => Policy.fromLists({ allowedUsers: allow_emails }), user)
  if (byEmail.outcome === "accept" || allow_domains === undefined) return byEmail
  return evaluate(() => Policy.make(Policy.domains(allow_domains)), user)
}

export const judgeGroup: Judge = (input) => {
  const { allow_groups, groups_claim } = input as { readonly allow_groups: ReadonlyArray<string>; readonly groups_claim: unknown }
  const access = groups_claim === "$missing" ? {} : { "cognito:groups": groups_claim }
  return evaluate(() => Policy.fromLists({ allowedGroups: allow_groups }), userOf({}, access))
}
