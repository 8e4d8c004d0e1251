/** What the process's exit code says, in one table. */

export const ExitCode = {
  /** Admitted; everything is in order. */
  ok: 0,
  /** Looked at, and found wanting: a request is refused, a user not admitted, a policy invalid, a check failed. */
  refused: 1,
  /** Could not be looked at: wrong usage, input that cannot be read, a configuration with faults. */
  unusable: 2,
  /** No verdict: the keys or the policy are out of reach. */
  outage: 3
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

export const exitCodesHelp = `Exit codes:
  0  admitted, or everything in order
  1  refused, not admitted, invalid, or a check failed
  2  wrong usage, input that cannot be read, or a configuration with faults
  3  no verdict: keys or policy are out of reach`
