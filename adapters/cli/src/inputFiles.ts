/** Reads input files and stdin. A file that cannot be read is a `UsageError`. */
import { createReadStream } from "node:fs"
import { readFile } from "node:fs/promises"
import { unreadable } from "@cognito-auth/core/codeOf"
import { UsageError } from "./ExitCode.ts"

/** Larger than any realistic HAR file. */
const maxInputBytes = 256 * 1024 * 1024

/** The input of a command: a file, or stdin. */
export const openInput = (file: string) => {
  if (file !== "-") return createReadStream(file, { highWaterMark: 256 * 1024 })
  if (process.stdin.isTTY) throw new UsageError("There is no input. Give a file, or pipe the request into this command.")
  return process.stdin
}

export const readInput = async (file: string): Promise<string> => {
  const chunks: Array<Buffer> = []
  let length = 0
  try {
    for await (const chunk of openInput(file)) {
      length += chunk.length
      if (length > maxInputBytes) throw new UsageError("The input is larger than 256 MiB. Extract the relevant requests.")
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`The file ${JSON.stringify(file)} ${unreadable(cause)}.`)
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "")
}

export const readTextFile = async (path: string, what: string): Promise<string> => {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    throw new UsageError(`${what}: the file ${JSON.stringify(path)} ${unreadable(cause)}.`)
  }
}
