/**
 * A server of another language as a process: started, waited for, and killed with all that it has started.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { once } from "node:events"

export interface RunningProcess {
  /** What it has printed so far. */
  readonly printed: () => string
  readonly hasEnded: () => boolean
  /** Resolves once it has printed this. Rejects, and kills it, where it ends before or does not print it in time. */
  readonly untilPrinted: (pattern: RegExp) => Promise<void>
  /** Kills it and the processes that it started. */
  readonly close: () => Promise<void>
}

export interface ProcessOptions {
  readonly cwd?: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The longest wait for a start, on a machine of any load. */
export const patienceMillis = 90_000

export const startProcess = (command: string, args: ReadonlyArray<string>, options: ProcessOptions): RunningProcess => {
  // A process group of its own: gunicorn's workers would outlive a master that is killed.
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: true })
  let printed = ""
  let hasEnded = false
  let look = (): void => undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text
      look()
    })
  }
  const kill = (): void => {
    if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
  }
  // A worker that ends in the middle of a test leaves nothing behind.
  process.once("exit", kill)
  const exit = once(child, "exit").then(
    () => undefined,
    (cause: Error) => {
      printed += cause.message
    }
  )
  const ended = exit.then(() => {
    hasEnded = true
    process.off("exit", kill)
    look()
  })
  const close = async () => {
    kill()
    await ended
  }
  return {
    printed: () => printed,
    hasEnded: () => hasEnded,
    untilPrinted: async (pattern) => {
      let timer: NodeJS.Timeout | undefined
      const isPrinted = await new Promise<boolean>((resolve) => {
        timer = setTimeout(resolve, patienceMillis, false)
        look = () => (pattern.test(printed) ? resolve(true) : hasEnded && resolve(false))
        look()
      })
      clearTimeout(timer)
      look = () => undefined
      if (isPrinted) return
      await close()
      throw new Error(`${[command, ...args].join(" ")} does not start:\n${printed}`)
    },
    close
  }
}
