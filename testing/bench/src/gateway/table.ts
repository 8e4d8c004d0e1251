/** What was measured, as a table and as verdicts on the goals. Of several runs, each figure is the median. */
import { readFileSync, writeFileSync } from "node:fs"
import { median } from "../interleave.ts"
import { type Goal, goals, ratioOf } from "./goals.ts"
import { type Figures, kinds } from "./measure.ts"

type Run = Readonly<Record<string, Figures>>

/** Servers by the names that a reader knows. */
const titles: Readonly<Record<string, string>> = {
  gateway: "the gateway",
  plain: "the same proxy without authentication",
  "nginx, auth_request": "nginx, `auth_request` to a service that says 204",
  nginx: "nginx, without authentication",
  Caddy: "Caddy, without authentication",
  "oauth2-proxy": "oauth2-proxy, a bearer token"
}
const things = { small: "small GET", large: "1 MB", events: "event" } as const

const number = (value: number) => (Number.isNaN(value) ? "" : value.toLocaleString("en", { maximumSignificantDigits: 3 }))

/** `note`: what it was measured with. */
export const toTable = (runs: ReadonlyArray<Run>, note: string): string => {
  const rows = Object.keys(runs[0] ?? {}).map((name) => {
    const cells = kinds.map((kind) => number(median(runs.map((run) => median(run[name]?.[kind] ?? [])))))
    return `| ${[titles[name] ?? name, ...cells].join(" | ")} |`
  })
  return [
    `Seconds of the processor's time per 10,000 answers; medians of ${runs.length === 1 ? "one run" : `${runs.length} runs`}. ${note}`,
    "",
    `| | ${kinds.map((kind) => things[kind]).join(" | ")} |`,
    "|---|---|---|---|",
    ...rows
  ].join("\n")
}

export interface GoalResult {
  /** `undefined`: what it is measured against was not there. */
  readonly met: boolean | undefined
  readonly goal: string
  readonly measured: string
  readonly text: string
}

export const judge = (runs: ReadonlyArray<Run>): ReadonlyArray<GoalResult> => goals.map((goal) => judgeOne(runs, goal))

const judgeOne = (runs: ReadonlyArray<Run>, goal: Goal): GoalResult => {
  const wanted = `${things[goal.kind]} ≤ ${goal.atMost} × ${titles[goal.than]}`
  const each = runs.map((run) => ratioOf(run, goal)).filter((ratio) => ratio !== undefined)
  if (each.length === 0) return { met: undefined, goal: wanted, measured: "", text: wanted }
  const ratio = median(each)
  const measured = each.length === 1 ? number(ratio) : `${number(ratio)} (${each.map(number).join(", ")})`
  return { met: ratio <= goal.atMost, goal: wanted, measured, text: `${wanted}: ${measured}` }
}

/** Puts the table and the verdicts where the page has their place. */
export const writeTable = (page: string, table: string, verdicts: ReadonlyArray<GoalResult>): void => {
  const place = /(?<=<!-- gateway figures -->)[\s\S]*(?=<!-- \/gateway figures -->)/
  const text = readFileSync(page, "utf8")
  if (!place.test(text)) throw new Error(`${page} has no place for the gateway's figures`)
  const rows = verdicts.map(({ met, goal, measured }) => `| ${goal} | ${measured} | ${met === undefined ? "" : met ? "yes" : "**no**"} |`)
  const figures = [table, "", "| goal | measured, each run's in brackets | met |", "|---|---|---|", ...rows].join("\n")
  writeFileSync(
    page,
    text.replace(place, () => `\n${figures}\n`)
  )
}
