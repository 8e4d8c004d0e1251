import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { isTranslated } from "../../../testing/test/translatedRows.ts"
import { frameworks } from "./app.ts"
import { buildWith, guards } from "./contractApp.ts"

// The first runs all of it, the others what they can change. Upgrades go past Express: its server has them, whatever the version.
// The spellings of targets are in bypassEvasions.test.ts, for each version and each guard.
describe.concurrent.each(frameworks)("@cognito-auth/express keeps the contract with $name", ({ name: version, express }) => {
  describe.each(Object.entries(guards))("by %s", (guard, protect) => {
    const build = buildWith(express, protect)
    const isFirst = version === "Express 5" && guard === "protect"
    const rows = isFirst
      ? contract(build, { services: true })
      : contract(build, { only: ["requests", "streams"], services: true }).filter(({ name }) => isTranslated(name))
    for (const { name, run } of rows) it(name, run)
  })
})
