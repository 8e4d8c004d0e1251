/** Every row, judged by both packages, with and without `requireVerifiedEmail`. */
import { classes, classesOf } from "./classes.ts"
import { type Outcome, ourOutcome, pythonOutcome } from "./judge.ts"
import type { PythonRow } from "./PythonRow.ts"
import { withoutFaultyEntries } from "./withoutFaultyEntries.ts"

export interface Disagreement {
  readonly row: PythonRow
  readonly requireVerifiedEmail: boolean
  readonly python: Outcome
  readonly ours: Outcome
}

export interface Comparison {
  readonly compared: number
  readonly agreed: number
  /** How many disagreements each class explains; one may belong to several. */
  readonly byClass: ReadonlyMap<string, number>
  /** Those that no class explains: there must be none. */
  readonly unexplained: ReadonlyArray<Disagreement>
  /** Whom we admit and the Python package refuses: there must be none, explained or not. */
  readonly admittedAgainstPython: ReadonlyArray<Disagreement>
}

export const compare = (rows: ReadonlyArray<PythonRow>): Comparison => {
  const byClass = new Map(classes.map(({ name }) => [name, 0]))
  const unexplained: Array<Disagreement> = []
  const admittedAgainstPython: Array<Disagreement> = []
  const compared = rows.flatMap((row) => [true, false].map((requireVerifiedEmail) => judge(row, requireVerifiedEmail)))
  const disagreements = compared.filter(({ python, ours }) => python !== ours)
  for (const each of disagreements) {
    if (each.python === "refused" && each.ours === "admitted") admittedAgainstPython.push(each)
    const explaining = classesOf(each.row, each.requireVerifiedEmail, each.python, each.ours)
    if (explaining.length === 0) unexplained.push(each)
    for (const { name } of explaining) byClass.set(name, (byClass.get(name) ?? 0) + 1)
  }
  return { compared: compared.length, agreed: compared.length - disagreements.length, byClass, unexplained, admittedAgainstPython }
}

/** The same rows without the entries that are faults here, of which the comparison above says nothing else. */
export const compareWithoutFaultyEntries = (rows: ReadonlyArray<PythonRow>): Comparison =>
  compare(rows.map(withoutFaultyEntries).filter((row) => row !== undefined))

const judge = (row: PythonRow, requireVerifiedEmail: boolean): Disagreement => ({
  row,
  requireVerifiedEmail,
  python: pythonOutcome(row),
  ours: ourOutcome(row, requireVerifiedEmail)
})
