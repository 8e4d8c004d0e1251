// npm run test:browser: the tests in a real Chromium, which is the one of CHROMIUM, or where Debian has it.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium"
if (!existsSync(chromium)) {
  console.error(`There is no ${chromium}. Install Debian's package chromium, or say in CHROMIUM where one is.`)
  process.exit(2)
}

const args = ["run", "--config", "vitest.workspace.ts", ...process.argv.slice(2)]
const { status } = spawnSync("vitest", args, {
  stdio: "inherit",
  shell: process.platform === "win32",
  env: { ...process.env, TEST_BROWSER: chromium }
})
process.exit(status ?? 1)
