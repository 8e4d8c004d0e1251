/** Apps in processes of their own, and the load on each in turn: a second of each in every round. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import autocannon from "autocannon"
import { median } from "../interleave.ts"
import { trust } from "../ours.ts"
import { expectThat } from "../Scenario.ts"
import { type Session, toHeaders } from "../sessions.ts"
import { type AppKind, expectedBody } from "./server.ts"

export interface Load {
  readonly seconds: number
  readonly rounds: number
  /** How often every app is restarted: two processes of the same app differ by more than the measured difference. */
  readonly starts: number
  readonly connections: number
}

export interface Throughput {
  /** The median of requests in a second. */
  readonly perSecond: (kind: AppKind) => number
  /** The median over all rounds of the one's requests over the other's. */
  readonly ratio: (kind: AppKind, to: AppKind) => number
  /** The median of the processor's time that the app took for a request, in microseconds. */
  readonly cpuMicros: (kind: AppKind) => number
}

interface App {
  readonly process: ChildProcess
  readonly port: number
}

interface Figures {
  readonly perSecond: Array<number>
  readonly cpuMicros: Array<number>
}

const nameOf = ({ framework, guard }: AppKind) => `${framework}: ${guard}`

const startApp = async (kind: AppKind): Promise<App> => {
  const child = fork(fileURLToPath(new URL("./server.js", import.meta.url)), { env: { ...process.env, NODE_ENV: "production" } })
  child.send({ kind, trust })
  const [port] = (await once(child, "message")) as [number]
  return { process: child, port }
}

const cpuOf = async ({ process }: App): Promise<number> => {
  process.send("cpu")
  const [micros] = (await once(process, "message")) as [number]
  return micros
}

const fire = async (
  app: App,
  requests: ReadonlyArray<{ readonly headers: Record<string, string> }>,
  { seconds, connections }: Load,
  figures?: Figures
) => {
  const before = await cpuOf(app)
  const result = await autocannon({
    url: `http://127.0.0.1:${app.port}/`,
    connections,
    duration: seconds,
    requests: [...requests],
    verifyBody: (body) => body === expectedBody
  })
  const done = result["2xx"]
  expectThat(
    done > 0 && result.non2xx === 0 && result.errors === 0 && result.mismatches === 0,
    "an app did not answer every request as it should"
  )
  figures?.perSecond.push(done / result.duration)
  figures?.cpuMicros.push(((await cpuOf(app)) - before) / done)
}

/** Requests of the sessions to every app. Ends the run where one of them is answered with anything but the greeting. */
export const loadApps = async (kinds: ReadonlyArray<AppKind>, sessions: ReadonlyArray<Session>, load: Load): Promise<Throughput> => {
  const padded = sessions.map((session) => ({ headers: toHeaders(session) }))
  const unpadded = sessions.map(({ sub, unpadded, accessToken }) => ({ headers: toHeaders({ sub, data: unpadded, accessToken }) }))
  const figures = new Map<string, Figures>(kinds.map((kind) => [nameOf(kind), { perSecond: [], cpuMicros: [] }]))
  for (let start = 0; start < load.starts; start++) {
    const apps = new Map<AppKind, App>()
    try {
      for (const kind of kinds) apps.set(kind, await startApp(kind))
      for (let round = 0; round <= load.rounds; round++) {
        for (const kind of (round + start) % 2 === 0 ? kinds : kinds.toReversed()) {
          const app = apps.get(kind)
          const requests = kind.guard === "@fastify/jwt" ? unpadded : padded
          // The first round is the compiler's.
          if (app !== undefined) await fire(app, requests, load, round > 0 ? figures.get(nameOf(kind)) : undefined)
        }
      }
    } finally {
      for (const app of apps.values()) app.process.kill()
    }
  }
  const of = (kind: AppKind) => figures.get(nameOf(kind))?.perSecond ?? []
  return {
    perSecond: (kind) => median(of(kind)),
    ratio: (kind, to) => median(of(kind).map((perSecond, round) => perSecond / (of(to)[round] ?? Number.NaN))),
    cpuMicros: (kind) => median(figures.get(nameOf(kind))?.cpuMicros ?? [])
  }
}
