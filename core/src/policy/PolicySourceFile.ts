/**
 * The policy from a JSON file, which is read again when it changes.
 *
 * @module
 */
// biome-ignore lint/style/noRestrictedImports: a policy source that reads and watches a file.
import { readFileSync, watch } from "node:fs"
// biome-ignore lint/style/noRestrictedImports: a policy source that reads and watches a file.
import { readFile } from "node:fs/promises"
// biome-ignore lint/style/noRestrictedImports: it watches the file's folder.
import { basename, dirname } from "node:path"
import * as Result from "effect/Result"
import type { Fault } from "../errors/ConfigurationError.ts"
import { unreadable } from "../errors/codeOf.ts"
import { readPolicyDocument } from "./PolicyDocument.ts"
import { makeReloadingPolicy, type PolicyInForce } from "./reloadingPolicy.ts"

export interface FileOptions {
  /** Whether an e-mail must be verified by the pool to admit a user. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/** Reads the file now, so that an invalid file is a fault at start-up. `setting` names the setting that has the path. */
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
 * Calls back when the file may have changed. It watches the folder, not the file: editors replace a file by a rename, and a
 * Kubernetes mount swaps a symbolic link next to it, so a watch of the file would stay on the old one for ever.
 */
const watchFolderOf = (path: string, onChange: () => void): (() => void) => {
  const ignore = () => {}
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      // "..data" is the symbolic link that a Kubernetes mount swaps.
      if (name === null || name === basename(path) || name.startsWith("..")) onChange()
    })
    // If the watch fails, the file is still read every few minutes.
    watcher.on("error", ignore)
    return () => watcher.close()
  } catch {
    return ignore
  }
}
