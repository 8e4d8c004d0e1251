// npm run nightly: what takes too long for npm test. Each step runs, whatever became of the one before it.
import { spawnSync } from "node:child_process"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")
const { FAST_CHECK_RUNS = "20" } = process.env

const run = (command, args, variables = {}) => {
  const env = { ...process.env, ...variables }
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env, shell: process.platform === "win32" })
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  return status === 0
}

const steps = [
  [
    "tests, those of the night among them",
    () => run("vitest", ["run", "--config", "vitest.workspace.ts"], { TEST_NIGHTLY: "1", FAST_CHECK_RUNS })
  ],
  ["mutation testing of core", () => run(process.execPath, [join(root, ".ci/mutation/mutate.mjs")])],
  [
    "the fuzz of the gateway, ten times as long",
    () =>
      run("tsc", ["-b", "testing/proxy"]) &&
      run(process.execPath, [join(root, "testing/proxy/dist/fuzz/main.js"), "--count", "1000000", "--seed", String(Date.now() % 2 ** 31)])
  ]
]

const failed = steps.filter(([title, passes]) => {
  console.log(`\n=== ${title}`)
  return !passes()
})
console.log(`\n=== ${steps.length - failed.length} passed, ${failed.length} failed`)
for (const [title] of failed) console.log(`    failed: ${title}`)
process.exit(failed.length === 0 ? 0 : 1)
