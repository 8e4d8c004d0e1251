/** The check for unknown names: an unknown name is a setting without effect, and a typo must not grant access. */
import { didYouMean } from "./didYouMean.ts"

export interface UnknownName {
  readonly name: string
  /** What is wrong with it, and a suggestion. */
  readonly problem: string
}

/** The names that are not known. All known names begin with the prefix. */
export const unknownNames = (
  names: ReadonlyArray<string>,
  known: ReadonlyArray<string>,
  what = "is unknown",
  prefix = ""
): ReadonlyArray<UnknownName> =>
  names.filter((name) => !known.includes(name)).map((name) => ({ name, problem: `${what}.${didYouMean(name, known, prefix)}` }))

/** The fields of a JSON document, without comments: names that begin with `_` are comments, as in the Python package. */
export const documentFields = (document: object): ReadonlyArray<readonly [name: string, value: unknown]> =>
  Object.entries(document).filter(([name]) => !name.startsWith("_") && name !== "$schema")
