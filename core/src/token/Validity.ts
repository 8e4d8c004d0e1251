/** The rules for `exp` and `nbf` (RFC 7519 §4.1.4, §4.1.5). Claims are in seconds since 1970; the tolerance allows for clock skew. */

/** A token is refused on or after `exp`, and also if the clock returns no time (`NaN`). */
export const hasExpired = (exp: number, toleranceMillis: number, nowMillis: number): boolean => !(nowMillis < exp * 1000 + toleranceMillis)

/** A token is refused before `nbf`. */
export const isNotYetValid = (nbf: number, toleranceMillis: number, nowMillis: number): boolean => nowMillis < nbf * 1000 - toleranceMillis

/** When tokens that were verified together are valid: until their earliest `exp`, from their latest `nbf`. */
export interface Validity {
  readonly exp: number
  readonly nbf: number
}

/** Whether all of the tokens are valid at this time. */
export const isValidAt = ({ exp, nbf }: Validity, toleranceMillis: number, nowMillis: number): boolean =>
  !hasExpired(exp, toleranceMillis, nowMillis) && !isNotYetValid(nbf, toleranceMillis, nowMillis)

/** ECMA-262 §21.4.1.1: no Date is further from 1970. */
const maxSeconds = 8_640_000_000_000

/** An `exp` as a date. One that no Date can hold is the last date there is: a token that "never expires" has such an `exp`. */
export const dateOf = (exp: number) =>
  // biome-ignore lint/style/noRestrictedGlobals: a date from a claim; the clock is not read.
  new Date(Math.min(exp, maxSeconds) * 1000)
