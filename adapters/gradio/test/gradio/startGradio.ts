/** A real Gradio as a process, and the log of what reached it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { fileURLToPath } from "node:url"

export interface Gradio {
  readonly url: string
  /** The requests that have reached it: `GET /config`. */
  readonly accessLog: () => ReadonlyArray<string>
  readonly pid: number
  /** Kills it. */
  readonly close: () => Promise<void>
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  await once(server.close(), "close")
  return port
}

const patienceMillis = 90_000

/** Starts one of the example's apps: `mounted` is both of them in one FastAPI app, the other one under `/admin`. */
export const startGradio = async (which: "public" | "admin" | "mounted", port?: number): Promise<Gradio> => {
  const python = process.env["GRADIO_PYTHON"]
  if (python === undefined) throw new Error("GRADIO_PYTHON does not say where Gradio is: run npm run test:gradio.")
  const at = port ?? (await freePort())
  const child = spawn(python, [fileURLToPath(new URL("serve.py", import.meta.url)), which, String(at)], {
    env: { ...process.env, GRADIO_ANALYTICS_ENABLED: "False", HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"]
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
    child.kill("SIGKILL")
    await exit
  }
  const url = `http://127.0.0.1:${at}`
  // What the test itself asks, until there is an answer, and what launch() asks of itself, is no request that was let through.
  const before = Date.now()
  while (
    !(await fetch(`${url}/config`).then(
      (answer) => answer.ok,
      () => false
    ))
  ) {
    if (ended || Date.now() - before > patienceMillis) {
      await close()
      throw new Error(`Gradio does not start:\n${printed}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const all = () =>
    printed
      .split("\n")
      .filter((line) => line.startsWith("ACCESS "))
      .map((line) => line.slice("ACCESS ".length))
  // launch() makes sure that it is reachable, a moment after it is.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const own = all().length
  return { url, accessLog: () => all().slice(own), pid: child.pid ?? 0, close }
}
