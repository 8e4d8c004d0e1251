/** The table of a run, and beneath it every failure. */
import type { Group, SubjectName } from "../Case.ts"
import type { Outcome } from "./runSubject.ts"

const marks = { passes: "ok", differs: "≠", fails: "FAIL" } as const

/** Prints it all, and returns the number of failures. `withNotes`: also what the reference proxies do where they differ. */
export const printReport = (
  groups: ReadonlyArray<Group>,
  names: ReadonlyArray<SubjectName>,
  outcomes: ReadonlyMap<SubjectName, ReadonlyArray<Outcome>>,
  withNotes: boolean
): number => {
  const find = (subject: SubjectName, title: string, name: string) =>
    outcomes.get(subject)?.find((each) => each.group === title && each.name === name)
  const widest = 110
  for (const { title, cases } of groups) {
    if (cases.length === 0) continue
    console.log(`\n${title.padEnd(widest)}  ${names.map((name) => name.padEnd(8)).join("")}`)
    for (const { name } of cases) {
      const cells = names.map((subject) => {
        const outcome = find(subject, title, name)
        return (outcome === undefined ? "" : marks[outcome.verdict]).padEnd(8)
      })
      console.log(`  ${name.slice(0, widest - 2).padEnd(widest - 2)}  ${cells.join("")}`.trimEnd())
    }
  }
  let failures = 0
  for (const subject of names) {
    const all = outcomes.get(subject) ?? []
    const shown = all.filter(({ verdict }) => verdict === "fails" || (withNotes && verdict === "differs"))
    if (shown.length > 0) console.log(`\n${subject}`)
    for (const { group, name, rfc, verdict, reason } of shown)
      console.log(`  ${marks[verdict]} ${group}: ${name} (${rfc})\n       ${reason}`)
    failures += all.filter(({ verdict }) => verdict === "fails").length
  }
  console.log("")
  for (const subject of names) {
    const all = outcomes.get(subject) ?? []
    const count = (verdict: Outcome["verdict"]) => all.filter((each) => each.verdict === verdict).length
    console.log(`${subject.padEnd(8)} ${count("passes")} pass, ${count("differs")} differ as noted, ${count("fails")} fail`)
  }
  return failures
}
