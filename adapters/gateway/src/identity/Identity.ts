/**
 * Who the user is, in the upstream's terms: header lines that nobody else can have written.
 *
 * @module
 */
import type { User } from "@cognito-auth/core"
import { type Assertions, reuseMillis } from "./Assertion.ts"

/** Holds the signed assertion. */
export const assertionHeader = "x-cognito-auth-assertion"

/** The headers that were verified, and that go on as the load balancer sent them. */
const verifiedHeaders: ReadonlySet<string> = new Set(["x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity"])

/** What is known of the request's sender. `user` is absent on a path that needs none; a mock user came without headers. */
export interface Sender {
  readonly user: User | undefined
  readonly isMock: boolean
}

/**
 * The name that an upstream may take a header for: CGI, and so WSGI, makes `_` of every `-`, and some servers of every
 * character that is no letter.
 */
export const readAs = (lowerName: string): string => (/[^a-z0-9-]/.test(lowerName) ? lowerName.replace(/[^a-z0-9]/g, "-") : lowerName)

/**
 * Whether a line of the client's claims an identity, in any case and spelling: all of them are taken out, but for the three
 * that were verified, where they stand under their own names.
 */
export const claimsIdentity = (lowerName: string, { user, isMock }: Sender): boolean => {
  if (!lowerName.startsWith("x")) return false
  if (user !== undefined && !isMock && verifiedHeaders.has(lowerName)) return false
  return /^x-(?:amzn-oidc|cognito-auth|forwarded-(?:user|email|groups|preferred-username|access-token)$)/.test(readAs(lowerName))
}

/** The lines that say who the user is, made once for as long as the user's assertion may be sent. `now`: milliseconds since 1970. */
export const makeIdentityLines = (assertions: Assertions, origin: string, now: () => number): ((user: User) => ReadonlyArray<string>) => {
  // A user is the same object for as long as its tokens are remembered.
  const known = new WeakMap<User, { readonly lines: ReadonlyArray<string>; readonly renewsAt: number }>()
  return (user) => {
    const nowMillis = now()
    const found = known.get(user)
    // Of a clock that was set back nobody knows how old the assertion is.
    if (found !== undefined && nowMillis < found.renewsAt && nowMillis >= found.renewsAt - reuseMillis) return found.lines
    const { jwt, renewsAt } = assertions.of(user, origin)
    const lines = identityLines(user, jwt)
    known.set(user, { lines, renewsAt })
    return lines
  }
}

/** What a pool leaves out has no line. Lower case is what undici would make of the names, each time. */
const identityLines = (user: User, jwt: string): ReadonlyArray<string> => {
  const lines = ["x-forwarded-user", toFieldValue(user.sub)]
  if (user.email !== "") lines.push("x-forwarded-email", toFieldValue(user.email))
  if (user.groups.length > 0) lines.push("x-forwarded-groups", user.groups.map(toFieldValue).join(","))
  if (user.username !== "") lines.push("x-forwarded-preferred-username", toFieldValue(user.username))
  lines.push(assertionHeader, jwt)
  return lines
}

/**
 * A field value is ASCII, and a list's commas are its own (RFC 9110 §5.5): anything else, and `%`, is percent-encoded as
 * UTF-8. So a group named `a,b` is not two groups.
 */
const toFieldValue = (text: string): string =>
  /^[!-$&-+\--~]*$/.test(text) ? text : text.replace(/\p{Surrogate}/gu, "\uFFFD").replace(/[^!-$&-+\--~]/gu, encodeURIComponentOrComma)
const encodeURIComponentOrComma = (character: string): string => (character === "," ? "%2C" : encodeURIComponent(character))
