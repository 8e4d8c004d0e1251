/**
 * The row without the list entries that are faults here, where the Python package would have answered the same without them: so
 * that the rest of the policy is compared as well.
 */
import { isObject, type PythonRow } from "./PythonRow.ts"

const lists = ["allowed_groups", "allowed_users", "admin_groups", "admin_users"]

/** `undefined` where there is no such entry, where one could have decided, or where a list would be left empty. */
export const withoutFaultyEntries = (row: PythonRow): PythonRow | undefined => {
  if (row.python.outcome !== "ok") return undefined
  const policy = row.file === undefined ? row.lists : parse(row.file)
  if (!isObject(policy)) return undefined
  const cleaned: Record<string, unknown> = { ...policy }
  let dropped = 0
  for (const name of lists) {
    const entries = policy[name]
    if (!Array.isArray(entries) || entries.length === 0) continue
    const kept = entries.filter((entry) => !isFaulty(name, entry))
    if (kept.length === 0 || entries.some((entry) => isFaulty(name, entry) && couldMatch(row, entry))) return undefined
    dropped += entries.length - kept.length
    cleaned[name] = kept
  }
  if (dropped === 0) return undefined
  const { file: _, lists: __, ...rest } = row
  return row.file === undefined ? { ...rest, lists: cleaned } : { ...rest, file: JSON.stringify(cleaned) }
}

const isFaulty = (list: string, entry: unknown): boolean =>
  typeof entry === "string" && (entry === "" || entry !== entry.trim() || (list.endsWith("users") && !/^[^\s@]+@[^\s@]+$/.test(entry)))

/** Whether it is anywhere in the claims, with any trimming or case folding: rather too often than too rarely. */
const couldMatch = ({ oidc, access }: PythonRow, entry: unknown): boolean => {
  const claims = JSON.stringify([oidc["email"] ?? "", access["cognito:groups"] ?? ""]).toLowerCase()
  return claims.includes(JSON.stringify(String(entry).trim()).slice(1, -1).toLowerCase())
}

const parse = (file: string): unknown => {
  try {
    return JSON.parse(file)
  } catch {
    return undefined
  }
}
