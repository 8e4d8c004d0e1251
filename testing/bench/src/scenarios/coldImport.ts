/** What an adapter costs at start-up, beside `effect/Effect` alone: each import in a fresh process. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { median } from "../interleave.ts"
import { expectThat, type Scenario } from "../Scenario.ts"

const adapters = ["@cognito-auth/node", "@cognito-auth/express", "@cognito-auth/fastify", "@cognito-auth/lambda"]
const peers = ["aws-jwt-verify", "fast-jwt", "jose"]
const limit = "effect/Effect"

const run = promisify(execFile)

/** Milliseconds, as the new process measures them itself: its own start-up does not count. */
const importOnce = async (name: string): Promise<number> => {
  const script = `const start = performance.now(); const all = await import(${JSON.stringify(name)}); console.log(performance.now() - start, Object.keys(all).length)`
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: import.meta.dirname })
  const [millis, names] = stdout.trim().split(" ").map(Number)
  expectThat(millis !== undefined && millis > 0 && names !== undefined && names > 0, `${name} exports nothing`)
  return millis
}

const measure: Scenario["measure"] = async ({ imports }) => {
  const names = [limit, ...adapters, ...peers]
  const millis = new Map<string, Array<number>>(names.map((name) => [name, []]))
  for (let round = 0; round <= imports; round++) {
    for (const name of names) {
      const once = await importOnce(name)
      // The first reads from the disk.
      if (round > 0) millis.get(name)?.push(once)
    }
  }
  const of = (name: string) => millis.get(name) ?? []
  const ratio = (name: string, to: string) => median(of(name).map((once, round) => once / (of(to)[round] ?? Number.NaN)))
  return adapters.map((name) => ({
    name: `import ${name}`,
    unit: "ms",
    ours: median(of(name)),
    peers: Object.fromEntries(peers.map((peer) => [peer, median(of(peer))])),
    limit: median(of(limit)),
    limitIs: "import effect/Effect",
    ratioToLimit: ratio(name, limit),
    ratioToBestPeer: Math.max(...peers.map((peer) => ratio(name, peer))),
    goal: "≤ 2 × the limit",
    met: ratio(name, limit) <= 2
  }))
}

export const coldImport: Scenario = { name: "import", measure }
