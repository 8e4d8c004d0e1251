/** The files that a command line names, and stdin → their bytes or text; what is wrong with them is the user's to put right. */
import { createReadStream } from "node:fs"
import { readFile } from "node:fs/promises"
import { unreadable } from "@cognito-auth/core/codeOf"
import { UsageError } from "./ExitCode.ts"

/** More than any HAR file that a person would look into. */
const maxInputBytes = 256 * 1024 * 1024

/** What a command is to look at: a file, or stdin. */
export const openInput = (file: string) => {
  if (file !== "-") return createReadStream(file, { highWaterMark: 256 * 1024 })
  if (process.stdin.isTTY) throw new UsageError("There is nothing to read: name a file, or pipe the request into this command.")
  return process.stdin
}

export const readInput = async (file: string): Promise<string> => {
  const chunks: Array<Buffer> = []
  let length = 0
  try {
    for await (const chunk of openInput(file)) {
      length += chunk.length
      if (length > maxInputBytes) throw new UsageError("The input is larger than 256 MiB: cut out the requests in question.")
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
