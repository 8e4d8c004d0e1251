/** A list of texts in a policy, read so that every fault of it is named: by the entry's place, never by its content. */
import type { Fault } from "../ConfigurationError.ts"

/** What is wrong with an entry, after "entry 2 …"; `undefined`: nothing. */
export type CheckEntry = (entry: string) => string | undefined

/** The entries without the white space around them. Adds to the faults. */
export const readEntries = (given: unknown, setting: string, check: CheckEntry, faults: Array<Fault>): ReadonlyArray<string> => {
  if (!Array.isArray(given)) {
    faults.push({ setting, problem: "expected a list of texts." })
    return []
  }
  const entries: Array<string> = []
  given.forEach((entry: unknown, index) => {
    const trimmed = typeof entry === "string" ? entry.trim() : undefined
    const problem = trimmed === undefined ? "is not a text" : check(trimmed)
    if (trimmed !== undefined && problem === undefined) entries.push(trimmed)
    // The place, not the entry: an address in a log is personal data.
    else faults.push({ setting, problem: `entry ${index + 1} ${problem}.` })
  })
  return entries
}

export const checkGroup: CheckEntry = (group) => (group === "" ? "is empty" : undefined)

export const checkEmail: CheckEntry = (email) =>
  /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u.test(email)
    ? undefined
    : "is not an e-mail address: expected one @ with something on either side, and no white space"

export const checkDomain: CheckEntry = (domain) =>
  /^(\*?\.)?[^\s\p{Cc}@*.][^\s\p{Cc}@*]*$/u.test(domain)
    ? undefined
    : "is not a domain: expected one as example.com, or *.example.com for all below it"
