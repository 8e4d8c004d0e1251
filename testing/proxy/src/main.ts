/**
 * npm run test:proxy -- [--subject name]… [--only pattern] [--group title]… [--notes] [--progress] [--wait seconds]
 *
 * Every case against every subject, and a table. Exits with 1 where a subject fails, or a reference proxy behaves in another way than the rows say.
 */
import { randomInt } from "node:crypto"
import { parseArgs } from "node:util"
import { isReferenceProxy, ownSubjects, referenceProxyNames, type SubjectName } from "./Case.ts"
import { groups } from "./cases/index.ts"
import { differences } from "./differences/index.ts"
import { printReport } from "./run/report.ts"
import { type Outcome, runSubject } from "./run/runSubject.ts"
import { nodeSubject } from "./subjects/nodeSubjects.ts"
import { caddy, haproxy, nginx } from "./subjects/referenceProxies.ts"
import type { Subject } from "./subjects/Subject.ts"

// Each subject is killed when the run ends, however it does.
process.setMaxListeners(0)
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))
const { values } = parseArgs({
  options: {
    subject: { type: "string", multiple: true, default: [] },
    group: { type: "string", multiple: true, default: [] },
    only: { type: "string", default: "" },
    wait: { type: "string", default: "10" },
    progress: { type: "boolean", default: false },
    notes: { type: "boolean", default: false }
  }
})
const subjects: ReadonlyArray<Subject> = [...ownSubjects.map(nodeSubject), nginx, caddy, haproxy]
const names: ReadonlyArray<string> = [...ownSubjects, ...referenceProxyNames]
const unknown = [
  ...values.subject.filter((name) => !names.includes(name)),
  ...values.group.filter((title) => !groups.some((group) => group.title === title))
]
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}: expected ${names.join(", ")}; groups ${groups.map(({ title }) => title).join(", ")}.`)
  process.exit(2)
}
const cases = new Set(groups.flatMap((group) => group.cases.map(({ name }) => name)))
const unknownNames = Object.values(differences)
  .flat()
  .flatMap((each) => each.cases.filter((name) => !cases.has(name)))
if (unknownNames.length > 0 || cases.size < groups.flatMap((group) => group.cases).length) {
  console.error(`Names that differences/ has, and no case: ${unknownNames.join("; ") || "none"}. Every case's name is its own.`)
  process.exit(2)
}
const pattern = new RegExp(values.only, "i")
const wanted = groups
  .filter(({ title }) => values.group.length === 0 || values.group.includes(title))
  .map(({ title, cases }) => ({ title, cases: cases.filter(({ name }) => pattern.test(name)) }))
const chosen = subjects.filter(({ name }) => values.subject.length === 0 || values.subject.includes(name))

// Addresses of loopback's that no other run has: ports are as good as reserved.
const network = `127.${randomInt(1, 255)}.${randomInt(256)}`
const outcomes = new Map<SubjectName, ReadonlyArray<Outcome>>()
await Promise.all(
  chosen.map(async (subject, index) => {
    const list: Array<Outcome> = []
    outcomes.set(subject.name, list)
    await runSubject(
      subject,
      `${network}.${index + 1}`,
      wanted,
      isReferenceProxy(subject.name) ? differences[subject.name] : [],
      Number(values.wait) * 1_000,
      (outcome) => {
        list.push(outcome)
        if (values.progress) console.error(`${subject.name} ${outcome.verdict}: ${outcome.name}`)
      }
    )
  })
)
const failures = printReport(
  wanted,
  chosen.map(({ name }) => name),
  outcomes,
  values.notes
)
process.exit(failures === 0 ? 0 : 1)
