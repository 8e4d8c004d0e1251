/** Starts `npm start`'s own process, and waits for what it prints. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("../dist/start.js", import.meta.url))

export interface Demo {
  readonly process: ChildProcess
  readonly printed: { stdout: string; stderr: string }
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
  readonly stop: () => Promise<number | null>
}

export const startDemo = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Demo => {
  const { PATH = "" } = process.env
  const child = spawn(process.execPath, [script, ...args], { env: { PATH, ...env } })
  const printed = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text
    })
  }
  const ended = once(child, "close").then(([code]) => code as number | null)
  return {
    process: child,
    printed,
    ended,
    stop: () => {
      child.kill("SIGTERM")
      return ended
    }
  }
}

/** The page that the demo says to open, once it says so. */
export const pageOf = async (demo: Demo): Promise<string> => {
  for (;;) {
    const url = /^Open (\S+) and /m.exec(demo.printed.stdout)?.[1]
    if (url !== undefined) return url
    await Promise.race([once(demo.process.stdout ?? demo.process, "data"), demo.ended.then(throwEnded(demo))])
  }
}

const throwEnded = (demo: Demo) => (code: number | null) => {
  throw new Error(`The demo has ended with ${code}: ${demo.printed.stderr}`)
}
