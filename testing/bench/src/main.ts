/**
 * npm run bench -- [--quick | --full] [--json] [--only name]… [--no-curves]
 *
 * Runs every scenario of the goal table, ours and the peers' in turn, and prints a table, or one JSON object. `--quick`
 * takes under two minutes, and draws no curves; `--full` sends a million distinct sessions through the memory.
 */
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { concurrency } from "./curves/concurrency.ts"
import { signatures } from "./curves/signatures.ts"
import { groups, rules, tokenSize } from "./curves/sizes.ts"
import type { Curve, CurveScenario, Measurement, Scale, Scenario } from "./Scenario.ts"
import { coldImport } from "./scenarios/coldImport.ts"
import { fetches } from "./scenarios/fetches.ts"
import { http } from "./scenarios/http.ts"
import { memory, memoryCurve } from "./scenarios/memory.ts"
import { policySize } from "./scenarios/policySize.ts"
import { refused } from "./scenarios/refused.ts"
import { tokens } from "./scenarios/tokens.ts"

const scenarios: ReadonlyArray<Scenario> = [tokens, http, refused, fetches, policySize, coldImport, memory]
const curves: ReadonlyArray<CurveScenario> = [tokenSize, groups, rules, signatures, concurrency, memoryCurve]

const scales = {
  quick: { rounds: 60, sessions: 400, batch: 40, httpSeconds: 1, httpRounds: 2, httpStarts: 1, imports: 5, distinctSessions: 2_000 },
  usual: { rounds: 250, sessions: 1_000, batch: 40, httpSeconds: 1, httpRounds: 3, httpStarts: 5, imports: 15, distinctSessions: 50_000 },
  full: { rounds: 500, sessions: 1_000, batch: 40, httpSeconds: 1, httpRounds: 4, httpStarts: 8, imports: 25, distinctSessions: 1_000_000 }
} satisfies Record<string, Scale>

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    curves: { type: "boolean", default: true },
    only: { type: "string", multiple: true, default: [] }
  },
  allowNegative: true
})
const scale = values.quick ? scales.quick : values.full ? scales.full : scales.usual
const names = [...new Set([...scenarios, ...curves].map(({ name }) => name))]
for (const name of values.only) {
  if (!names.includes(name)) {
    console.error(`There is no scenario ${name}: expected one of ${names.join(", ")}.`)
    process.exit(2)
  }
}
const isWanted = ({ name }: { readonly name: string }) => values.only.length === 0 || values.only.includes(name)

const measurements: Array<Measurement> = []
const drawn: Array<Curve> = []
for (const scenario of scenarios.filter(isWanted)) measurements.push(...(await scenario.measure(scale)))
const wantsCurves = values.curves && !(values.quick && values.only.length === 0)
if (wantsCurves) for (const curve of curves.filter(isWanted)) drawn.push(await curve.draw(scale))

const round = (value: number) => Number(value.toPrecision(4))
const number = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 3 })

if (values.json) {
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model ?? "unknown" }
  const rounded = (_name: string, value: unknown) => (typeof value === "number" ? round(value) : value)
  console.log(JSON.stringify({ machine, scale, scenarios: measurements, curves: drawn }, rounded, 2))
} else {
  for (const { name, unit, ours, peers, limit, limitIs, ratioToLimit, goal, met, details = {} } of measurements) {
    console.log(
      `${met ? "met    " : "NOT MET"} ${name}: ${number(ours)} ${unit}; ${number(ratioToLimit)} × ${limitIs} (${number(limit)}); goal ${goal}`
    )
    for (const [peer, value] of Object.entries(peers)) console.log(`          ${peer}: ${number(value)} ${unit}`)
    for (const [detail, value] of Object.entries(details)) console.log(`          ${detail}: ${number(value)}`)
  }
  for (const { title, lines } of drawn) {
    console.log(title)
    for (const [name, points] of Object.entries(lines))
      console.log(`          ${name}: ${points.map(([x, y]) => `${number(x)} → ${number(y)}`).join(", ")}`)
  }
}
