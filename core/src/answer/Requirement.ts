/**
 * What a route requires of a user or a service in addition to the policy. Administrators meet every requirement.
 *
 * @module
 */
import type * as Result from "effect/Result"
import { type Fault, Faults } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { readLists } from "../policy/Policy.ts"
import { checkScope, readEntries } from "../policy/readEntries.ts"
import type { Principal } from "../user/Service.ts"

/** The user must meet at least one of the given options. */
export interface RequireOptions {
  /** One or more Cognito groups. The user must be in one of them. */
  readonly groups?: string | ReadonlyArray<string> | undefined
  /** One or more e-mail addresses. */
  readonly users?: string | ReadonlyArray<string> | undefined
  /** Only administrators, of the platform or of this app. */
  readonly admin?: boolean | undefined
  /** A scope that a service's token must have, as `orders/read`, or several of which it must have every one. No user meets it, but for administrators. */
  readonly scopes?: string | ReadonlyArray<string> | undefined
}

export interface Requirement {
  readonly describe: string
  readonly isMetBy: (principal: Principal) => boolean
  /** The scopes of which a service must have every one; none: no service meets the requirement. */
  readonly scopes: ReadonlyArray<string>
}

const names: ReadonlyArray<keyof RequireOptions> = ["groups", "users", "admin", "scopes"]

/** Validates a requirement. An empty one is a fault. */
export const readRequirement = (options: RequireOptions | undefined): Result.Result<Requirement, ReadonlyArray<Fault>> => {
  const { groups, users, admin, scopes } = options ?? {}
  const faults = new Faults()
  for (const { name, problem } of unknownNames(Object.keys(options ?? {}), names)) faults.add(`require.${name}`, problem)
  if (admin !== undefined && admin !== true) faults.add("require.admin", "expected true.")
  const policy = faults.take(
    readLists({ allowedGroups: listOf(groups), allowedUsers: listOf(users) }, (list) =>
      list === "allowedUsers" ? "require.users" : "require.groups"
    )
  )
  const wanted = scopes === undefined ? [] : readEntries(listOf(scopes), "require.scopes", checkScope, faults.add)
  if (scopes !== undefined && wanted.length === 0 && faults.isEmpty) faults.add("require.scopes", "names no scope.")
  if ([groups, users, admin, scopes].every((given) => given === undefined)) {
    faults.add("require", "requires nothing. Give groups, users, scopes, or admin: true.")
  }
  const rule = policy?.rule
  const forServices =
    wanted.length === 0 ? [] : [`a service with ${wanted.length === 1 ? "the scope" : "every scope of"} ${wanted.join(", ")}`]
  const described = [...(rule === undefined ? [] : [rule.describe]), ...forServices].join(" or ")
  return faults.resultOf({
    describe: described === "" ? "an administrator" : described,
    isMetBy: (principal) =>
      principal._tag === "User"
        ? principal.isAdmin || rule?.admits(principal) === true
        : wanted.length > 0 && wanted.every((scope) => principal.hasScope(scope)),
    scopes: wanted
  })
}

const listOf = (given: string | ReadonlyArray<string> | undefined): ReadonlyArray<string> | undefined =>
  typeof given === "string" ? [given] : given
