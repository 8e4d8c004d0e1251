/**
 * Where a policy decides otherwise than in the Python package: the classes that docs/moving-from-python.md names, each told by
 * what is in the row, and never by its result.
 */
import type { Outcome } from "./judge.ts"
import { isObject, type PythonRow } from "./PythonRow.ts"

export interface Class {
  /** The page's table begins a row with it. */
  readonly name: string
  /** Which disagreements it may explain: Python's outcome, then ours. */
  readonly explains: ReadonlyArray<readonly [python: Outcome, ours: Outcome]>
  readonly applies: (facts: Facts) => boolean
}

interface Facts {
  readonly row: PythonRow
  /** The policy as a JSON reader has it; `undefined` where the file is not JSON. */
  readonly policy: Readonly<Record<string, unknown>> | undefined
  readonly requireVerifiedEmail: boolean
}

const toFault = (["admitted", "refused", "exception"] as const).map((python) => [python, "fault"] as const)
const toRefused = [["admitted", "refused"]] as const

const userLists = ["allowed_users", "admin_users"]
const groupLists = ["allowed_groups", "admin_groups"]
const known = [...userLists, ...groupLists, "require_all"]

/** The strings of these lists, from the file or the arguments. */
const entriesOf = ({ policy }: Facts, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => [policy?.[name]].flat()).filter((entry) => typeof entry === "string")

const email = ({ row }: Facts): unknown => row.oidc["email"]
const groups = ({ row }: Facts): unknown => row.access["cognito:groups"]
const isListOfStrings = (value: unknown) => Array.isArray(value) && value.every((entry) => typeof entry === "string")
const foldAscii = (value: string) => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

export const classes: ReadonlyArray<Class> = [
  {
    name: "white space around an entry, or a line end in it",
    explains: toFault,
    applies: (facts) =>
      entriesOf(facts, [...userLists, ...groupLists]).some((entry) => entry !== entry.trim() || /[\p{Cc}\u2028\u2029]/u.test(entry))
  },
  {
    name: "an entry that is empty",
    explains: toFault,
    applies: (facts) => entriesOf(facts, [...userLists, ...groupLists]).includes("")
  },
  {
    name: "a user who is no e-mail address",
    explains: toFault,
    applies: (facts) => entriesOf(facts, userLists).some((entry) => entry.trim() !== "" && !/^[^\s@]+@[^\s@]+$/.test(entry.trim()))
  },
  {
    name: "an unknown name",
    explains: toFault,
    applies: ({ policy = {} }) => Object.keys(policy).some((name) => !known.includes(name) && !name.startsWith("_") && name !== "$schema")
  },
  {
    name: "`require_all` that is not a boolean",
    explains: toFault,
    applies: ({ policy = {} }) => "require_all" in policy && typeof policy["require_all"] !== "boolean"
  },
  {
    name: "`NaN` and `Infinity`",
    explains: toFault,
    applies: ({ row, policy }) => policy === undefined && /\b(NaN|Infinity)\b/.test(row.file ?? "")
  },
  {
    name: "a domain that only looks wrong",
    explains: [
      ["fault", "admitted"],
      ["fault", "refused"]
    ],
    // What Python's validator takes for no domain: one label, a special-use name; and a local part that begins with a dot.
    applies: (facts) => entriesOf(facts, userLists).some((entry) => /^\.|@[^.]+$|\.(test|local|localhost|invalid)$/.test(entry))
  },
  {
    name: "an empty list in code",
    explains: toRefused,
    applies: ({ row }) =>
      [row.lists?.["allowed_groups"], row.lists?.["allowed_users"]].some((list) => Array.isArray(list) && list.length === 0)
  },
  {
    name: "an e-mail that is not verified",
    explains: toRefused,
    applies: ({ row, requireVerifiedEmail }) => requireVerifiedEmail && ![true, "true"].includes(row.oidc["email_verified"] as string)
  },
  {
    name: "letters that only Unicode folds",
    explains: toRefused,
    applies: (facts) => {
      const claimed = email(facts)
      if (typeof claimed !== "string") return false
      const alike = entriesOf(facts, userLists).filter((entry) => entry.toLowerCase() === claimed.toLowerCase())
      return alike.length > 0 && alike.every((entry) => foldAscii(entry) !== foldAscii(claimed))
    }
  },
  {
    name: "groups that are no list of strings",
    explains: [...toRefused, ["exception", "admitted"], ["exception", "refused"]],
    applies: (facts) => groups(facts) !== undefined && !isListOfStrings(groups(facts))
  },
  {
    name: "an e-mail that is no string",
    explains: [
      ["exception", "admitted"],
      ["exception", "refused"]
    ],
    applies: (facts) => email(facts) !== undefined && typeof email(facts) !== "string"
  },
  {
    name: "a token without a `sub`",
    explains: [...toRefused, ["exception", "refused"]],
    applies: ({ row }) => typeof row.oidc["sub"] !== "string" || row.oidc["sub"] === ""
  }
]

/** The classes that explain why the two disagree on this row; none where nothing does. */
export const classesOf = (row: PythonRow, requireVerifiedEmail: boolean, python: Outcome, ours: Outcome): ReadonlyArray<Class> => {
  const facts: Facts = { row, policy: policyOf(row), requireVerifiedEmail }
  return classes.filter(({ explains, applies }) => explains.some(([from, to]) => from === python && to === ours) && applies(facts))
}

const policyOf = ({ file, lists }: PythonRow): Readonly<Record<string, unknown>> | undefined => {
  if (file === undefined) return lists
  try {
    const policy: unknown = JSON.parse(file)
    return isObject(policy) ? policy : {}
  } catch {
    return undefined
  }
}
