/** An app of docs/examples/python as a process. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { freePort } from "../../../../testing/test/freePort.ts"

export interface PythonApp {
  readonly url: string
  /** What it has printed so far. */
  readonly printed: () => string
  /** Kills it and the processes that it started. */
  readonly close: () => Promise<void>
}

const patienceMillis = 90_000

/** Starts Python with the arguments for a port, in the examples' folder. Resolves when the path answers 200. */
export const startPython = async (args: (port: string) => ReadonlyArray<string>, path: string, port?: number): Promise<PythonApp> => {
  const python = process.env["APPS_PYTHON"]
  if (python === undefined) throw new Error("APPS_PYTHON does not say where the apps are installed: run npm run test:apps.")
  const at = port ?? (await freePort())
  const child = spawn(python, args(String(at)), {
    cwd: fileURLToPath(new URL("../../../../docs/examples/python", import.meta.url)),
    env: { ...process.env, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own: gunicorn's workers would outlive a master that is killed.
    detached: true
  })
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text
    })
  }
  let ended = false
  const exit = once(child, "exit").then(() => {
    ended = true
  })
  const close = async () => {
    if (!ended && child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    await exit
  }
  const url = `http://127.0.0.1:${at}`
  const isUp = () =>
    fetch(url + path).then(
      (answer) => answer.ok,
      () => false
    )
  const before = Date.now()
  while (!(await isUp())) {
    if (ended || Date.now() - before > patienceMillis) {
      await close()
      throw new Error(`${args(String(at)).join(" ")} does not start:\n${printed}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return { url, printed: () => printed, close }
}
