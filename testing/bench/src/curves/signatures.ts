/** The two forms of Node's signature check: at once, or on the thread pool; by the clock, and in the processor's time. */
import { createPublicKey, verify } from "node:crypto"
import { promisify } from "node:util"
import { interleave, type Subject } from "../interleave.ts"
import { toSigned, trust } from "../ours.ts"
import { type CurveScenario, expectThat } from "../Scenario.ts"
import { makeSessions } from "../sessions.ts"
import { addPoint, type Lines } from "./addPoint.ts"

const onThreadPool = promisify(verify)

export const signatures: CurveScenario = {
  name: "curve: signatures",
  draw: async ({ rounds }) => {
    const signed = (await makeSessions(64)).map(({ data }) => toSigned(data))
    const key = { key: createPublicKey(trust.albPem), dsaEncoding: "ieee-p1363" } as const
    const operations = signed.length
    const lines: Lines = {}
    for (const inFlight of [1, 2, 4, 8, 32]) {
      const sync = (): void => {
        for (const { signed: bytes, signature } of signed) expectThat(verify("sha256", bytes, key, signature), "a signature did not hold")
      }
      const pooled = async (): Promise<void> => {
        for (let start = 0; start < signed.length; start += inFlight) {
          const some = signed.slice(start, start + inFlight)
          const held = await Promise.all(some.map(({ signed: bytes, signature }) => onThreadPool("sha256", bytes, key, signature)))
          expectThat(held.every(Boolean), "a signature did not hold")
        }
      }
      const subjects: Record<string, Subject> = {
        "at once, by the clock": { operations, waits: true, run: sync },
        "thread pool, by the clock": { operations, waits: true, run: pooled },
        "at once, processor's time": { operations, run: sync },
        "thread pool, processor's time": { operations, run: pooled }
      }
      const times = await interleave(subjects, Math.ceil(rounds / 3))
      for (const name of Object.keys(subjects)) addPoint(lines, name, inFlight, times.micros(name))
    }
    return {
      name: "signatures",
      title: "One ES256 signature, against how many are checked at a time",
      x: "in flight",
      y: "µs per signature",
      lines
    }
  }
}
