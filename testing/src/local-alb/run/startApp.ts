/** The app as a child process, with its own child processes. */
import { spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import type { Environment } from "./appEnvironment.ts"

export interface RunningApp {
  /** Its exit code, once it has ended; if a signal ended it, 128 plus the signal's number, as in a shell. */
  readonly exited: Promise<number>
  /** Ends the app and its child processes; kills those that have not ended after five seconds, or two after the command's own end. */
  readonly stop: () => Promise<void>
}

const patienceMillis = 5_000
const stragglerMillis = 2_000

/** Starts a command as a shell would: `npm run dev`. It shares this process's output. */
export const startApp = (command: string, environment: Environment): RunningApp => {
  // In a separate process group, which can be ended as a whole: npm and shells do not always pass a signal on.
  const child = spawn(command, {
    shell: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...environment },
    detached: process.platform !== "win32"
  })
  const exited = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127))
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0)))
  })
  /** Whether there was a process to receive it. */
  const kill = (signal: "SIGTERM" | "SIGKILL" | 0): boolean => {
    if (child.pid === undefined) return false
    try {
      if (process.platform !== "win32") return process.kill(-child.pid, signal)
      spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"])
    } catch {
      // The group has ended by itself.
    }
    return false
  }
  return {
    exited,
    stop: async () => {
      kill("SIGTERM")
      const timer = setTimeout(() => kill("SIGKILL"), patienceMillis)
      await exited
      clearTimeout(timer)
      // The shell may have ended before what it started.
      for (const end = Date.now() + stragglerMillis; kill(0) && Date.now() < end; ) await sleep(50)
      kill("SIGKILL")
    }
  }
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
