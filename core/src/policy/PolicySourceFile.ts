/**
 * The policy from a JSON file, read again when it changes.
 *
 * @module
 */
// biome-ignore lint/style/noRestrictedImports: a policy source that reads and watches a file.
import { readFileSync, watch } from "node:fs"
// biome-ignore lint/style/noRestrictedImports: a policy source that reads and watches a file.
import { readFile } from "node:fs/promises"
// biome-ignore lint/style/noRestrictedImports: it watches the folder for the file's name.
import { basename, dirname } from "node:path"
import * as Result from "effect/Result"
import type { Fault } from "../errors/ConfigurationError.ts"
import { unreadable } from "../errors/codeOf.ts"
import { readPolicyDocument } from "./PolicyDocument.ts"
import { makeReloadingPolicy, type PolicyInForce } from "./reloadingPolicy.ts"

export interface FileOptions {
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/** Reads the file now, so that a broken one is a fault at start-up. `setting` names where the path comes from. */
export const openPolicyFile = (
  setting: string,
  path: string,
  { requireVerifiedEmail = true }: FileOptions
): Result.Result<PolicyInForce, ReadonlyArray<Fault>> => {
  const name = `file ${JSON.stringify(path)}`
  let initial: string
  try {
    initial = readFileSync(path, "utf8")
  } catch (cause) {
    return Result.fail([{ setting, problem: `the ${name} ${unreadable(cause)}.` }])
  }
  const document = readPolicyDocument(initial, `${setting}, ${name}`, { requireVerifiedEmail })
  if (Result.isFailure(document)) return Result.fail(document.failure)
  const read = (signal: AbortSignal) =>
    readFile(path, { encoding: "utf8", signal }).catch((cause: unknown) => Promise.reject(new Error(`it ${unreadable(cause)}`)))
  return Result.succeed(
    makeReloadingPolicy({ name, read, initial, requireVerifiedEmail, subscribe: (onChange) => watchFolderOf(path, onChange) })
  )
}

/**
 * Calls back when something happens in the file's folder. The folder, and not the file: editors replace a file by renaming
 * another, and a Kubernetes mount swaps a link beside it, so that a watched file would be the old one for ever.
 */
const watchFolderOf = (path: string, onChange: () => void): (() => void) => {
  const ignore = () => {}
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      // "..data" is the link that a Kubernetes mount swaps.
      if (name === null || name === basename(path) || name.startsWith("..")) onChange()
    })
    // A folder that can be watched no longer leaves the reading every few minutes.
    watcher.on("error", ignore)
    return () => watcher.close()
  } catch {
    return ignore
  }
}
