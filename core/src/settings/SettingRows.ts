/**
 * Every setting, one row each: its option and variable, how it is read, its default, and what it means. Those with a variable are in
 * `EnvironmentVariables.ts`, those that code alone gives are here. From the rows come the reader (`optionReader.ts`), the
 * flags of the command line, and the tables in `docs/configuration.md`.
 *
 * The rows import types alone: the command line prints its help from them, without loading core.
 *
 * @module
 */
import type { OptionWithVariable } from "./EnvironmentVariables.ts"
import type { KeyOptions, Options, TokenCacheOptions } from "./Options.ts"
import type { DurationRow, SettingRow } from "./SettingRow.ts"

export { policyRows, policyVariables, variableRows } from "./EnvironmentVariables.ts"
export type { DurationRow, Kind, SettingRow, VariableRow } from "./SettingRow.ts"

type OptionInCode =
  | Exclude<keyof Options, OptionWithVariable | "keys">
  | `keys.${keyof KeyOptions}`
  | `tokenCache.${keyof TokenCacheOptions}`
  | "onRefusal"

/** Settings that code alone gives. */
export const codeRows = {
  policy: {
    kind: "object",
    meaning: "the policy, a rule, or a source of policies",
    more: "it wins over the variables that give one",
    unset: "of the variables"
  },
  refusalPage: {
    kind: "function",
    meaning: "writes the HTML that a refused page load gets",
    more: "[More](#what-a-refused-page-load-gets)",
    unset: "the built-in page"
  },
  preset: {
    kind: "object",
    meaning: "an organisation's values for `redirectUrl` and `platformAdminGroups`, as `gdsIdea`",
    more: "[More](#presets)"
  },
  requireVerifiedEmail: {
    kind: "flag",
    meaning: "whether an e-mail admits only once it is verified, for policies from the environment",
    default: true
  },
  clockTolerance: {
    kind: "duration",
    meaning: "how far this machine's clock may be off",
    default: "5 seconds",
    max: "5 minutes"
  },
  "keys.alb": {
    kind: "object",
    meaning: "the load balancers' keys, PEM by kid",
    more: "for cold starts and networks without a way out"
  },
  "keys.jwks": { kind: "object", meaning: "the pool's JWK Set", more: "likewise" },
  "keys.preload": { kind: "flag", meaning: "whether the pools' keys are fetched at start-up", default: true },
  "keys.maxAge": {
    kind: "duration",
    meaning: "for how long a key is used before it must be seen again at its endpoint",
    default: "1 hour",
    max: "1 day"
  },
  "keys.staleIfError": {
    kind: "duration",
    meaning: "for how long past that while the endpoint cannot be reached or answers 5xx, and after no other answer",
    more: "[decision 10](decisions/0010-answers-of-key-endpoints.md)",
    default: "12 hours",
    max: "7 days"
  },
  "keys.timeout": { kind: "duration", meaning: "the time limit of one fetch", default: "3 seconds", max: "30 seconds" },
  tokenCache: { kind: "object", meaning: "bounds of the cache of verified tokens", more: "`false`: no cache", unset: "the two below" },
  "tokenCache.maxBytes": { kind: "count", meaning: "bytes of all cached tokens and claims, as estimated", default: 67_108_864 },
  "tokenCache.maxEntries": { kind: "count", meaning: "cached sessions", default: 20_000 },
  keySource: { kind: "object", meaning: "another source of keys", unset: "the two endpoints" },
  onRefusal: { kind: "function", meaning: "told of every refusal", unset: "the log" },
  environment: { kind: "object", meaning: "where variables are read from", unset: "`process.env`" }
} as const satisfies Readonly<Record<OptionInCode, SettingRow | DurationRow>>
