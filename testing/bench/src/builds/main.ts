/**
 * npm run bench:builds -- [--runs n] [--rounds n] [--only scenario]… build other…
 *
 * Compares builds of core, each given by the folder of its `dist`: batches of each in turn, in processor time. Of each run,
 * which is a process of its own, the median of the ratios to the first build; and the median of all runs. A build finds
 * `effect` if its folder is within this repository:
 *
 *     cp -r core/dist node_modules/.builds/before
 *     npm run bench:builds -- node_modules/.builds/before core/dist
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { median } from "../interleave.ts"
import type { Outcome, Task } from "./measure.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    rounds: { type: "string", default: "200" },
    only: { type: "string", multiple: true, default: ["cold", "resigned", "warm", "adapter", "unsigned", "garbage", "foreign"] }
  }
})
const [first, ...others] = positionals
if (first === undefined || others.length === 0) {
  console.error("Expected two folders or more, each with a build of core.")
  process.exit(2)
}

const outcomes: Array<Outcome> = []
for (let run = 0; run < Number(values.runs); run++) {
  // What is loaded first is at an advantage, or the opposite.
  const turn = run % positionals.length
  const folders = [...positionals.slice(turn), ...positionals.slice(0, turn)]
  const task: Task = { folders, only: values.only, rounds: Number(values.rounds), first }
  const child = fork(fileURLToPath(new URL("./measure.js", import.meta.url)))
  child.send(task)
  const [measured] = (await once(child, "message")) as [ReadonlyArray<Outcome>]
  outcomes.push(...measured)
}

const number = (value: number) => value.toLocaleString("en", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })
const ratio = (value: number) => value.toFixed(3)
for (const scenario of values.only) {
  for (const folder of positionals) {
    const all = outcomes.filter((outcome) => outcome.scenario === scenario && outcome.folder === folder)
    const ratios = all.map((outcome) => outcome.ratio)
    console.log(
      `${scenario.padEnd(10)}${basename(folder).padEnd(16)}${number(median(all.map(({ micros }) => micros)))} µs  × ${ratio(median(ratios))} (${ratios.map(ratio).join(", ")})`
    )
  }
}
