/**
 * node main.js [--seed number] [--count number]
 *
 * What the cases do not think of: requests and answers from a grammar that breaks the rules, requests at the limits of size, and a crowd of users who
 * leave. Exits with 1 where the gateway ends, gives anybody what is somebody else's, stands still, or keeps something afterwards.
 */
import { randomInt } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import { parseArgs } from "node:util"
import { makeForge } from "@cognito-auth/testing"
import { openTeller, sendCrowd } from "./crowd.ts"
import { fuzzAnswers, fuzzRequests, type Outcome, openBreaker, openMirror } from "./exchanges.ts"
import { type Fuzzed, startFuzzed, type Told } from "./Fuzzed.ts"
import { measureLarge } from "./measureLarge.ts"

const { values } = parseArgs({ options: { seed: { type: "string" }, count: { type: "string", default: "100000" } } })
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const count = Number(values.count)
console.log(`\nfuzzed with --seed ${seed}, ${count} requests and as many answers`)

const forge = await makeForge({ albLifetime: "2 hours", accessLifetime: "2 hours" })
const auth = { ...forge.settings().options, keys: forge.givenKeys() }
const faults: Array<string> = []
const mixed: Array<string> = []

const report = (what: string, { faults: found, statuses }: Outcome, fuzzed: Fuzzed) => {
  const ended = fuzzed.ended()
  if (ended !== undefined) faults.push(`${what}: the gateway has ended, ${ended}`)
  for (const each of found) faults.push(`${what}: ${each}`)
  const shown = Object.entries(statuses).sort(([, a], [, b]) => b - a)
  console.log(
    `${what.padEnd(10)} ${Math.round(performance.now() / 1_000)} s: ${shown.map(([status, times]) => `${status} × ${times}`).join(", ")}`
  )
}

/** Waits until nothing is held that was not held before; limits of the gateway's own are two seconds. */
const settles = async (fuzzed: Fuzzed, before: Told): Promise<void> => {
  const held = (told: Told) => Object.entries(told.resources ?? {}).filter(([kind, times]) => times > (before.resources?.[kind] ?? 0))
  for (let i = 0; i < 60; i++) {
    if (held(await fuzzed.ask("count")).length === 0) return
    await wait(250)
  }
  faults.push(`what is still held: ${JSON.stringify(held(await fuzzed.ask("count")))}`)
}

{
  const mirror = await openMirror((problem) => void mixed.push(problem))
  const fuzzed = await startFuzzed(mirror.url, auth, "2 seconds")
  const before = await fuzzed.ask("count")
  report("requests", await fuzzRequests(fuzzed.port, seed, count), fuzzed)
  for (const each of mixed.slice(0, 20)) faults.push(`requests: ${each}`)
  await settles(fuzzed, before)
  const { worst, faults: slow } = await measureLarge(fuzzed)
  faults.push(...slow)
  console.log(`large      at most ${worst.toFixed(1)} ms of processor time in one turn of the event loop`)
  await fuzzed.end()
  mirror.close()
}
{
  const breaker = await openBreaker(seed)
  const fuzzed = await startFuzzed(breaker.url, auth, "2 seconds")
  const before = await fuzzed.ask("count")
  report("answers", await fuzzAnswers(fuzzed.port, count), fuzzed)
  await settles(fuzzed, before)
  await fuzzed.end()
  breaker.close()
}
{
  const teller = await openTeller(seed)
  const fuzzed = await startFuzzed(teller.url, auth, "60 seconds")
  // What is cached of the users is no leak: it is bounded, and the same after the second crowd.
  await sendCrowd(fuzzed.port, forge, seed, 500, 5_000)
  await wait(6_000)
  const before = await fuzzed.ask("count")
  const { answered, left, faults: found } = await sendCrowd(fuzzed.port, forge, seed + 1, 500, 10_000)
  faults.push(...found.slice(0, 20))
  await settles(fuzzed, before)
  const grown = ((await fuzzed.ask("count")).heapBytes ?? 0) - (before.heapBytes ?? 0)
  // The tokens of 500 other users are 2 MB.
  if (grown > 16_000_000) faults.push(`the heap has grown by ${(grown / 1e6).toFixed(1)} MB`)
  console.log(`crowd      ${answered} answered, ${left} have left, the heap is ${(grown / 1e6).toFixed(1)} MB larger`)
  await fuzzed.end()
  teller.close()
}

for (const fault of faults) console.error(`  FAIL ${fault}`)
console.log(faults.length === 0 ? "fuzzed: nothing found" : `fuzzed: ${faults.length} faults; repeat with --seed ${seed}`)
process.exit(faults.length === 0 ? 0 : 1)
