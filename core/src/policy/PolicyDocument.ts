/**
 * The policy as a JSON document: the format that the Python package reads from a file or a secret.
 *
 * @module
 */
import * as Result from "effect/Result"
import { type Fault, Faults } from "../errors/ConfigurationError.ts"
import { documentFields, unknownNames } from "../errors/unknownNames.ts"
import { type Lists, type Policy, readLists } from "./Policy.ts"

/** A parsed document: the policy, and its lists. */
export interface PolicyDocument {
  readonly policy: Policy
  readonly lists: Lists
}

const lists = {
  allowed_groups: "allowedGroups",
  allowed_users: "allowedUsers",
  allowed_clients: "allowedClients",
  require_all: "requireAll",
  admin_groups: "adminGroups",
  admin_users: "adminUsers"
} as const

const ruleLists: ReadonlyArray<keyof Lists> = ["allowedGroups", "allowedUsers", "allowedClients"]

/**
 * Reads `{"allowed_groups": [], "allowed_users": [], "allowed_clients": [], "require_all": false, "admin_groups": [], "admin_users": []}`.
 *
 * As in the Python package, an empty list or `null` is not a rule, names that begin with `_` are comments, and a document
 * without a rule is refused. `where` names the document in faults. Faults never contain the document's content.
 */
export const readPolicyDocument = (
  text: string,
  where: string,
  options: { readonly requireVerifiedEmail: boolean }
): Result.Result<PolicyDocument, ReadonlyArray<Fault>> => {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return Result.fail([{ setting: where, problem: "is not JSON." }])
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return Result.fail([{ setting: where, problem: "is not a JSON object." }])
  }
  const faults = new Faults()
  const fields = documentFields(document)
  const names = fields.map(([name]) => name)
  // The message is logged: what is no name at all may be somebody's address.
  for (const { name, problem } of unknownNames(names, Object.keys(lists)))
    faults.add(`${where}, ${/^\w+$/.test(name) ? JSON.stringify(name.slice(0, 40)) : `name ${names.indexOf(name) + 1}`}`, problem)
  const read: Record<string, unknown> = { requireVerifiedEmail: options.requireVerifiedEmail }
  for (const [name, value] of fields) {
    if (!Object.hasOwn(lists, name)) continue
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0)
    if (name === "require_all" || !isEmpty) read[lists[name as keyof typeof lists]] = value
  }
  const documentName = (list: keyof Lists) => {
    const name = Object.entries(lists).find(([, option]) => option === list)?.[0] ?? list
    return `${where}, ${name}`
  }
  const policy = faults.take(readLists(read as Lists, documentName))
  if (policy !== undefined && !ruleLists.some((list) => read[list] !== undefined)) {
    faults.add(where, "has no rule. Give allowed_groups or allowed_users at least one entry, or allowed_clients for services.")
  }
  return policy === undefined ? Result.fail(faults.all) : faults.resultOf({ policy, lists: read as Lists })
}

/** What a reload changed: the names of groups, but only the number of users. */
export const describeChange = (before: Lists | undefined, after: Lists): string => {
  const changes = [
    describeListChange("allowed groups", before?.allowedGroups, after.allowedGroups, showNames),
    describeListChange("allowed users", before?.allowedUsers, after.allowedUsers, (names) => String(names.length)),
    describeListChange("allowed clients", before?.allowedClients, after.allowedClients, showNames),
    describeListChange("admin groups", before?.adminGroups, after.adminGroups, showNames),
    describeListChange("admin users", before?.adminUsers, after.adminUsers, (names) => String(names.length)),
    (before?.requireAll ?? false) === (after.requireAll ?? false) ? "" : `require_all is ${after.requireAll === true}`
  ]
  return changes.filter((change) => change !== "").join("; ") || "the same rules"
}

/** Keeps the log line short. */
const maxNames = 20

const showNames = (names: ReadonlyArray<string>): string =>
  names.slice(0, maxNames).join(", ") + (names.length > maxNames ? ` and ${names.length - maxNames} more` : "")

const describeListChange = (
  list: string,
  before: ReadonlyArray<string> = [],
  after: ReadonlyArray<string> = [],
  show: (names: ReadonlyArray<string>) => string
): string => {
  const [old, now] = [new Set(before), new Set(after)]
  const added = [...now].filter((name) => !old.has(name))
  const removed = [...old].filter((name) => !now.has(name))
  const words = [...(added.length > 0 ? [`added ${show(added)}`] : []), ...(removed.length > 0 ? [`removed ${show(removed)}`] : [])]
  return words.length === 0 ? "" : `${list}: ${words.join(", ")}`
}
