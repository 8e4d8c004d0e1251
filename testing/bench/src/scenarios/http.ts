/** Whole apps over HTTP: the same app without authentication, with ours, and with what others would put there. */
import { loadApps } from "../http/load.ts"
import type { AppKind } from "../http/server.ts"
import type { Measurement, Scale, Scenario } from "../Scenario.ts"
import { makeSessions } from "../sessions.ts"

/** Signed-in users whose requests come again and again. */
const users = 100
const connections = 50

interface Comparison {
  readonly framework: AppKind["framework"]
  readonly ours: AppKind["guard"]
  /** Another form of ours, to be told of beside it. */
  readonly variant?: AppKind["guard"]
  readonly peers: ReadonlyArray<AppKind["guard"]>
  /** The share of the bare app's throughput that must be left. */
  readonly goal: number | undefined
}

const comparisons: ReadonlyArray<Comparison> = [
  { framework: "fastify", ours: "ours", peers: ["aws-jwt-verify", "@fastify/jwt"], goal: 0.9 },
  { framework: "express", ours: "ours, whole app", variant: "ours", peers: ["aws-jwt-verify"], goal: 0.95 },
  { framework: "node", ours: "ours", peers: ["aws-jwt-verify"], goal: undefined }
]

const measureOne = async (
  { framework, ours: guard, variant, peers, goal }: Comparison,
  { httpSeconds, httpRounds, httpStarts }: Scale
): Promise<Measurement> => {
  const kind = (guard: AppKind["guard"]): AppKind => ({ framework, guard })
  const [bare, empty, ours] = [kind("none"), kind("empty"), kind(guard)]
  const others = peers.map(kind)
  const variants = variant === undefined ? [] : [kind(variant)]
  const load = { seconds: httpSeconds, rounds: httpRounds, starts: httpStarts, connections }
  const throughput = await loadApps([bare, empty, ours, ...variants, ...others], await makeSessions(users), load)
  const ratio = throughput.ratio(ours, bare)
  return {
    name: `${framework}, warm, over HTTP`,
    unit: "req/s",
    ours: throughput.perSecond(ours),
    peers: Object.fromEntries(others.map((other) => [other.guard, throughput.perSecond(other)])),
    limit: throughput.perSecond(bare),
    limitIs: "the same app without authentication",
    ratioToLimit: ratio,
    ratioToBestPeer: Math.min(...others.map((other) => throughput.ratio(ours, other))),
    goal: goal === undefined ? "none was set" : `≥ ${goal.toFixed(2)} × the limit`,
    met: goal === undefined || ratio >= goal,
    details: {
      "a guard that does nothing, of the limit": throughput.ratio(empty, bare),
      ...Object.fromEntries(variants.map((each) => ["ours as middleware, of the limit", throughput.ratio(each, bare)])),
      "CPU µs per request, without authentication": throughput.cpuMicros(bare),
      "CPU µs per request, ours": throughput.cpuMicros(ours)
    }
  }
}

export const http: Scenario = {
  name: "http",
  measure: async (scale) => {
    const measurements: Array<Measurement> = []
    for (const comparison of comparisons) measurements.push(await measureOne(comparison, scale))
    return measurements
  }
}
