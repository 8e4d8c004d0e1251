/** What distinct sessions, and floods of garbage, leave in memory: in processes of their own. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { MemoryStep } from "../memory.ts"
import { type CurveScenario, expectThat, type Scale, type Scenario } from "../Scenario.ts"

const run = promisify(execFile)

/** The bound by default. */
const boundMebibytes = 64

type Steps = ReadonlyArray<MemoryStep>

const stepsOf = async (subject: string, sessions: number): Promise<Steps> => {
  const script = fileURLToPath(new URL("../memory.js", import.meta.url))
  const { stdout } = await run(process.execPath, ["--expose-gc", script, subject, String(sessions)])
  const steps = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as MemoryStep)
  expectThat(steps.at(-1)?.sessions === sessions, "not every session came")
  return steps
}

/** The scenario and the curve show the same run. */
const runs = new Map<number, Promise<Readonly<Record<"ours" | "fast-jwt" | "garbage", Steps>>>>()
const runOf = ({ distinctSessions }: Scale) => {
  const known = runs.get(distinctSessions)
  if (known !== undefined) return known
  const started = (async () => {
    const [ours, fastJwt] = await Promise.all([stepsOf("ours", distinctSessions), stepsOf("fast-jwt", Math.min(distinctSessions, 100_000))])
    return { ours, "fast-jwt": fastJwt, garbage: await stepsOf("garbage", distinctSessions * 10) }
  })()
  runs.set(distinctSessions, started)
  return started
}

const regularAt = (steps: Steps, step: number) => steps.at(step)?.regularMicros ?? Number.NaN
const most = (steps: Steps) => Math.max(...steps.map(({ mebibytes }) => mebibytes))

const measure: Scenario["measure"] = async (scale) => {
  const { ours, "fast-jwt": fastJwt, garbage } = await runOf(scale)
  const row = { unit: "MiB", limit: boundMebibytes, limitIs: "the cache of 64 MiB", goal: "under the cache's byte bound" } as const
  return [
    {
      ...row,
      name: `memory after ${scale.distinctSessions.toLocaleString("en")} distinct sessions`,
      ours: most(ours),
      peers: { "fast-jwt, a cache of 20,000": most(fastJwt) },
      ratioToLimit: most(ours) / boundMebibytes,
      ratioToBestPeer: most(ours) / most(fastJwt),
      met: most(ours) <= boundMebibytes,
      details: { "µs per request of 100 who keep coming, at first": regularAt(ours, 0), "and at last": regularAt(ours, -1) }
    },
    {
      ...row,
      name: `memory after ${(scale.distinctSessions * 10).toLocaleString("en")} garbage tokens`,
      ours: most(garbage),
      peers: {},
      ratioToLimit: most(garbage) / boundMebibytes,
      ratioToBestPeer: undefined,
      met: most(garbage) <= boundMebibytes,
      details: { "µs per request of 100 who keep coming, at first": regularAt(garbage, 0), "and at last": regularAt(garbage, -1) }
    }
  ]
}

export const memory: Scenario = { name: "memory", measure }

const line = (steps: Steps) => steps.map(({ sessions, mebibytes }) => [sessions, Math.max(0, mebibytes)] as const)

export const memoryCurve: CurveScenario = {
  name: "memory",
  draw: async (scale) => {
    const { ours, "fast-jwt": fastJwt } = await runOf(scale)
    const last = ours.at(-1)?.sessions ?? 0
    return {
      name: "memory",
      title: "Memory against distinct sessions",
      x: "distinct sessions seen",
      y: "MiB kept",
      lines: {
        "cognito-auth": line(ours),
        "fast-jwt, a cache of 20,000": line(fastJwt),
        "the bound": [
          [ours[0]?.sessions ?? 1, boundMebibytes],
          [last, boundMebibytes]
        ]
      }
    }
  }
}
