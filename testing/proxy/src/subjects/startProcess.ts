/** Starts a subject's process in the foreground, as a child. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { setTimeout as wait } from "node:timers/promises"
import type { Place, Running } from "./Subject.ts"

const longestStartMillis = 60_000
const pollMillis = 20

export const startProcess = async (
  command: string,
  args: ReadonlyArray<string>,
  { address, routes }: Place,
  shutdownSignal: NodeJS.Signals,
  /** A line of its standard output that says that it has started. Default: it listens on every port. */
  readyLine?: string
): Promise<Running> => {
  // In a group of its own: nginx has workers, which are to end with it.
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true })
  let log = ""
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000)
  })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000)
  })
  const isReady = async () => {
    if (readyLine !== undefined) return output.includes(readyLine)
    for (const { port } of routes) if (!(await accepts(address, port))) return false
    return true
  }
  let failure: string | undefined
  child.once("error", (error) => {
    failure = error.message
  })
  const ended = () => failure ?? (isRunning(child) ? undefined : `exit ${child.exitCode ?? child.signalCode}: ${log.trim()}`)
  // Whatever becomes of the run, no subject outlives it.
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    } catch {
      // Nothing of it is left.
    }
  }
  process.once("exit", killGroup)
  const exited = once(child, "exit").catch(() => undefined)
  const kill = async () => {
    killGroup()
    process.off("exit", killGroup)
    if (ended() === undefined) await exited
  }
  const giveUpAt = performance.now() + longestStartMillis
  while (!(await isReady())) {
    const reason = ended() ?? (performance.now() > giveUpAt ? `it does not start: ${log}` : undefined)
    if (reason !== undefined) {
      await kill()
      throw new Error(`${command} ${args.join(" ")}: ${reason}`)
    }
    await wait(pollMillis)
  }
  const shutDown = async () => {
    child.kill(shutdownSignal)
    if (ended() === undefined) await exited
  }
  const untilEnded = async () => {
    await exited
    return ended() ?? ""
  }
  return { untilEnded, shutDown, kill }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

/** Whether a process listens on the port. */
export const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port })
    const done = (isListening: boolean) => {
      socket.destroy()
      resolve(isListening)
    }
    socket.once("connect", () => done(true)).once("error", () => done(false))
  })
