/** The code that the system gives an error, `ENOENT`: its message would repeat a path or an address. */
export const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

/** Why a file is not read, after its name. */
export const unreadable = (cause: unknown): string => `cannot be read (${codeOf(cause) ?? "unknown error"})`
