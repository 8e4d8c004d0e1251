/**
 * The user's identity for the upstream: header lines that only the gateway can have written.
 *
 * @module
 */
import type { User } from "@cognito-auth/core"
import { type Assertions, reuseMillis } from "./Assertion.ts"

/** Holds the signed assertion. */
const assertionHeader = "x-cognito-auth-assertion"

/** The lines that identify the user, cached for as long as the user's assertion may be sent. `now`: milliseconds since 1970. */
export const makeIdentityLines = (assertions: Assertions, origin: string, now: () => number): ((user: User) => ReadonlyArray<string>) => {
  // A user is the same object for as long as its tokens are cached.
  const known = new WeakMap<User, { readonly lines: ReadonlyArray<string>; readonly renewsAt: number }>()
  return (user) => {
    const nowMillis = now()
    const found = known.get(user)
    // If the clock was set back, the assertion's age is unknown.
    if (found !== undefined && nowMillis < found.renewsAt && nowMillis >= found.renewsAt - reuseMillis) return found.lines
    const { jwt, renewsAt } = assertions.of(user, origin)
    const lines = identityLines(user, jwt)
    known.set(user, { lines, renewsAt })
    return lines
  }
}

/** A claim that the pool leaves out has no line. */
const identityLines = (user: User, jwt: string): ReadonlyArray<string> => {
  const lines = ["x-forwarded-user", toFieldValue(user.sub)]
  if (user.email !== "") lines.push("x-forwarded-email", toFieldValue(user.email))
  if (user.groups.length > 0) lines.push("x-forwarded-groups", user.groups.map(toFieldValue).join(","))
  if (user.username !== "") lines.push("x-forwarded-preferred-username", toFieldValue(user.username))
  if (user.name !== "") lines.push("x-forwarded-name", toFieldValue(user.name))
  lines.push("x-forwarded-is-admin", String(user.isAdmin), assertionHeader, jwt)
  return lines
}

/**
 * A field value is ASCII, and commas separate a list (RFC 9110 §5.5): other characters, commas and `%` are percent-encoded as
 * UTF-8. So a group named `a,b` is not two groups.
 */
const toFieldValue = (text: string): string =>
  /^[!-$&-+\--~]*$/.test(text) ? text : text.replace(/\p{Surrogate}/gu, "\uFFFD").replace(/[^!-$&-+\--~]/gu, encodeURIComponentOrComma)
const encodeURIComponentOrComma = (character: string): string => (character === "," ? "%2C" : encodeURIComponent(character))
