/**
 * Who the user is, in the upstream's terms: header lines that nobody else can have written.
 *
 * @module
 */
import type { User } from "@cognito-auth/core"

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

/** The lines that say who the user is. What a pool leaves out has no line; nobody has none. */
export const identityLines = (user: User, assertion: string): Array<string> => {
  const lines = ["X-Forwarded-User", toFieldValue(user.sub)]
  if (user.email !== "") lines.push("X-Forwarded-Email", toFieldValue(user.email))
  if (user.groups.length > 0) lines.push("X-Forwarded-Groups", user.groups.map(toFieldValue).join(","))
  if (user.username !== "") lines.push("X-Forwarded-Preferred-Username", toFieldValue(user.username))
  lines.push("X-Cognito-Auth-Assertion", assertion)
  return lines
}

/**
 * A field value is ASCII, and a list's commas are its own (RFC 9110 §5.5): anything else, and `%`, is percent-encoded as
 * UTF-8. So a group named `a,b` is not two groups.
 */
const toFieldValue = (text: string): string =>
  /^[!-$&-+\--~]*$/.test(text) ? text : text.replace(/\p{Surrogate}/gu, "\uFFFD").replace(/[^!-$&-+\--~]/gu, encodeURIComponentOrComma)
const encodeURIComponentOrComma = (character: string): string => (character === "," ? "%2C" : encodeURIComponent(character))
