// npm run bench:cold -w adapters/lambda [-- RUNS]: what a cold start costs, in fresh processes, beside importing effect/Effect alone.
import { execFileSync } from "node:child_process"
import { makeForge } from "@cognito-auth/testing"

const runs = Number(process.argv[2] ?? 31)
if (!Number.isInteger(runs) || runs < 3) {
  console.error("Usage: npm run bench:cold -w adapters/lambda [-- RUNS], at least 3 runs.")
  process.exit(2)
}

const forge = await makeForge()
const { policy, environment, ...options } = forge.settings().options
const event = {
  requestContext: { elb: { targetGroupArn: "" } },
  httpMethod: "GET",
  path: "/",
  queryStringParameters: {},
  headers: await forge.headers({ groups: ["staff"] }),
  body: "",
  isBase64Encoded: false
}
// The tokens are let live, so that a slow run does not outlast them.
const cold = { event, options: { ...options, keys: forge.givenKeys(), clockTolerance: "300 seconds" } }

/** Milliseconds of each step, as the process itself measures them. */
const measure = (code) =>
  JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      env: { ...process.env, COLD: JSON.stringify(cold), COGNITO_AUTH_ALLOW_ANY_USER: "true" }
    })
  )

const effectAlone = `
  const start = performance.now()
  await import("effect/Effect")
  console.log(JSON.stringify({ import: performance.now() - start }))`

const adapter = `
  const { options, event } = JSON.parse(process.env.COLD)
  const start = performance.now()
  const { cognitoAuth } = await import("@cognito-auth/lambda")
  const imported = performance.now()
  const auth = cognitoAuth(options)
  const handler = auth.withAuth(() => ({ statusCode: 200 }))
  const made = performance.now()
  const first = await handler(event, {})
  const answered = performance.now()
  if (first.statusCode !== 200) throw new Error(first.body)
  await handler({ ...event }, {})
  console.log(JSON.stringify({ import: imported - start, make: made - imported, first: answered - made, second: performance.now() - answered }))
  await auth.dispose()`

const bare = []
const whole = []
for (let run = 0; run <= runs; run++) {
  const pair = [measure(effectAlone), measure(adapter)]
  // The first of all finds nothing in the file system's cache.
  if (run === 0) continue
  bare.push(pair[0])
  whole.push(pair[1])
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const base = median(bare.map((each) => each.import))
const row = (what, millis) => `| ${what} | ${millis.toFixed(1)} | ${(millis / base).toFixed(2)} |`
const of = (read) => median(whole.map(read))

console.log(
  `Node ${process.versions.node}, ${process.platform} ${process.arch}; medians of ${runs} fresh processes of each kind, alternating\n`
)
console.log("| what | ms | ratio |\n|---|---|---|")
console.log(row("import `effect/Effect` alone", base))
console.log(
  row(
    "import `@cognito-auth/lambda`",
    of((each) => each.import)
  )
)
console.log(
  row(
    "`cognitoAuth(options)` and `withAuth`",
    of((each) => each.make)
  )
)
console.log(
  row(
    "the first request: both tokens verified, with keys that are given",
    of((each) => each.first)
  )
)
console.log(
  row(
    "all of the above: from nothing to the first answer",
    of((each) => each.import + each.make + each.first)
  )
)
console.log(
  row(
    "a second request",
    of((each) => each.second)
  )
)
