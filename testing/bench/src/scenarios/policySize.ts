/** A policy that names many users, beside one that names a few. */
import { Policy } from "@cognito-auth/core"
import { interleave } from "../interleave.ts"
import { makeOurs } from "../ours.ts"
import type { Scale, Scenario } from "../Scenario.ts"
import { makeSessions, toHeaders } from "../sessions.ts"
import { overHeaders } from "./tokens.ts"

const many = 100_000
const few = 10

const measure: Scenario["measure"] = async ({ batch, rounds }: Scale) => {
  const sessions = (await makeSessions(batch)).map((session, index) => ({ ...session, index }))
  const withUsers = (count: number) => {
    // Both name everybody who comes; they differ in how many others they name.
    const others = Array.from({ length: count }, (_, index) => `other${index}@example.com`)
    const allowedUsers = [...others, ...sessions.map(({ index }) => `user${index}@example.com`)]
    const admit = makeOurs({ policy: Policy.fromLists({ allowedUsers }) })
    for (const session of sessions) admit(toHeaders(session), session.sub)
    return overHeaders(sessions, () => admit)
  }
  const times = await interleave({ limit: withUsers(few), ours: withUsers(many) }, rounds * 2)
  const ratio = times.ratio("ours", "limit")
  return [
    {
      name: "policy of 100,000 users",
      unit: "µs",
      ours: times.micros("ours"),
      peers: {},
      limit: times.micros("limit"),
      limitIs: "a policy of 10 others",
      ratioToLimit: ratio,
      ratioToBestPeer: undefined,
      // A larger table lies in slower memory: that much is the machine's.
      goal: "no slower than one of 10 (within 5 %)",
      met: ratio <= 1.05
    }
  ]
}

export const policySize: Scenario = { name: "policy", measure }
