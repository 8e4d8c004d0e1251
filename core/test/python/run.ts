/**
 * npm run test:python -- DIR: every pair of a policy and a user in DIR/verdicts.jsonl, which is no part of the repository, with what
 * the Python package answered. Ends with 1 where we admit whom it refuses, where a disagreement belongs to no class that
 * docs/moving-from-python.md names, or where the file cannot be read.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Comparison, compare, compareWithoutFaultyEntries, type Disagreement } from "./compare.ts"
import { readRows } from "./PythonRow.ts"

const print = (line: string) => process.stdout.write(`${line}\n`)

const line = ({ row, requireVerifiedEmail, python, ours }: Disagreement) =>
  `  ${row.id}: Python ${python}, here ${ours}${requireVerifiedEmail ? "" : " with requireVerifiedEmail: false"}; ${JSON.stringify(row)}`

const report = ({ compared, agreed, byClass, unexplained, admittedAgainstPython }: Comparison): boolean => {
  print(`${compared} compared, ${agreed} the same, ${compared - agreed} otherwise; of these, by class (one may belong to several):`)
  for (const [name, count] of byClass) print(`${String(count).padStart(8)}  ${name}`)
  print(`${String(unexplained.length).padStart(8)}  in no class`)
  print(`${String(admittedAgainstPython.length).padStart(8)}  admitted here, and refused by the Python package`)
  for (const each of new Set([...admittedAgainstPython, ...unexplained])) print(line(each))
  return compared > 0 && unexplained.length === 0 && admittedAgainstPython.length === 0
}

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0) {
  process.stderr.write("Usage: npm run test:python -- DIR, the folder that holds verdicts.jsonl.\n")
  process.exitCode = 2
} else {
  const rows = readRows(readFileSync(join(folder, "verdicts.jsonl"), "utf8"))
  print("Every pair:")
  const isWhole = report(compare(rows))
  print("\nThe same without the entries that are faults here, where none of them could have decided:")
  const isRest = report(compareWithoutFaultyEntries(rows))
  process.exitCode = isWhole && isRest ? 0 : 1
}
