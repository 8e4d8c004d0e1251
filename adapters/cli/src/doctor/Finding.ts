/** The result of one check, and how it is printed. */
import { count } from "@cognito-auth/core/count"
import { clean, type Paint } from "../terminal.ts"

type FindingStatus = "ok" | "warning" | "failed" | "skipped"

export interface Finding {
  /** A stable name for scripts: `jwks.content`. */
  readonly check: string
  readonly status: FindingStatus
  /** What was checked, if there can be several: a URL. */
  readonly about?: string
  readonly found: string
  /** What to do. Absent if there is nothing to do. */
  readonly remedy?: string
}

/** Findings → lines for people. */
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
  const numberOf = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length
  const [failed, warnings] = [numberOf("failed"), numberOf("warning")]
  const summary = `${count(findings.length, "check")}: ${failed} failed, ${count(warnings, "warning")}.`
  return `${lines.join("\n")}\n\n${failed > 0 ? paint.bad(summary) : summary}\n`
}
