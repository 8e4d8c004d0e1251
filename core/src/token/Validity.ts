/** The rules of the clock (RFC 7519 §4.1.4, §4.1.5). Claims are seconds since 1970; the tolerance allows for clocks that differ. */

/** On or after `exp`, a token is refused; and by a clock that says no time (`NaN`), too. */
export const hasExpired = (exp: number, toleranceMillis: number, nowMillis: number): boolean => !(nowMillis < exp * 1000 + toleranceMillis)

/** Before `nbf`, a token is refused. */
export const isNotYetValid = (nbf: number, toleranceMillis: number, nowMillis: number): boolean => nowMillis < nbf * 1000 - toleranceMillis

/** When tokens that were verified together are valid: the first `exp` of them, the last `nbf`. */
export interface Validity {
  readonly exp: number
  readonly nbf: number
}

/** Whether the clock refuses neither of the tokens. */
export const isValidAt = ({ exp, nbf }: Validity, toleranceMillis: number, nowMillis: number): boolean =>
  !hasExpired(exp, toleranceMillis, nowMillis) && !isNotYetValid(nbf, toleranceMillis, nowMillis)
