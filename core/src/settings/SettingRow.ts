/** The type of a setting's row. */
import type { DurationText } from "./Options.ts"

/** How a setting is read. `optionReader.ts` has one function for each kind with a variable. */
export type Kind =
  | "string"
  | "strings"
  | "provider"
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
  /** What it is. Also the text in `--help`. */
  readonly meaning: string
  /** Additional text for the docs, as Markdown. */
  readonly more?: string
  /** The default value. */
  readonly default?: string | number | boolean
  /** The text for the default in the docs; it precedes `default` if there are both. */
  readonly unset?: string
}

/** A setting with an environment variable. */
export interface VariableRow extends SettingRow {
  readonly variable: `COGNITO_AUTH_${string}`
  /** The placeholder of the value in `--help`: `<url>`. Flags without a value have none. */
  readonly placeholder?: `<${string}>`
  /** Set if the setting is required, unless dev mode is on: what to give, for the fault. */
  readonly required?: string
}

/** A setting that is a duration with a unit. */
export interface DurationRow extends SettingRow {
  readonly kind: "duration"
  readonly default: DurationText & string
  readonly max: DurationText & string
}
