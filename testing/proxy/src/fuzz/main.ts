/**
 * node main.js [--seed number] [--count number]
 *
 * The fuzzer: requests and answers from a grammar that breaks the rules, requests at the limits of size, and a crowd of users who
 * disconnect. Exits with 1 if one of our subjects ends, sends one user's bytes to another, stalls, or leaks.
 */
import { setTimeout as wait } from "node:timers/promises"
import { parseArgs } from "node:util"
import { makeForge } from "@cognito-auth/testing"
import { type OwnSubject, ownSubjects } from "../Case.ts"
import { openTeller, sendCrowd } from "./crowd.ts"
import { fuzzAnswers, fuzzRequests, type Outcome, openBreaker, openMirror } from "./exchanges.ts"
import { type Fuzzed, startFuzzed, type Told } from "./Fuzzed.ts"
import { measureLarge } from "./measureLarge.ts"

// The same each time, so that a run says something of the change since the last one; any other seed looks further.
const { values } = parseArgs({ options: { seed: { type: "string", default: "12" }, count: { type: "string", default: "100000" } } })
const seed = Number(values.seed)
const count = Number(values.count)
/** The mounts and the local ALB forward by other code, under the same rules. */
const counts: Readonly<Record<OwnSubject, number>> = { gateway: count, express: count / 10, fastify: count / 10, alb: count / 10 }
console.log(`\nfuzzed with --seed ${seed}, ${count} requests and as many answers; the mounts and the local ALB with a tenth`)

const forge = await makeForge({ albLifetime: "2 hours", accessLifetime: "2 hours" })
const auth = { ...forge.settings().options, keys: forge.givenKeys() }
const faults: Array<string> = []
/** What the gateway and the mounts remove, and a load balancer does not. */
const forged = /^(?:x-forwarded-user|remote-user|script-name|x-forwarded-roles)$/

const report = (what: string, { faults: found, statuses }: Outcome, fuzzed: Fuzzed) => {
  const ended = fuzzed.ended()
  if (ended !== undefined) faults.push(`${what}: the process has ended, ${ended}`)
  for (const each of found) faults.push(`${what}: ${each}`)
  const shown = Object.entries(statuses).sort(([, a], [, b]) => b - a)
  console.log(
    `${what.padEnd(20)} ${Math.round(performance.now() / 1_000)} s: ${shown.map(([status, times]) => `${status} × ${times}`).join(", ")}`
  )
}

/** Waits until nothing is held that was not held before; limits of its own are two seconds. */
const settles = async (what: string, fuzzed: Fuzzed, before: Told): Promise<void> => {
  const held = (told: Told) => Object.entries(told.resources ?? {}).filter(([kind, times]) => times > (before.resources?.[kind] ?? 0))
  for (let i = 0; i < 60; i++) {
    if (held(await fuzzed.ask("count")).length === 0) return
    await wait(250)
  }
  faults.push(`${what}: still held is ${JSON.stringify(held(await fuzzed.ask("count")))}`)
}

for (const name of ownSubjects) {
  const mixed: Array<string> = []
  const mirror = await openMirror((problem) => void mixed.push(problem), name === "alb" ? undefined : forged)
  const fuzzed = await startFuzzed({ name, upstream: mirror.url, auth, seconds: 2 })
  const before = await fuzzed.ask("count")
  const what = `${name}, requests`
  report(what, await fuzzRequests(fuzzed.port, seed, counts[name]), fuzzed)
  for (const each of mixed.slice(0, 20)) faults.push(`${what}: ${each}`)
  await settles(what, fuzzed, before)
  if (name === "gateway") {
    const { worst, faults: slow } = await measureLarge(fuzzed)
    faults.push(...slow)
    console.log(`large                at most ${worst.toFixed(1)} ms of processor time in one turn of the event loop`)
  }
  await fuzzed.end()
  mirror.close()
}
for (const name of ownSubjects) {
  const breaker = await openBreaker(seed)
  const fuzzed = await startFuzzed({ name, upstream: breaker.url, auth, seconds: 2 })
  const before = await fuzzed.ask("count")
  const what = `${name}, answers`
  report(what, await fuzzAnswers(fuzzed.port, counts[name]), fuzzed)
  await settles(what, fuzzed, before)
  await fuzzed.end()
  breaker.close()
}
{
  const teller = await openTeller(seed)
  const fuzzed = await startFuzzed({ name: "gateway", upstream: teller.url, auth, seconds: 60 })
  // What is cached of the users is no leak: it is bounded, and the same after the second crowd.
  await sendCrowd(fuzzed.port, forge, seed, 500, 5_000)
  await wait(6_000)
  const before = await fuzzed.ask("count")
  const { answered, left, faults: found } = await sendCrowd(fuzzed.port, forge, seed + 1, 500, 10_000)
  faults.push(...found.slice(0, 20))
  await settles("crowd", fuzzed, before)
  const grown = ((await fuzzed.ask("count")).heapBytes ?? 0) - (before.heapBytes ?? 0)
  // The tokens of 500 other users are 2 MB.
  if (grown > 16_000_000) faults.push(`the heap has grown by ${(grown / 1e6).toFixed(1)} MB`)
  console.log(`crowd                ${answered} answered, ${left} have left, the heap is ${(grown / 1e6).toFixed(1)} MB larger`)
  await fuzzed.end()
  teller.close()
}

for (const fault of faults) console.error(`  FAIL ${fault}`)
console.log(faults.length === 0 ? "fuzzed: nothing found" : `fuzzed: ${faults.length} faults; repeat with --seed ${seed}`)
process.exit(faults.length === 0 ? 0 : 1)
