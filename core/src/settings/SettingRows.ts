/**
 * Every setting, one row each: its option and variable, how it is read, its default, and its meaning. Settings with a variable are
 * in `EnvironmentVariables.ts`, those of `keys` in `KeySettingRows.ts`, the others here. The reader (`optionReader.ts`), the flags of
 * the command line and the tables in `docs/configuration.md` are generated from the rows.
 *
 * The rows import only types, so that the command line can print its help without loading core.
 *
 * @module
 */
import type { OptionWithVariable } from "./EnvironmentVariables.ts"
import { keyRows } from "./KeySettingRows.ts"
import type { KeyOptions, Options, TokenCacheOptions } from "./Options.ts"
import type { DurationRow, SettingRow } from "./SettingRow.ts"

export { policyRows, policyVariables, variableRows } from "./EnvironmentVariables.ts"
export type { DurationRow, Kind, SettingRow, VariableRow } from "./SettingRow.ts"

type OptionInCode =
  | Exclude<keyof Options, OptionWithVariable | "keys">
  | `keys.${keyof KeyOptions}`
  | `tokenCache.${keyof TokenCacheOptions}`

/** Settings with an option only. */
export const codeRows = {
  policy: {
    kind: "object",
    meaning: "the policy, a rule, or a source of policies",
    more: "it wins over the variables for the policy",
    unset: "from the variables"
  },
  refusalPage: {
    kind: "function",
    meaning: "returns the HTML for a refused page load",
    more: "[More](#what-a-refused-page-load-gets)",
    unset: "the built-in page"
  },
  preset: {
    kind: "object",
    meaning: "an organisation's values for `redirectUrl` and `platformAdminGroups`, such as `gdsIdea`",
    more: "[More](#presets)"
  },
  requireVerifiedEmail: {
    kind: "flag",
    meaning: "whether an e-mail must be verified to admit a user, for policies from the environment",
    default: true
  },
  clockTolerance: {
    kind: "duration",
    meaning: "accepted clock difference between this machine and the signers",
    default: "5 seconds",
    max: "5 minutes"
  },
  ...keyRows,
  tokenCache: { kind: "object", meaning: "limits of the cache of verified tokens", more: "`false`: no cache", unset: "the two below" },
  "tokenCache.maxBytes": { kind: "count", meaning: "estimated size in bytes of all cached tokens and claims", default: 67_108_864 },
  "tokenCache.maxEntries": { kind: "count", meaning: "number of cached sessions", default: 20_000 },
  keySource: { kind: "object", meaning: "a custom source of keys", unset: "the two endpoints" },
  observe: { kind: "function", meaning: "called with every event: decisions, key fetches, policy loads", more: "[More](#events-and-logs)" },
  logger: {
    kind: "object",
    meaning: "an object that log lines go to, such as `console`; `false`: nothing is logged",
    more: "[More](#events-and-logs)",
    unset: "the process's output"
  },
  auditLog: { kind: "object", meaning: "a record of refusals and admissions: `auditLog({ write })`", more: "[More](#the-audit-log)" },
  environment: { kind: "object", meaning: "where variables are read from", unset: "`process.env`" }
} as const satisfies Readonly<Record<OptionInCode, SettingRow | DurationRow>>
