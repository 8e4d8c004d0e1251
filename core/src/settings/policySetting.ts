/** Reads the policy: the first of option, file, secret and lists that is given. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AddFault } from "../errors/ConfigurationError.ts"
import { anyUser, make, nobody, type Policy, readLists } from "../policy/Policy.ts"
import { PolicySource } from "../policy/PolicySource.ts"
import { openPolicyFile } from "../policy/PolicySourceFile.ts"
import { openPolicySecret } from "../policy/PolicySourceSecret.ts"
import type { Rule } from "../policy/Rule.ts"
import type { Options } from "./Options.ts"
import { type Environment, readFlag, splitList } from "./processEnvironment.ts"
import { codeRows, policyRows } from "./SettingRows.ts"

type Source = PolicySource["Service"]

/** Whether the policy is that of the lists in variables: nothing before them is given. */
export const readsPolicyLists = ({ policy }: Options, environment: Environment): boolean =>
  policy === undefined && [policyRows.file, policyRows.secret].every(({ variable }) => !environment[variable]?.trim())

export const readPolicySetting = (options: Options, environment: Environment, region: string, fault: AddFault): Source => {
  const requireVerifiedEmail = options.requireVerifiedEmail ?? codeRows.requireVerifiedEmail.default
  if (typeof requireVerifiedEmail !== "boolean") fault("requireVerifiedEmail", "expected true or false.")
  if (options.policy !== undefined) return fromCode(options.policy, fault)

  const path = environment[policyRows.file.variable]?.trim()
  const secret = environment[policyRows.secret.variable]?.trim()
  const source = path
    ? openPolicyFile(policyRows.file.variable, path, { requireVerifiedEmail })
    : secret
      ? openPolicySecret(policyRows.secret.variable, secret, { requireVerifiedEmail, region })
      : fromVariables(environment, requireVerifiedEmail, fault)
  if (Result.isSuccess(source)) return source.success
  for (const { setting, problem } of source.failure) fault(setting, problem)
  return none
}

/** A placeholder while faults are collected. It is never used: a configuration with a fault does not start. */
const none: Source = PolicySource.memory(nobody)

const fromCode = (policy: Policy | Rule | Source, fault: AddFault): Source => {
  if (typeof policy === "object" && policy !== null) {
    if ("peek" in policy && typeof policy.peek === "function" && Effect.isEffect(policy.current)) return policy
    if ("evaluate" in policy && typeof policy.evaluate === "function") return PolicySource.memory(policy)
    if ("admits" in policy && typeof policy.admits === "function" && typeof policy.describe === "string")
      return PolicySource.memory(make(policy))
  }
  fault("policy", 'is not a policy. Use Policy.fromLists({ allowedGroups: ["staff"] }), or Policy.anyUser for every authenticated user.')
  return none
}

const fromVariables = (environment: Environment, requireVerifiedEmail: boolean, fault: AddFault) => {
  const list = (variable: string) => {
    const entries = splitList(environment[variable] ?? "")
    return entries.length === 0 ? undefined : entries
  }
  const allowedGroups = list(policyRows.groups.variable)
  const allowedUsers = list(policyRows.users.variable)
  const allowAny = readFlag(policyRows.anyUser.variable, environment[policyRows.anyUser.variable], fault)
  const hasLists = allowedGroups !== undefined || allowedUsers !== undefined
  if (allowAny && hasLists) {
    fault(
      policyRows.anyUser.variable,
      `contradicts ${policyRows.groups.variable} and ${policyRows.users.variable}: unset either the first or the other two.`
    )
  }
  if (!allowAny && !hasLists) {
    const { anyUser, ...others } = policyRows
    const names = Object.values(others).map(({ variable }) => variable)
    fault(
      "policy",
      `is missing, so no user could be admitted. Give the option policy, or one of ${names.join(", ")}; or ${anyUser.variable}=true to admit every authenticated user.`
    )
  }
  if (allowAny) return Result.succeed(PolicySource.memory(anyUser))
  const policy = readLists({ allowedGroups, allowedUsers, requireVerifiedEmail }, (list) =>
    list === "allowedUsers" ? policyRows.users.variable : policyRows.groups.variable
  )
  return Result.map(policy, PolicySource.memory)
}
