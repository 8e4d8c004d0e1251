/**
 * One process through which distinct sessions pass: how much memory they leave behind. Run with --expose-gc by the
 * scenario; writes a line of JSON for each step.
 */
import { createHash } from "node:crypto"
import { CognitoAuth } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { median } from "./interleave.ts"
import { trust } from "./ours.ts"
import { makeFastJwt, toOptions } from "./peers.ts"
import { expectThat } from "./Scenario.ts"
import { forge, fresh, toHeaders } from "./sessions.ts"

/** What has been kept, once so many have come. */
export interface MemoryStep {
  readonly sessions: number
  readonly mebibytes: number
  /** The median time of a request of those who come again and again meanwhile, in microseconds. */
  readonly regularMicros: number
}

const [subject = "ours", total = "1000"] = process.argv.slice(2)
const steps = [0.001, 0.003, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].map((share) => Math.round(Number(total) * share))

const used = (): number => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

const route = makeRoute()
const auth = CognitoAuth.make(toOptions(trust))
// As many entries as ours has by default.
const fastJwt = makeFastJwt(trust, 20_000)

const visit: Record<string, () => Promise<void>> = {
  ours: async () => {
    const sub = crypto.randomUUID()
    const { data, accessToken } = await forge.tokens({ sub, groups: ["staff", "developers"] })
    const decision = auth.decideNow({ method: "GET", target: "/", headers: toHeaders({ sub, data, accessToken }) }, route, Date.now())
    expectThat("user" in decision && decision.user?.sub === sub, "a session was not admitted")
  },
  "fast-jwt": async () => {
    const sub = crypto.randomUUID()
    const { data, accessToken } = await forge.tokens({ sub, groups: ["staff", "developers"], alb: { padding: false } })
    expectThat(fastJwt(fresh(data), fresh(accessToken)) === sub, "a session was not admitted")
  },
  garbage: async () => {
    const sub = crypto.randomUUID()
    const text = createHash("sha512").update(sub).digest("base64url")
    const headers = toHeaders({ sub, data: `${text}.${text}.${text}`, accessToken: `${text}.${text}.${text}` })
    const decision = auth.decideNow({ method: "GET", target: "/", headers }, route, Date.now())
    expectThat("error" in decision && decision.error._tag === "TokenMalformed", "garbage was not refused")
  }
}

/** Who keeps coming while the others come once. */
const regulars = await Promise.all(
  Array.from({ length: 100 }, async () => {
    const sub = crypto.randomUUID()
    return { sub, ...(await forge.tokens({ sub, groups: ["staff", "developers"] })) }
  })
)
const visitRegulars = (): number => {
  const requests = regulars.map((session) => ({ ...session, headers: toHeaders(session) }))
  const start = performance.now()
  for (const { sub, headers } of requests) {
    const decision = auth.decideNow({ method: "GET", target: "/", headers }, route, Date.now())
    expectThat("user" in decision && decision.user?.sub === sub, "a regular was not admitted")
  }
  return ((performance.now() - start) * 1000) / regulars.length
}
const betweenVisits = 200

const once = visit[subject]
expectThat(once !== undefined && globalThis.gc !== undefined, "there is no such subject, or no --expose-gc")
for (let warm = 0; warm < 50; warm++) {
  await once()
  visitRegulars()
}
const before = used()
let sessions = 0
for (const step of steps) {
  const times = [visitRegulars()]
  while (sessions < step) {
    await once()
    sessions++
    if (sessions % betweenVisits === 0) times.push(visitRegulars())
  }
  const line: MemoryStep = { sessions, mebibytes: used() - before, regularMicros: median(times) }
  console.log(JSON.stringify(line))
}
