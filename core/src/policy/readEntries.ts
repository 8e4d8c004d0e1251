/** Reads a list of names. A fault gives the entry's position, never its content. */
import type { AddFault } from "../errors/ConfigurationError.ts"

/** The fault of an entry, as the text after "entry 2". `undefined`: no fault. */
export type CheckEntry = (entry: string) => string | undefined

/**
 * The valid entries, not trimmed, because claims are compared with them exactly. Adds a fault for each invalid entry. Only a
 * comma-separated variable may have white space around its commas: `splitList` removes it before.
 */
export const readEntries = (given: unknown, setting: string, check: CheckEntry, fault: AddFault): ReadonlyArray<string> => {
  if (!Array.isArray(given)) {
    fault(setting, "expected a list of strings.")
    return []
  }
  return given.filter((entry: unknown, index): entry is string => {
    const problem = problemOf(entry, check)
    // The position, not the entry: an e-mail address in a log is personal data.
    if (problem !== undefined) fault(setting, `entry ${index + 1} ${problem}.`)
    return problem === undefined
  })
}

/** The fault of one entry of any type. */
const problemOf = (entry: unknown, check: CheckEntry): string | undefined => {
  if (typeof entry !== "string") return "is not a string"
  if (entry === "") return "is empty"
  // If it were trimmed silently, it would match another name than the written one.
  if (entry !== entry.trim()) return "begins or ends with white space: remove it, because entries are compared exactly"
  if (invisibleAtEnd.test(entry)) return "begins or ends with an invisible character: remove it, because entries are compared exactly"
  if (controls.test(entry)) return "contains a line break or another control character: write each name as a separate entry"
  return check(entry)
}

// Soft hyphens, zero-width characters and direction marks, which copied text may contain. Other characters of \p{Cf} end an emoji.
const invisible = "[\\u00ad\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f]"
const invisibleAtEnd = new RegExp(`^${invisible}|${invisible}$`)

// Unicode's line and paragraph separators are line breaks, too.
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/u

/** Accepts any name: of a group, or an id that is checked elsewhere. */
export const checkName: CheckEntry = () => undefined

export const checkEmail: CheckEntry = (email) =>
  emailAddress.test(email) ? undefined : "is not an e-mail address: expected one @ with text on both sides, and no white space"

const emailAddress = /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u

export const checkDomain: CheckEntry = (domain) =>
  /^(\*?\.)?[^\s\p{Cc}@*.][^\s\p{Cc}@*]*$/u.test(domain)
    ? undefined
    : "is not a domain: expected a domain such as example.com, or *.example.com for its subdomains"
