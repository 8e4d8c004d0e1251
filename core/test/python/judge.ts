/** What both packages answer, in the same words. */
import { ConfigurationError, Policy, User } from "@cognito-auth/core"
import { readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { PythonRow } from "./PythonRow.ts"

/** `fault`: the policy is refused at start-up. `exception`: Python's alone, deciding raised. */
export type Outcome = "admitted" | "refused" | "fault" | "exception"

export const pythonOutcome = ({ python }: PythonRow): Outcome =>
  python.outcome === "config-error" ? "fault" : python.outcome === "raises" ? "exception" : python.allowed === true ? "admitted" : "refused"

export const ourOutcome = (row: PythonRow, requireVerifiedEmail: boolean): Outcome => {
  const policy = policyOf(row, requireVerifiedEmail)
  if (policy === undefined) return "fault"
  // `is_gds_idea`, which passes every rule there.
  const verdict = policy.evaluate(
    User.fromClaims({ oidc: bare(row.oidc), access: bare(row.access), issuer: "", exp: 0 }, new Set(["gds-idea"]))
  )
  if (Effect.isEffect(verdict)) throw new Error("lists answer at once")
  return verdict.allowed ? "admitted" : "refused"
}

const policyOf = ({ file, lists = {} }: PythonRow, requireVerifiedEmail: boolean): Policy.Policy | undefined => {
  if (file !== undefined) {
    const document = readPolicyDocument(file, "auth-config.json", { requireVerifiedEmail })
    return Result.isSuccess(document) ? document.success.policy : undefined
  }
  const { allowed_groups, allowed_users, require_all, admin_groups, admin_users } = lists
  try {
    // Whatever was recorded: `fromLists` checks the types itself.
    return Policy.fromLists({
      allowedGroups: allowed_groups,
      allowedUsers: allowed_users,
      requireAll: require_all,
      adminGroups: admin_groups,
      adminUsers: admin_users,
      requireVerifiedEmail
    } as Parameters<typeof Policy.fromLists>[0])
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined
    throw error
  }
}

/** A copy, as verified claims are: without a prototype, and free to be frozen. */
const bare = (claims: Readonly<Record<string, unknown>>) => Object.assign(Object.create(null), structuredClone(claims))
