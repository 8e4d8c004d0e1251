// npm run test:apps: the tests with real Python apps, which are installed into docs/examples/python/.venv, and a real Chromium.
// npm run test:gradio runs those with Gradio alone; an argument is a part of the paths of the test files to run.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")
const examples = join(root, "docs/examples/python")
const requirements = join(examples, "requirements.txt")
const venv = join(examples, ".venv")
const python = join(venv, "bin/python")
const installed = join(venv, "installed.txt")

const run = (command, args, options = {}) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options })
  if (status !== 0) {
    if (error !== undefined) console.error(`${command}: ${error.message}`)
    process.exit(status ?? 1)
  }
}

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium"
if (!existsSync(chromium)) {
  console.error(`There is no ${chromium}. Install Debian's package chromium, or say in CHROMIUM where one is.`)
  process.exit(2)
}

const wanted = readFileSync(requirements, "utf8")
if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
  console.log(`Installing ${wanted.trim().split("\n").join(", ")}`)
  run(process.env.PYTHON ?? "python3", ["-m", "venv", "--clear", venv])
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements])
  writeFileSync(installed, wanted)
}

run("vitest", ["run", "--config", "adapters/gateway/test/apps/vitest.config.ts", ...process.argv.slice(2)], {
  env: { ...process.env, APPS_PYTHON: python, CHROMIUM: chromium }
})
