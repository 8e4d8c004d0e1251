import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { classes, classesOf } from "./python/classes.ts"
import { compare, compareWithoutFaultyEntries } from "./python/compare.ts"
import { alike, ofClasses } from "./python/handPicked.ts"
import { ourOutcome, pythonOutcome } from "./python/judge.ts"
import { readRows } from "./python/PythonRow.ts"
import { withoutFaultyEntries } from "./python/withoutFaultyEntries.ts"

const names = classes.map(({ name }) => name)
const rows = [...Object.values(ofClasses).flat(), ...alike]

describe("a policy, beside the Python package", () => {
  it("decides otherwise only in the classes that the page about moving names, and admits nobody whom that refuses", () => {
    const { agreed, unexplained, admittedAgainstPython } = compare(rows)
    expect([unexplained, admittedAgainstPython]).toEqual([[], []])
    expect(agreed).toBeGreaterThanOrEqual(alike.length * 2)
    const rest = compareWithoutFaultyEntries(rows)
    expect([rest.unexplained, rest.admittedAgainstPython]).toEqual([[], []])
  })

  it.each(names)("decides otherwise on %s, for that reason alone", (name) => {
    expect(ofClasses[name]?.length).toBeGreaterThan(0)
    for (const row of ofClasses[name] ?? []) {
      const [python, ours] = [pythonOutcome(row), ourOutcome(row, true)]
      expect([row.id, python === ours]).toEqual([row.id, false])
      expect([row.id, ...classesOf(row, true, python, ours).map((each) => each.name)]).toEqual([row.id, name])
    }
  })

  it("decides the same on the seams that are no class", () => {
    for (const row of alike) expect([row.id, ourOutcome(row, true)]).toEqual([row.id, pythonOutcome(row)])
  })

  it("is compared by a page that names exactly these classes, in this order", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/moving-from-python.md"), "utf8")
    const [, section = ""] = page.split("\n## Where a policy decides otherwise\n")
    const [table = ""] = section.split("\n## ")
    const [head, ...first] = [...table.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => cell)
    expect(head).toBe("class")
    expect(first).toEqual(names)
  })
})

describe("the comparison", () => {
  const [admitted] = alike.filter(({ python }) => python.allowed === true)

  it("reports whom we admit against the Python package, and what no class explains", () => {
    if (admitted === undefined) throw new Error("expected a row that both admit")
    const turned = { ...admitted, python: { outcome: "ok", allowed: false } }
    expect(compare([turned])).toMatchObject({ compared: 2, agreed: 0, unexplained: [{}, {}], admittedAgainstPython: [{}, {}] })
  })

  it("compares the rest of a policy whose entries are faults, where none of them could have decided", () => {
    const row = {
      oidc: { sub: "s-1", email: "ada@example.com" },
      access: { "cognito:groups": ["staff"] },
      python: { outcome: "ok", allowed: true },
      id: 1
    }
    expect(withoutFaultyEntries({ ...row, lists: { allowed_groups: ["staff", "others "] } })?.lists).toEqual({ allowed_groups: ["staff"] })
    expect(withoutFaultyEntries({ ...row, file: '{"allowed_groups": ["staff", "others "]}' })?.file).toBe('{"allowed_groups":["staff"]}')
    for (const allowed_groups of [["staff"], ["others "], ["others", "STAFF "], ["others", ""], "staff "]) {
      const access = { "cognito:groups": ["staff", ""] }
      expect(withoutFaultyEntries({ ...row, access, lists: { allowed_groups } })).toBeUndefined()
    }
  })

  it.each([
    "{",
    "1",
    '{"oidc": {}, "access": {}, "python": {"outcome": "ok"}, "lists": {}}',
    '{"oidc": {}, "access": {}, "python": {"outcome": "raises"}}'
  ])("reads no row from %s", (line) => {
    expect(() => readRows(`\n${line}\n`)).toThrow()
  })
})
