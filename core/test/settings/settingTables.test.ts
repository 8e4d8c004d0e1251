import { readFileSync } from "node:fs"
import { join } from "node:path"
import { codeRows, policyRows, variableRows } from "@cognito-auth/core/SettingRows"
import { expect, it } from "vitest"
import { withSettingTables } from "./settingTables.ts"

const path = join(import.meta.dirname, "../../../docs/configuration.md")
const page = readFileSync(path, "utf8")

it("The tables of settings in docs/configuration.md are those that core's rows generate. `npm run docs:settings` rewrites them.", async () => {
  await expect(withSettingTables(page)).toMatchFileSnapshot(path, "npm run docs:settings rewrites the tables")
})

it("The page has a row for every setting.", () => {
  const variables = [...Object.values(variableRows), ...Object.values(policyRows)].map(({ variable }) => `| \`${variable}\` |`)
  const options = Object.keys(codeRows).map((option) => `| \`${option}\` |`)
  for (const row of [...variables, ...options]) expect(page).toContain(`\n${row}`)
})

it("The rows import only types, and each other, so that the command line prints its help without loading core.", () => {
  const files = ["SettingRows.ts", "EnvironmentVariables.ts", "KeySettingRows.ts", "SettingRow.ts"]
  const loaded = files.flatMap((file) => {
    const rows = readFileSync(join(import.meta.dirname, "../../src/settings", file), "utf8")
    expect(rows).not.toMatch(/\bimport\(/)
    return Array.from(rows.matchAll(/^(?:import|export) (?!type )[^\n]* from "\.\/(.*)"/gm), ([, path]) => path)
  })
  expect(loaded.filter((path) => !files.includes(path ?? ""))).toEqual([])
  expect(loaded).toContain("KeySettingRows.ts")
})

it("An outdated table is generated again, and nothing else on the page changes.", () => {
  expect(withSettingTables(page.replace("COGNITO_AUTH_JWKS_URL` |", "COGNITO_AUTH_JWK_URL` |"))).toBe(page)
  expect(withSettingTables("No marker.\n\n| a |\n")).toBe("No marker.\n\n| a |\n")
})
