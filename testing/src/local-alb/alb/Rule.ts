/** Which rule of the listener matches a request. */
import type { LocalRule } from "../Options.ts"

/** The action of the first rule whose pattern the path matches; the last one matches everything. */
export const makeRules = (rules: ReadonlyArray<LocalRule>): ((target: string) => LocalRule["action"]) => {
  const compiled = rules.map(({ path, action }) => ({ pattern: toRegExp(path), action }))
  return (target) => {
    // The path as sent: a spelling that no rule matches needs a sign-in.
    const [path = ""] = target.split("?")
    return compiled.find(({ pattern }) => pattern.test(path))?.action ?? "authenticate"
  }
}

/** AWS ELB guide, "Path conditions": case-sensitive, `*` for any characters, `?` for exactly one. */
const toRegExp = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/[\\^$.+()|[\]{}]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s"
  )
