/** What the process's exit code says, in one table; what each command says by it; and the error that wrong usage ends with. */

export const ExitCode = {
  /** Admitted; everything is in order. */
  ok: 0,
  /** Looked at, and found wanting: a request is refused, a user not admitted, a policy invalid, a check failed. */
  refused: 1,
  /** Could not be looked at: wrong usage, input that cannot be read, a configuration with faults. */
  unusable: 2,
  /** No verdict: the keys or the policy are unreachable. */
  outage: 3
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The end of a command's help: the codes that it can end with, and no other. */
export const exitCodesHelp = (meanings: Readonly<Partial<Record<ExitCode, string>>>): string =>
  ["Exit codes:", ...Object.entries(meanings).map(([code, meaning]) => `  ${code}  ${meaning}`)].join("\n")

/** What the user of the command line can put right at once: printed as it stands, without a stack. Exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = "UsageError"
  }
}
