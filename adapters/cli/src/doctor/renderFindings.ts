/** Findings → lines for people. */
import { clean } from "../terminal/clean.ts"
import type { Paint } from "../terminal/Paint.ts"
import type { Finding, FindingStatus } from "./Finding.ts"

export const renderFindings = (findings: ReadonlyArray<Finding>, paint: Paint): string => {
  const styles: Readonly<Record<FindingStatus, (text: string) => string>> = {
    ok: paint.good,
    warning: paint.warn,
    failed: paint.bad,
    skipped: paint.dim
  }
  const lines = findings.flatMap(({ check, status, about, found, remedy }) => [
    `${styles[status]((status === "failed" ? "FAILED" : status).padEnd(7))}  ${check.padEnd(17)}  ${clean(about === undefined ? found : `${about}: ${found}`)}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(28)}What to do: ${clean(remedy)}`])
  ])
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length
  const [failed, warnings] = [count("failed"), count("warning")]
  const summary = `${findings.length} checks: ${failed} failed, ${warnings} ${warnings === 1 ? "warning" : "warnings"}.`
  return `${lines.join("\n")}\n\n${failed > 0 ? paint.bad(summary) : summary}\n`
}
