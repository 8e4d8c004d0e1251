/** The error's system code, such as `ENOENT`. The message is not used, because it would repeat a path or an address. */
export const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

/** The text that follows the name of a file that cannot be read. */
export const unreadable = (cause: unknown): string => `cannot be read (${codeOf(cause) ?? "unknown error"})`
