/** Reads environment variables. */
import type { AddFault } from "../errors/ConfigurationError.ts"

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The process's environment. */
// biome-ignore lint/style/noRestrictedGlobals: the only place in core that reads it.
export const processEnvironment = (): Environment => process.env

/** The entries of a comma-separated variable, without the white space around the commas. */
export const splitList = (value: string): ReadonlyArray<string> =>
  value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")

/** Reads a boolean variable: exactly, except for case, because an ambiguous value must not grant access. */
export const readFlag = (variable: string, given: string | undefined, fault: AddFault): boolean => {
  if (given === undefined || given.trim() === "") return false
  if (given !== given.trim()) {
    fault(variable, "expected true or false, without white space around it: a space, a tab, or a line break.")
    return false
  }
  if (isYes(given)) return true
  if (!["false", "0", "no"].includes(given.toLowerCase())) fault(variable, "expected true or false.")
  return false
}

/** Whether a flag's value means on. */
export const isYes = (value: string): boolean => ["true", "1", "yes"].includes(value.toLowerCase())
