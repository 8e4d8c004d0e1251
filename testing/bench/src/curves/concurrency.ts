/** Throughput against connections. */
import { loadApps } from "../http/load.ts"
import type { AppKind } from "../http/server.ts"
import type { CurveScenario } from "../Scenario.ts"
import { makeSessions } from "../sessions.ts"
import { addPoint, type Lines } from "./addPoint.ts"

const guards: Readonly<Record<string, AppKind["guard"]>> = {
  "no authentication": "none",
  "cognito-auth, seen tokens": "ours",
  "cognito-auth, new tokens": "ours, no cache",
  "aws-jwt-verify": "aws-jwt-verify"
}

export const concurrency: CurveScenario = {
  name: "curve: concurrency",
  draw: async ({ httpSeconds, httpRounds, httpStarts }) => {
    const sessions = await makeSessions(100)
    const lines: Lines = {}
    for (const connections of [1, 4, 16, 64]) {
      const kinds = Object.entries(guards).map(([name, guard]) => [name, { framework: "fastify", guard }] as const)
      const load = { seconds: httpSeconds, rounds: httpRounds, starts: Math.ceil(httpStarts / 4), connections }
      const throughput = await loadApps(
        kinds.map(([, kind]) => kind),
        sessions,
        load
      )
      for (const [name, kind] of kinds) addPoint(lines, name, connections, throughput.perSecond(kind))
    }
    return {
      name: "concurrency",
      title: "Fastify: requests per second against connections",
      x: "connections",
      y: "requests per second",
      lines
    }
  }
}
