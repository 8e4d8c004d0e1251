/** A file that the command line names → its text; what is wrong with it is the user's to put right. */
import { readFile } from "node:fs/promises"
import { UsageError } from "./UsageError.ts"

export const readTextFile = async (path: string, what: string): Promise<string> => {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    throw new UsageError(`${what}: the file ${JSON.stringify(path)} cannot be read (${codeOf(cause)}).`)
  }
}

/** The system's code alone: its message would repeat the path. */
export const codeOf = (cause: unknown): string => (cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error")
