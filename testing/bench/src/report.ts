/**
 * npm run bench:report -- docs run.json…: the curves and the table of docs/performance.md, from what `npm run bench -- --json`
 * has measured. Of several runs, each figure is the median of those that have it; a curve is the first one's.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { median } from "./interleave.ts"
import type { Curve, Measurement } from "./Scenario.ts"
import { toSvg } from "./svg.ts"

interface Run {
  readonly machine: { readonly node: string; readonly cpus: number; readonly model: string }
  readonly scenarios: ReadonlyArray<Measurement>
  readonly curves: ReadonlyArray<Curve>
}

const [folder, ...paths] = process.argv.slice(2)
if (folder === undefined || paths.length === 0) {
  console.error("Usage: npm run bench:report -- docs run.json…")
  process.exit(2)
}
const runs = paths.map((path) => JSON.parse(readFileSync(path, "utf8")) as Run)
const [first] = runs
if (first === undefined) throw new Error("no run was given")

mkdirSync(join(folder, "performance"), { recursive: true })
const byName = <A extends { readonly name: string }>(all: ReadonlyArray<A>) => new Map([...all].reverse().map((each) => [each.name, each]))
for (const curve of byName(runs.flatMap(({ curves }) => curves)).values())
  writeFileSync(join(folder, "performance", `${curve.name}.svg`), toSvg(curve))

const number = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 3 })
const names = [...new Set(runs.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)))]
const rows = names.map((name) => {
  const same = runs.flatMap(({ scenarios }) => scenarios.filter((scenario) => scenario.name === name))
  const { unit, limitIs, goal } = same[0] as Measurement
  const of = (pick: (measurement: Measurement) => number) => median(same.map(pick))
  const ratios = same.map(({ ratioToLimit }) => number(ratioToLimit)).join(", ")
  const peers = Object.keys(same[0]?.peers ?? {}).map((peer) => `${peer} ${number(of(({ peers }) => peers[peer] ?? Number.NaN))}`)
  const isMet = same.filter(({ met }) => met).length * 2 > same.length
  const cells = [
    name,
    goal,
    `${number(of(({ ratioToLimit }) => ratioToLimit))} × ${limitIs} (${ratios})`,
    isMet ? "yes" : "**no**",
    `${number(of(({ ours }) => ours))} ${unit}`,
    peers.join("; ")
  ]
  return `| ${cells.join(" | ")} |`
})
const { node, cpus } = first.machine
const table = [
  `Medians, with each run's ratio in brackets. Node ${node}, ${cpus} processors.`,
  "",
  "| scenario | goal | measured | met | ours | others |",
  "|---|---|---|---|---|---|",
  ...rows
].join("\n")

const page = join(folder, "performance.md")
const figures = /(?<=<!-- figures -->)[\s\S]*(?=<!-- \/figures -->)/
const text = readFileSync(page, "utf8")
if (!figures.test(text)) throw new Error(`${page} has no place for figures`)
writeFileSync(
  page,
  text.replace(figures, () => `\n${table}\n`)
)
console.log(table)
