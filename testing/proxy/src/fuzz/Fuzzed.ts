/** What is fuzzed: one of our own subjects in a process of its own, which must not end. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { OwnSubject } from "../Case.ts"
import type { OwnStage } from "../subjects/startOwn.ts"

export interface FuzzedOptions extends Pick<OwnStage, "upstream" | "auth" | "seconds"> {
  readonly name: OwnSubject
}

export interface Told {
  readonly port?: number
  readonly worstMillis?: number
  readonly resources?: Readonly<Record<string, number>>
  readonly heapBytes?: number
}

export interface Fuzzed {
  readonly port: number
  readonly ask: (what: "measure" | "worst" | "rest" | "count") => Promise<Told>
  /** Why it has ended; `undefined` while it runs. */
  readonly ended: () => string | undefined
  readonly end: () => Promise<void>
}

export const startFuzzed = async (options: FuzzedOptions): Promise<Fuzzed> => {
  const file = fileURLToPath(import.meta.resolve("./served.js"))
  const child: ChildProcess = fork(file, [JSON.stringify(options)], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "pipe", "ipc"]
  })
  let log = ""
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000)
  })
  const ended = () =>
    child.exitCode === null && child.signalCode === null ? undefined : `exit ${child.exitCode ?? child.signalCode}: ${log}`
  const waiting: Array<{ readonly resolve: (told: Told) => void; readonly reject: (error: Error) => void }> = []
  child.on("message", (told: Told) => waiting.shift()?.resolve(told))
  child.once("exit", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(ended()))
  })
  const next = (): Promise<Told> =>
    new Promise((resolve, reject) => {
      if (ended() === undefined) waiting.push({ resolve, reject })
      else reject(new Error(ended()))
    })
  const { port = 0 } = await next()
  return {
    port,
    ended,
    ask: async (what) => {
      if (ended() === undefined) child.send(what)
      return what === "measure" ? {} : next()
    },
    end: async () => {
      if (ended() !== undefined) return
      const exited = once(child, "exit")
      child.disconnect()
      await exited
    }
  }
}
