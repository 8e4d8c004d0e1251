/** One run, in a process of its own: told which builds and scenarios, it answers with each build's time and ratio to the first. */
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { interleave } from "../interleave.ts"
import { type Build, scenarios } from "./scenarios.ts"

export interface Task {
  readonly folders: ReadonlyArray<string>
  readonly only: ReadonlyArray<string>
  readonly rounds: number
  /** The first build is compared with, wherever it stands in the order. */
  readonly first: string
}

export interface Outcome {
  readonly scenario: string
  readonly folder: string
  readonly micros: number
  readonly ratio: number
}

const load = async (folder: string): Promise<Build> => {
  const module = (path: string) => import(pathToFileURL(resolve(folder, path)).href)
  return { core: await module("index.js"), adapter: await module("AdapterRuntime.js"), route: await module("answer/Route.js") }
}

const measure = async ({ folders, only, rounds, first }: Task): Promise<ReadonlyArray<Outcome>> => {
  const builds: Array<readonly [string, Build]> = []
  for (const folder of folders) builds.push([folder, await load(folder)])
  const outcomes: Array<Outcome> = []
  for (const [scenario, makeSubject] of Object.entries(scenarios)) {
    if (!only.includes(scenario)) continue
    const times = await interleave(Object.fromEntries(builds.map(([folder, build]) => [folder, makeSubject(build)])), rounds)
    for (const folder of folders) outcomes.push({ scenario, folder, micros: times.micros(folder), ratio: times.ratio(folder, first) })
  }
  return outcomes
}

process.once("message", (task: Task) => void measure(task).then((outcomes) => process.send?.(outcomes, () => process.exit())))
