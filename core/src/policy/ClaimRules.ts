/**
 * Step 4a: rules about what the claims say: groups, e-mails, domains, the pool. Every look-up is in a set: long lists cost
 * what short ones do.
 *
 * @module
 */
import { ConfigurationError, Faults } from "../errors/ConfigurationError.ts"
import { defaultIssuer, poolRegion } from "../remote/aws.ts"
import { isHttpsUrl } from "../remote/httpsUrl.ts"
import { domainOf, isInAny } from "../user/User.ts"
import { cannotTell, type Rule, type RuleAnswer } from "./Rule.ts"
import { type CheckEntry, checkDomain, checkEmail, checkName, readEntries } from "./readEntries.ts"

export interface EmailOptions {
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/**
 * Members of any of the groups. Names compare exactly. It cannot tell where the claim is not a list of strings. Throws
 * `ConfigurationError` for what is no list of names.
 */
export const groups = (groups: ReadonlyArray<string>): Rule => {
  const names = entriesOf(groups, "groups", checkName)
  const allowed = new Set(names)
  return {
    describe: names.length > 5 ? `a member of one of ${names.length} groups` : `a member of ${names.join(", ") || "no group"}`,
    admits: (user) => allowed.size > 0 && (user.hasKnownGroups ? isInAny(user.groups, allowed) : cannotTell),
    whyNot: (user) =>
      user.hasKnownGroups ? (user.groups.length === 0 ? "the user is in no group" : undefined) : "the claim is not a list of groups"
  }
}

/**
 * Users of the e-mail addresses, compared exactly but for ASCII case. It cannot tell of a user without an e-mail, with one
 * that is not verified where it must be, or with one that is not listed and that two readers may read differently (see
 * `domains`). Throws `ConfigurationError` for what is no list of addresses.
 */
export const users = (users: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const emails = entriesOf(users, "users", checkEmail)
  const allowed = new Set(emails.map(foldAscii))
  return emailRule({
    describe: `one of ${emails.length} allowed users`,
    isEmpty: allowed.size === 0,
    requireVerifiedEmail,
    // What is on the list is an address: only of the others it is to be asked whether they are one.
    answer: (email) => allowed.has(foldAscii(email)) || (plainEmail.test(email) ? false : cannotTell)
  })
}

/**
 * Users whose e-mail lies in one of the domains: `example.com` is that domain alone, `*.example.com` (or `.example.com`)
 * every domain below it. It cannot tell of a user without an e-mail, with one that is not verified where it must be, or with
 * one that two readers may read differently: a second `@`, white space, quoting, an invisible character, an empty label.
 * Throws `ConfigurationError` for what is no list of domains.
 */
export const domains = (domains: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const names = entriesOf(domains, "domains", checkDomain)
  const folded = names.map(foldAscii)
  const exact = new Set(folded.filter((name) => !/^\*?\./.test(name)))
  const below = folded.filter((name) => /^\*?\./.test(name)).map((name) => name.replace("*", ""))
  return emailRule({
    describe: `an e-mail of ${names.join(", ")}`,
    isEmpty: names.length === 0,
    requireVerifiedEmail,
    answer: (email) => {
      if (!plainEmail.test(email)) return cannotTell
      const domain = foldAscii(domainOf(email))
      // No domain of a plain e-mail begins with a dot, so none is a suffix itself.
      return exact.has(domain) || below.some((suffix) => domain.endsWith(suffix))
    }
  })
}

/**
 * Users of one pool: those whose tokens have exactly its issuer. `pool` is the id of a pool of AWS, as
 * `eu-west-2_AbC123xyz`, or the URL of an issuer as the setting `issuer` has it, for emulators and private endpoints. It cannot
 * tell of a user without an issuer. Throws `ConfigurationError` for what is neither.
 *
 * Group names are a pool's own: where several pools are trusted, a group counts for one of them only within `allOf`.
 *
 * @example
 * Policy.allOf(Policy.pool("eu-west-2_AbC123xyz"), Policy.groups(["admins"]))
 */
export const pool = (pool: string): Rule => {
  const issuer = issuerOf(pool)
  if (issuer === undefined) {
    throw ConfigurationError.of([
      {
        setting: "Policy.pool",
        problem:
          "expected a user pool's id, as eu-west-2_AbC123xyz, or the URL of an issuer: https (http is for loopback hosts alone), without a user, a query or a fragment."
      }
    ])
  }
  return {
    describe: `a user of the pool ${pool}`,
    admits: (user) => {
      const { issuer: claimed } = user
      return claimed === "" ? cannotTell : claimed === issuer
    },
    whyNot: (user) => (user.issuer === "" ? "the user has no issuer" : undefined)
  }
}

const issuerOf = (pool: unknown): string | undefined => {
  if (typeof pool !== "string") return undefined
  const region = poolRegion(pool)
  return region === undefined ? (isHttpsUrl(pool) ? pool : undefined) : defaultIssuer(region, pool)
}

const entriesOf = (given: unknown, rule: string, check: CheckEntry): ReadonlyArray<string> => {
  const faults = new Faults()
  const entries = readEntries(given, `Policy.${rule}`, check, faults.add)
  faults.throwIfAny()
  return entries
}

interface EmailRule {
  readonly describe: string
  /** Of an empty list, no e-mail has to be known. */
  readonly isEmpty: boolean
  readonly requireVerifiedEmail: boolean
  /** Of an e-mail that counts. It cannot tell only where the e-mail cannot be read as one address. */
  readonly answer: (email: string) => RuleAnswer
}

const emailRule = ({ describe, isEmpty, requireVerifiedEmail, answer }: EmailRule): Rule => ({
  describe: `${describe}${requireVerifiedEmail ? " with a verified e-mail" : ""}`,
  admits: (user) => {
    if (isEmpty) return false
    return requireVerifiedEmail && !user.emailVerified ? cannotTell : answer(user.email)
  },
  whyNot: (user) => {
    if (isEmpty) return undefined
    if (user.email === "") return "the user has no e-mail"
    if (requireVerifiedEmail && !user.emailVerified) return "the e-mail is not verified"
    return answer(user.email) === cannotTell ? "the e-mail is not one plain address" : undefined
  }
})

// One "@", and none of what lets two readers see two addresses in it: RFC 5322 §3.2.3 specials, which quote and comment; what
// cannot be seen; a dot at either end of the domain or beside another, which some take off.
const plainEmail = /^[^\s\p{Cc}\p{Cf}@"(),:;<>[\\\]]+@(?!\.)(?:\.?[^\s\p{Cc}\p{Cf}@"(),:;<>[\\\].])+$/u

/**
 * Folds A–Z alone. `toLowerCase` would also fold U+212A KELVIN SIGN to "k", and so let one address pass for another.
 */
const foldAscii = (value: string): string => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
