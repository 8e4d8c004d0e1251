/**
 * What one route asks of a user beyond the policy. Administrators meet every requirement.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { Fault } from "../errors/ConfigurationError.ts"
import { readLists } from "../policy/Policy.ts"
import type { User } from "../user/User.ts"

/** Any one that is given suffices. */
export interface RequireOptions {
  /** A Cognito group, or several of which one suffices. */
  readonly groups?: string | ReadonlyArray<string> | undefined
  /** An e-mail address, or several. */
  readonly users?: string | ReadonlyArray<string> | undefined
  /** Administrators alone: of the platform, or of this app. */
  readonly admin?: boolean | undefined
}

export interface Requirement {
  readonly describe: string
  readonly isMetBy: (user: User) => boolean
}

/** Validates what a route requires. A requirement that requires nothing is a fault. */
export const readRequirement = (options: RequireOptions | undefined): Result.Result<Requirement, ReadonlyArray<Fault>> => {
  const { groups, users, admin } = options ?? {}
  const faults: Array<Fault> = []
  for (const name of Object.keys(options ?? {})) {
    if (!["groups", "users", "admin"].includes(name))
      faults.push({ setting: `require.${name}`, problem: "is unknown. Known are groups, users and admin." })
  }
  if (admin !== undefined && admin !== true) faults.push({ setting: "require.admin", problem: "expected true." })
  const allowedGroups = typeof groups === "string" ? [groups] : groups
  const allowedUsers = typeof users === "string" ? [users] : users
  const policy = readLists({ allowedGroups, allowedUsers }, (list) => (list === "allowedUsers" ? "require.users" : "require.groups"))
  if (Result.isFailure(policy)) faults.push(...policy.failure)
  if (groups === undefined && users === undefined && admin === undefined) {
    faults.push({ setting: "require", problem: "requires nothing. Give groups, users, or admin: true." })
  }
  if (faults.length > 0 || Result.isFailure(policy)) return Result.fail(faults)
  const { rule } = policy.success
  return Result.succeed({
    describe: rule?.describe ?? "an administrator",
    isMetBy: (user) => user.isAdmin || rule?.admits(user) === true
  })
}
