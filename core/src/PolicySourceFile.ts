/**
 * The policy from a JSON file.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import type { Fault } from "./ConfigurationError.ts"
import type { Policy } from "./Policy.ts"
import { readPolicyDocument } from "./PolicyDocument.ts"

/** Reads the file now. `setting` names where the path comes from. */
export const readPolicyFile = (
  setting: string,
  path: string,
  options: { readonly requireVerifiedEmail: boolean }
): Result.Result<Policy, ReadonlyArray<Fault>> => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error"
    return Result.fail([{ setting, problem: `the file ${JSON.stringify(path)} cannot be read (${code}).` }])
  }
  return readPolicyDocument(text, `${setting}, file ${JSON.stringify(path)}`, options)
}
