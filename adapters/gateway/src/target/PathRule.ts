/**
 * What some paths of the app require of a user, beyond the policy: `/admin=group:admins`.
 *
 * @module
 */
import type { RequireOptions } from "@cognito-auth/core"
import { isPlainPath } from "@cognito-auth/core/Bypass"
import type { AddFault } from "@cognito-auth/core/ConfigurationError"
import { type Reading, simplify } from "./readings.ts"
import { isReadAsUnder } from "./Target.ts"

/** A path of the upstream, with all paths below it, and what it requires. */
export interface PathRule {
  readonly path: string
  readonly require: RequireOptions
}

/**
 * Reads `/admin=group:admins,user:a@example.com`: any one suffices; `admin` is an administrator. For a name with a comma or an equals
 * sign, give an object instead.
 */
export const readPathRule = (rule: string | PathRule, fault: AddFault): PathRule | undefined => {
  const wrong = (problem: string) => fault("pathRules", `${JSON.stringify(rule)} ${problem}`)
  const example = 'Expected a path and what it requires, as "/admin=group:admins".'
  if (typeof rule !== "string") return isPlainPath(rule?.path) ? rule : wrong(`has no plain path. ${example}`)
  const equals = rule.indexOf("=")
  const path = rule.slice(0, equals)
  if (equals === -1 || !isPlainPath(path)) return wrong(`is no rule. ${example}`)
  const groups: Array<string> = []
  const users: Array<string> = []
  let admin: true | undefined
  for (const each of rule.slice(equals + 1).split(",")) {
    const [, kind, name = ""] = /^(group|user):(.+)$/.exec(each.trim()) ?? []
    if (kind === "group") groups.push(name)
    else if (kind === "user") users.push(name)
    else if (each.trim() === "admin") admin = true
    else return wrong(`requires ${JSON.stringify(each)}, which is neither group:…, nor user:…, nor admin. ${example}`)
  }
  return {
    path,
    require: { ...(groups.length > 0 ? { groups } : {}), ...(users.length > 0 ? { users } : {}), ...(admin ? { admin } : {}) }
  }
}

/** Whether the rule applies to a request, in any reading of its path: in doubt, it applies. */
export const matcherOf = ({ path }: PathRule): ((readings: ReadonlyArray<Reading>) => boolean) => {
  const wanted = simplify(path)
  return (readings) => isReadAsUnder(readings, wanted)
}
