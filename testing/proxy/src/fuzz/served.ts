/** node served.js: one of our own subjects, which counts what it holds, and how long a turn of its event loop takes. It is told what to do by messages. */

import { startOwn } from "../subjects/startOwn.ts"
import type { FuzzedOptions, Told } from "./Fuzzed.ts"

const [, , json = ""] = process.argv
const { name, upstream, auth, seconds }: FuzzedOptions = JSON.parse(json)
const { port } = await startOwn[name]({ host: "127.0.0.1", port: 0, upstream, seconds, auth })

/** What keeps the process alive, by kind: sockets, timers. Pipes are how it is told what to do. */
const resources = (): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo().filter((each) => each !== "PipeWrap")) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

let worstMillis = 0
let measures = false
let last = process.cpuUsage()
// Processor time, not the clock's: other work on the machine does not count.
const turn = () => {
  const { user, system } = process.cpuUsage(last)
  last = process.cpuUsage()
  if (!measures) return
  worstMillis = Math.max(worstMillis, (user + system) / 1_000)
  setImmediate(turn)
}

const tell = (told: Told) => process.send?.(told)
process.on("message", (what: "measure" | "worst" | "rest" | "count") => {
  if (what === "measure") {
    measures = true
    turn()
  } else if (what === "worst") {
    tell({ worstMillis })
    worstMillis = 0
  } else if (what === "rest") {
    measures = false
    tell({})
  } else {
    globalThis.gc?.()
    tell({ resources: resources(), heapBytes: process.memoryUsage().heapUsed })
  }
})
process.once("disconnect", () => process.exit(0))
tell({ port })
