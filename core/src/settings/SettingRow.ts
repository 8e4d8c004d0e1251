/** What is said of a setting: the type of its row. */
import type { DurationText } from "./Options.ts"

/** How a setting is read. `optionReader.ts` has one function for each kind that has a variable. */
export type Kind =
  | "string"
  | "strings"
  | "groups"
  | "origins"
  | "httpsUrl"
  | "redirectUrl"
  | "flag"
  | "file"
  | "emails"
  | "duration"
  | "count"
  | "function"
  | "object"

export interface SettingRow {
  readonly kind: Kind
  /** What it is, in the words that `--help` has too. */
  readonly meaning: string
  /** What the docs say further, as Markdown. */
  readonly more?: string
  /** The value where nothing is given. */
  readonly default?: string | number | boolean
  /** In the docs: what holds where nothing is given, before `default` if there is one too. */
  readonly unset?: string
}

/** A setting with an environment variable. */
export interface VariableRow extends SettingRow {
  readonly variable: `COGNITO_AUTH_${string}`
  /** What a value is called in `--help`: `<url>`. Flags that are given without a value have none. */
  readonly placeholder?: `<${string}>`
  /** Required, unless dev mode is on. What to give, for the fault. */
  readonly required?: string
}

/** A setting that is a duration, with its unit. */
export interface DurationRow extends SettingRow {
  readonly kind: "duration"
  readonly default: DurationText & string
  readonly max: DurationText & string
}
