/** What the user of the command line can put right at once: printed as it stands, without a stack. Exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = "UsageError"
  }
}
