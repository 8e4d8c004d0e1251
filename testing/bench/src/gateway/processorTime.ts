/** The processor's time of a process and of those that it has started, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs"

/** Seconds in user and in kernel mode, all threads together. */
export const processorSeconds = (pid: number): number => {
  const threads = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`)
  // Documentation/scheduler/sched-stats.rst: the first field is the time spent on the processor, in nanoseconds.
  const own = threads.reduce((sum, thread) => sum + Number(readFileSync(`${thread}/schedstat`, "utf8").split(" ")[0]) / 1e9, 0)
  const children = threads.flatMap((thread) => readFileSync(`${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number))
  return children.reduce((sum, child) => sum + processorSeconds(child), own)
}
