/** What is measured, each a process, or several, on loopback: ours, and the upstream of all. What others use is in others.ts. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { forge } from "../sessions.ts"
import type { Emit, Role } from "./node.ts"

export interface ProxyServer {
  readonly pid: number
  readonly port: number
  readonly isCompiledAsItRuns?: true
  /** It verifies the load balancer's headers: to the others they go under other names, so that they forward the same bytes. */
  readonly verifies?: boolean
  /** Who its requests are from, to one that asks. */
  readonly knows?: string
  /** Header lines that its requests have beside a browser's. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Upstream {
  readonly origin: string
  readonly emit: (emit: Emit) => void
}

const endings: Array<() => void> = []
export const atTheEnd = (end: () => void): void => void endings.push(end)
/** Ends every process that was started here, each by its id, and removes what they wrote. */
export const endAll = (): void => {
  for (const end of endings.splice(0).reverse()) end()
}

export const keep = (child: ChildProcess): ChildProcess => {
  atTheEnd(() => void child.kill())
  return child
}

/** One of the benchmark's own processes. `profile`: a folder for the profiles of the processor's time. */
const startOwn = async (task: Role, profile?: string): Promise<{ readonly child: ChildProcess; readonly port: number }> => {
  const execArgv = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${task.role}.cpuprofile`]
  const child = keep(
    fork(fileURLToPath(new URL("./node.js", import.meta.url)), { execArgv, env: { ...process.env, NODE_ENV: "production" } })
  )
  child.send(task)
  const [port] = (await once(child, "message")) as [number]
  return { child, port }
}

export const startUpstream = async (): Promise<Upstream> => {
  const { child, port } = await startOwn({ role: "upstream" })
  return { origin: `http://127.0.0.1:${port}`, emit: (emit) => void child.send(emit) }
}

/** Ours, with the forge's keys given, so that nothing is fetched. */
export const startOurs = async (role: "gateway" | "plain", upstream: string, profile?: string): Promise<ProxyServer> => {
  const { policy, environment, ...options } = forge.settings().options
  const { child, port } = await startOwn({ role, upstream, options: { ...options, environment: {}, keys: forge.givenKeys() } }, profile)
  return { pid: child.pid ?? 0, port, isCompiledAsItRuns: true, verifies: role === "gateway" }
}
