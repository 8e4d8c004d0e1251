/**
 * Step 4a: rules about claims: groups, e-mails, domains, the pool. Lists are stored as sets, so a long list costs no more per
 * request than a short one.
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
  /** Whether an e-mail must be verified by the pool to admit a user. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/**
 * Members of any of the groups. Names are compared exactly. The answer is "cannot tell" if the claim is not a list of strings.
 * Throws `ConfigurationError` if `groups` is not a list of names.
 */
export const groups = (groups: ReadonlyArray<string>): Rule => {
  const names = entriesOf(groups, "groups", checkName)
  const allowed = new Set(names)
  return {
    describe: names.length > 5 ? `a member of one of ${names.length} groups` : `a member of ${names.join(", ") || "no group"}`,
    admits: (user) => allowed.size > 0 && (user.hasKnownGroups ? isInAny(user.groups, allowed) : cannotTell),
    whyNot: (user) =>
      user.hasKnownGroups
        ? user.groups.length === 0
          ? "the user is in no group"
          : undefined
        : "the claim is absent or not a list of groups"
  }
}

/**
 * Users with one of the e-mail addresses, compared exactly except for ASCII case. The answer is "cannot tell" if the user has no
 * e-mail, if it must be verified and is not, or if it is not listed and is ambiguous (see `domains`). Throws
 * `ConfigurationError` if `users` is not a list of addresses.
 */
export const users = (users: ReadonlyArray<string>, { requireVerifiedEmail = true }: EmailOptions = {}): Rule => {
  const emails = entriesOf(users, "users", checkEmail)
  const allowed = new Set(emails.map(foldAscii))
  return emailRule({
    describe: `one of ${emails.length} allowed users`,
    isEmpty: allowed.size === 0,
    requireVerifiedEmail,
    // Listed addresses are valid. Only an address that is not listed may be ambiguous.
    answer: (email) => allowed.has(foldAscii(email)) || (plainEmail.test(email) ? false : cannotTell)
  })
}

/**
 * Users whose e-mail is in one of the domains: `example.com` is only that domain, `*.example.com` (or `.example.com`) is every
 * subdomain of it. The answer is "cannot tell" if the user has no e-mail, if it must be verified and is not, or if it is
 * ambiguous: a second `@`, white space, quoting, an invisible character, an empty label. Throws `ConfigurationError` if
 * `domains` is not a list of domains.
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
 * Users of one pool: their tokens have exactly its issuer. `pool` is the id of an AWS user pool, such as `eu-west-2_AbC123xyz`,
 * or an issuer URL, as in the setting `issuer`, for emulators and private endpoints. The answer is "cannot tell" if the user has
 * no issuer. Throws `ConfigurationError` if `pool` is neither.
 *
 * Different pools may use the same group name. With several trusted pools, combine `pool` and `groups` with `allOf`.
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
          "expected a user pool's id, such as eu-west-2_AbC123xyz, or the URL of an issuer: https (http is allowed for loopback hosts only), without a user, a query or a fragment."
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
  /** Whether the list is empty: then no e-mail can match. */
  readonly isEmpty: boolean
  readonly requireVerifiedEmail: boolean
  /** The answer for an e-mail that may be used. It is "cannot tell" only if the e-mail is ambiguous. */
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

// One "@", and nothing that makes parsers disagree about the address: RFC 5322 §3.2.3 specials, which quote and comment;
// invisible characters; a dot at either end of the domain or next to another dot, which some parsers remove.
const plainEmail = /^[^\s\p{Cc}\p{Cf}@"(),:;<>[\\\]]+@(?!\.)(?:\.?[^\s\p{Cc}\p{Cf}@"(),:;<>[\\\].])+$/u

/**
 * Folds only A–Z. `toLowerCase` would also fold U+212A KELVIN SIGN to "k", so that one address would match another.
 */
const foldAscii = (value: string): string => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
