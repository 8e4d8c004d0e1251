import { readFileSync } from "node:fs"
import { join } from "node:path"
import { codeRows, type SettingRow, variableRows } from "@cognito-auth/core/SettingRows"
import { expect, it } from "vitest"

const source = ["settings/Options.ts", "events/Observe.ts"]
  .map((file) => readFileSync(join(import.meta.dirname, "../../src", file), "utf8"))
  .join("\n")

/** Each interface of the options, and how an option of it is named in the rows. */
const prefixes: Readonly<Record<string, string>> = {
  Options: "",
  ObserveOptions: "",
  KeyOptions: "keys.",
  TokenCacheOptions: "tokenCache."
}

/** Options by their rows' names, each with its comment on one line. */
const comments = new Map(
  [...source.matchAll(/^export interface (\w+)(?: extends \w+)? \{\n(.*?)^\}/gms)].flatMap(([, name = "", body = ""]) =>
    [...body.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s+readonly (\w+)\?/gs)].map(
      ([, comment = "", option]) => [`${prefixes[name]}${option}`, comment.replace(/\s*\n\s*\*?\s*/g, " ").trim()] as const
    )
  )
)

type Row = SettingRow & { readonly variable?: string; readonly max?: string; readonly required?: string }
const rows: ReadonlyArray<readonly [string, Row]> = Object.entries({ ...variableRows, ...codeRows })

const shown = (row: Row): string => {
  if (typeof row.default === "number") return row.default.toLocaleString("en")
  return `\`${row.variable === undefined ? JSON.stringify(row.default) : row.default}\``
}

it.each(rows.filter(([, row]) => row.default !== undefined))("The comment on the option %s says the default of its row.", (option, row) => {
  expect(comments.get(option)).toMatch(/\bDefault\b/)
  expect(
    comments
      .get(option)
      ?.split(/\bDefault\b/)
      .at(-1)
  ).toContain(shown(row))
})

it.each(rows.filter(([, row]) => row.default === undefined))(
  "The comment on the option %s says no default that its row lacks.",
  (option) => {
    expect(comments.get(option) ?? "").not.toMatch(/\bDefault `(?!<issuer>|process\.env`)/)
  }
)

it.each(rows.filter(([, row]) => row.variable !== undefined))("The comment on the option %s names its variable.", (option, row) => {
  expect(comments.get(option)).toContain(`(\`${row.variable}\`)`)
  if (row.required !== undefined) expect(comments.get(option)).toContain("Required.")
})

it("Every option that has a comment has a row.", () => {
  const names = new Set(rows.map(([option]) => option))
  expect([...comments.keys()].filter((option) => !names.has(option))).toEqual([])
  expect(comments.size).toBeGreaterThan(20)
})
