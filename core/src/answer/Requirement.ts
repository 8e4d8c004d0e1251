/**
 * What a route requires of a user in addition to the policy. Administrators meet every requirement.
 *
 * @module
 */
import type * as Result from "effect/Result"
import { type Fault, Faults } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { readLists } from "../policy/Policy.ts"
import type { User } from "../user/User.ts"

/** The user must meet at least one of the given options. */
export interface RequireOptions {
  /** One or more Cognito groups. The user must be in one of them. */
  readonly groups?: string | ReadonlyArray<string> | undefined
  /** One or more e-mail addresses. */
  readonly users?: string | ReadonlyArray<string> | undefined
  /** Only administrators, of the platform or of this app. */
  readonly admin?: boolean | undefined
}

export interface Requirement {
  readonly describe: string
  readonly isMetBy: (user: User) => boolean
}

/** Validates a requirement. An empty one is a fault. */
export const readRequirement = (options: RequireOptions | undefined): Result.Result<Requirement, ReadonlyArray<Fault>> => {
  const { groups, users, admin } = options ?? {}
  const faults = new Faults()
  for (const { name, problem } of unknownNames(Object.keys(options ?? {}), ["groups", "users", "admin"]))
    faults.add(`require.${name}`, problem)
  if (admin !== undefined && admin !== true) faults.add("require.admin", "expected true.")
  const allowedGroups = typeof groups === "string" ? [groups] : groups
  const allowedUsers = typeof users === "string" ? [users] : users
  const policy = faults.take(
    readLists({ allowedGroups, allowedUsers }, (list) => (list === "allowedUsers" ? "require.users" : "require.groups"))
  )
  if (groups === undefined && users === undefined && admin === undefined) {
    faults.add("require", "requires nothing. Give groups, users, or admin: true.")
  }
  const rule = policy?.rule
  return faults.resultOf({
    describe: rule?.describe ?? "an administrator",
    isMetBy: (user) => user.isAdmin || rule?.admits(user) === true
  })
}
