/** Environment variables, and how the text of one is read. */
import type { AddFault } from "../errors/ConfigurationError.ts"

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The process's own. */
// biome-ignore lint/style/noRestrictedGlobals: the only place in core that reads it.
export const processEnvironment = (): Environment => process.env

/** The entries of a comma list in the environment, without the white space around the commas. */
export const splitList = (value: string): ReadonlyArray<string> =>
  value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")

/** A yes or no in the environment: exact but for case, as what is meant otherwise, or for something else, must not open a door. */
export const readFlag = (variable: string, given: string | undefined, fault: AddFault): boolean => {
  if (given === undefined || given.trim() === "") return false
  if (given !== given.trim()) {
    fault(variable, "expected true or false, and there is white space around it: a space, a tab, or the end of a line.")
    return false
  }
  if (isYes(given)) return true
  if (!["false", "0", "no"].includes(given.toLowerCase())) fault(variable, "expected true or false.")
  return false
}

/** Whether a flag is on. */
export const isYes = (value: string): boolean => ["true", "1", "yes"].includes(value.toLowerCase())
