/** Runs `cognito-auth policy check`: a document → its faults, or whom it admits; a user → the verdict and its reason. */
import { type Fault, Policy, User } from "@cognito-auth/core"
import { countInWords } from "@cognito-auth/core/count"
import { type PolicyDocument, readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ExitCode } from "../ExitCode.ts"
import { readInput } from "../inputFiles.ts"
import type { FlagValues } from "../SettingFlags.ts"
import { clean, jsonLine, type Paint, paintFor } from "../terminal.ts"

export const runPolicyCheck = async (file: string, values: FlagValues): Promise<number> => {
  const text = await readInput(file)
  const where = file === "-" ? "policy" : `file ${JSON.stringify(file)}`
  const document = readPolicyDocument(text, where, { requireVerifiedEmail: values["allowUnverifiedEmail"] !== true })
  const result = Result.isFailure(document)
    ? { valid: false as const, faults: document.failure }
    : { valid: true as const, ...(await describe(document.success, values)) }
  process.stdout.write(values["json"] === true ? jsonLine(result) : render(result, paintFor(process.stdout)))
  return result.valid && result.user?.allowed !== false ? ExitCode.ok : ExitCode.refused
}

interface Described {
  /** A description of the users whom the policy admits. */
  readonly admits: string
  readonly lists: {
    readonly allowedGroups: ReadonlyArray<string>
    readonly allowedUsers: number
    readonly requireAll: boolean
    readonly adminGroups: ReadonlyArray<string>
    readonly adminUsers: number
  }
  /** The explanation for the given user. */
  readonly user?: Policy.Explanation
}

type Checked = { readonly valid: false; readonly faults: ReadonlyArray<Fault> } | ({ readonly valid: true } & Described)

const describe = async ({ policy, lists }: PolicyDocument, values: FlagValues): Promise<Described> => {
  const { user: email, groups } = values
  const hasUser = email !== undefined || groups !== undefined
  return {
    admits: policy.describe,
    lists: {
      allowedGroups: lists.allowedGroups ?? [],
      allowedUsers: lists.allowedUsers?.length ?? 0,
      requireAll: lists.requireAll ?? false,
      adminGroups: lists.adminGroups ?? [],
      adminUsers: lists.adminUsers?.length ?? 0
    },
    ...(hasUser ? { user: await Effect.runPromise(Effect.orDie(Policy.explain(policy, userOf(values)))) } : {})
  }
}

/** The given user, with the claims that the pool would send. */
const userOf = ({ user, groups, unverifiedEmail, platformAdminGroups }: FlagValues): User => {
  const oidc = { sub: "given-user", email: user ?? "", email_verified: unverifiedEmail !== true }
  const access = { sub: "given-user", "cognito:groups": split(groups) }
  return User.fromClaims({ oidc, access, issuer: "", exp: 0 }, new Set(split(platformAdminGroups)))
}

const split = (value: FlagValues[string]): ReadonlyArray<string> =>
  String(value ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")

/** The start of a line. The reason for `?` is at its end. */
const answers: Readonly<Record<string, string>> = { true: "yes", false: "no ", "cannot tell": "?  " }

const render = (checked: Checked, paint: Paint): string => {
  if (!checked.valid) {
    return `${paint.bad("INVALID")}: the policy has ${countInWords(checked.faults.length, "fault")}.\n${checked.faults.map((fault) => `  - ${clean(fault.setting)}: ${clean(fault.problem)}\n`).join("")}`
  }
  const { admits, lists, user } = checked
  const admins = [
    ...lists.adminGroups.map((group) => `the group ${clean(group)}`),
    ...(lists.adminUsers === 0 ? [] : [countInWords(lists.adminUsers, "user")])
  ]
  const lines = [
    `${paint.good("VALID")}: the policy admits ${clean(admits)}.`,
    `  Administrators of the app, who pass every rule: ${admins.join(", ") || "none"}.`
  ]
  if (user !== undefined) {
    lines.push(
      "",
      `${user.allowed ? paint.good("ADMITTED") : paint.bad("NOT ADMITTED")}: ${clean(user.reason)}`,
      ...user.rules.map(
        ({ rule, admits, why }) => `  ${answers[String(admits)]}  ${clean(rule)}${why === undefined ? "" : ` (${clean(why)})`}`
      )
    )
  }
  return `${lines.join("\n")}\n`
}
