/** The tables of all settings, as Markdown. They are made of core's rows: of what the settings are read by. */
import { codeRows, type Kind, policyRows, type SettingRow, variableRows } from "@cognito-auth/core/SettingRows"

const kinds: Readonly<Record<Kind, string>> = {
  string: "string",
  strings: "one or more, each exact",
  provider: "`cognito` or `oidc`; in code an object",
  groups: "list of names",
  origins: "list of origins",
  emails: "list of addresses",
  httpsUrl: "https URL",
  redirectUrl: "https URL, or a path of the app",
  flag: "yes or no",
  file: "path of a JSON file",
  duration: "duration",
  count: "whole number",
  function: "function",
  object: "object"
}

/** A page with its tables generated again. Each follows a comment that names it. */
export const withSettingTables = (page: string): string =>
  page
    .replace(/(<!-- settings: made by npm run docs:settings -->\n\n)(?:\|.*\n)*/, (_, marker: string) => marker + settingsTable())
    .replace(/(<!-- settings in code: made by npm run docs:settings -->\n\n)(?:\|.*\n)*/, (_, marker: string) => marker + codeTable())

const settingsTable = (): string => {
  const settings = Object.entries(variableRows).map(([option, row]) => [`\`${row.variable}\``, `\`${option}\``, ...cellsOf(row)])
  const policies = Object.values(policyRows).map((row) => [`\`${row.variable}\``, "`policy`", ...cellsOf(row)])
  return toTable(["variable", "option", "value", "meaning", "default"], [...settings, ...policies])
}

const codeTable = (): string =>
  toTable(
    ["option", "value", "meaning", "default"],
    Object.entries(codeRows).map(([option, row]) => [`\`${option}\``, ...cellsOf(row)])
  )

const cellsOf = (row: SettingRow & { readonly max?: string; readonly required?: string }): ReadonlyArray<string> => [
  kinds[row.kind] + (row.max === undefined ? "" : `, at most ${row.max}`),
  row.meaning + (row.more === undefined ? "" : `${/^\[[A-Z]/.test(row.more) ? "." : ";"} ${row.more}`),
  row.required === undefined ? defaultOf(row) : "**required**"
]

const defaultOf = ({ unset, default: value, ...row }: SettingRow): string => {
  // In the environment, a string has no quotes.
  const written = "variable" in row && typeof value === "string" ? value : JSON.stringify(value)
  const shown = typeof value === "number" ? value.toLocaleString("en") : value === undefined ? "" : `\`${written}\``
  return [unset ?? "", shown].filter((each) => each !== "").join(" ") || "none"
}

const toTable = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |\n`)
    .join("")
    .replace(/(?<=^\|.*)(?: --- \|)+$/gm, (line) => line.replaceAll(" ", ""))
