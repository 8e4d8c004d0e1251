/** A list of names, read so that every fault of it is named: by the entry's position, never by its content. */
import { type AddFault, Faults } from "../errors/ConfigurationError.ts"

/** What is wrong with an entry, after "entry 2 …"; `undefined`: nothing. */
export type CheckEntry = (entry: string) => string | undefined

/**
 * The entries as they are written: nothing is trimmed, since claims are compared with them exactly. Adds a fault for each that is wrong.
 * Only a comma list in the environment may have white space around its commas: `splitList` removes it before.
 */
export const readEntries = (given: unknown, setting: string, check: CheckEntry, fault: AddFault): ReadonlyArray<string> => {
  if (!Array.isArray(given)) {
    fault(setting, "expected a list of strings.")
    return []
  }
  return given.filter((entry: unknown, index): entry is string => {
    const problem = problemOf(entry, check)
    // The position, not the entry: an address in a log is personal data.
    if (problem !== undefined) fault(setting, `entry ${index + 1} ${problem}.`)
    return problem === undefined
  })
}

/** The entries of a rule. Throws `ConfigurationError` with every fault. */
export const entriesOf = (given: unknown, setting: string, check: CheckEntry): ReadonlyArray<string> => {
  const faults = new Faults()
  const entries = readEntries(given, setting, check, faults.add)
  faults.throwIfAny()
  return entries
}

/** What is wrong with one entry, whatever its type. */
const problemOf = (entry: unknown, check: CheckEntry): string | undefined => {
  if (typeof entry !== "string") return "is not a string"
  if (entry === "") return "is empty"
  // Trimmed silently, it would admit members of another group than the one that is written.
  if (entry !== entry.trim()) return "begins or ends with white space: remove it, since entries compare exactly"
  if (invisibleAtEnd.test(entry)) return "begins or ends with a character that cannot be seen: remove it, since entries compare exactly"
  if (controls.test(entry)) return "holds a line end or another control character: give each name an entry of its own"
  return check(entry)
}

// Soft hyphens, zero-width characters and marks of direction, which come with copied text. Others of \p{Cf} end an emoji.
const invisible = "[\\u00ad\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f]"
const invisibleAtEnd = new RegExp(`^${invisible}|${invisible}$`)

// Unicode's line and paragraph separators are line ends, too.
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/u

/** Any name: of a group, or an id that is checked further elsewhere. */
export const checkName: CheckEntry = () => undefined

export const checkEmail: CheckEntry = (email) =>
  emailAddress.test(email) ? undefined : "is not an e-mail address: expected one @ with something on either side, and no white space"

const emailAddress = /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u

export const checkDomain: CheckEntry = (domain) =>
  /^(\*?\.)?[^\s\p{Cc}@*.][^\s\p{Cc}@*]*$/u.test(domain)
    ? undefined
    : "is not a domain: expected one as example.com, or *.example.com for all below it"

/** RFC 6749 §A.1: printable ASCII. Cognito's have letters, digits and `+` alone. */
export const checkClientId: CheckEntry = (id) =>
  /^[!-~]+$/.test(id) ? undefined : "is not a client id: expected printable ASCII, without spaces"

/** RFC 6749 §3.3. */
export const checkScope: CheckEntry = (scope) =>
  /^[!#-[\]-~]+$/.test(scope)
    ? undefined
    : "is not one scope: expected printable ASCII without spaces, quotes and backslashes, as orders/read"
