/**
 * All cases against one subject, one after the other.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Group, ownSubjects, referenceProxyNames, type SubjectName } from "../Case.ts"
import type { Difference } from "../differences/Difference.ts"
import type { Route, Running, Subject } from "../subjects/Subject.ts"
import { accepts } from "../subjects/startProcess.ts"
import { runCase } from "./runCase.ts"

/** How a case has ended: as its row says (`differs`: as `differences/` says), or not. */
export interface Outcome {
  readonly group: string
  readonly name: string
  readonly rfc: string
  readonly verdict: "passes" | "differs" | "fails"
  /** Why it fails, or what the reference proxy does. */
  readonly reason: string
}

const shortMillis = 3_000
const everybody: ReadonlyArray<SubjectName> = [...ownSubjects, ...referenceProxyNames]

export const runSubject = async (
  subject: Subject,
  address: string,
  groups: ReadonlyArray<Group>,
  differences: ReadonlyArray<Difference>,
  longestMillis: number,
  onOutcome: (outcome: Outcome) => void
): Promise<void> => {
  const rows = groups
    .flatMap(({ title, cases }) => cases.map((row) => ({ title, row })))
    .filter(({ row }) => (row.subjects ?? everybody).includes(subject.name))
    .map(({ title, row }, index) => {
      const route: Route = { port: 20_000 + index, upstreamPort: 26_000 + index, profile: row.profile ?? "patient" }
      return { title, row, route }
    })
  const start = async (routes: ReadonlyArray<Route>): Promise<Running> => {
    const folder = await mkdtemp(join(tmpdir(), `proxy-suite-${subject.name}-`))
    try {
      const running = await subject.start({ address, routes, folder })
      const remove = () => rm(folder, { recursive: true, force: true })
      return {
        ...running,
        kill: () => running.kill().then(remove)
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }
  const shared = rows.filter(({ row }) => row.ownProcess === undefined).map(({ route }) => route)
  let running = await start(shared)
  try {
    for (const { title, row, route } of rows) {
      const own = row.ownProcess === undefined ? undefined : await start([route])
      // A case may have ended it.
      if (own === undefined && !(await accepts(address, route.port))) {
        await running.kill()
        running = await start(shared)
      }
      const difference = differences.find(({ cases }) => cases.includes(row.name))
      // What is known to come to nothing need not be waited for as long.
      const patience = difference === undefined ? longestMillis : Math.min(longestMillis, shortMillis)
      const failure = await runCase(row, { subject, running: own ?? running, address, route, longestMillis: patience }).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error))
      )
      await own?.kill()
      onOutcome({
        group: title,
        name: row.name,
        rfc: row.rfc,
        ...judge(failure, difference)
      })
    }
  } finally {
    await running.kill()
  }
}

const judge = (failure: string | undefined, difference: Difference | undefined): Pick<Outcome, "verdict" | "reason"> => {
  if (difference === undefined) return { verdict: failure === undefined ? "passes" : "fails", reason: failure ?? "" }
  const { does, failure: pattern, sometimes = false } = difference
  if (failure === undefined && sometimes) return { verdict: "passes", reason: "" }
  if (failure === undefined) return { verdict: "fails", reason: `it passes, but differences/ says that it ${does}` }
  return pattern.test(failure)
    ? { verdict: "differs", reason: `${does}: ${failure}` }
    : { verdict: "fails", reason: `it differs in another way than differences/ says, which is that it ${does}: ${failure}` }
}
