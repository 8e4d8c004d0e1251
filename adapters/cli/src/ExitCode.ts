/** The exit codes, their text in `--help`, and the error for wrong usage. */

export const ExitCode = {
  /** Success: the request or user is admitted, or every check passed. */
  ok: 0,
  /** A negative result: a request is refused, a user is not admitted, a policy is invalid, or a check failed. */
  refused: 1,
  /** No result: wrong usage, input that cannot be read, or a configuration with faults. */
  unusable: 2,
  /** No decision: the keys or the policy are unreachable. */
  outage: 3
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The exit codes section of a command's help: only the codes of that command. */
export const exitCodesHelp = (meanings: Readonly<Partial<Record<ExitCode, string>>>): string =>
  ["Exit codes:", ...Object.entries(meanings).map(([code, meaning]) => `  ${code}  ${meaning}`)].join("\n")

/** A mistake that the user can correct. The message is printed without a stack trace. Exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = "UsageError"
  }
}
