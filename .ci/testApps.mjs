// npm run test:apps: the tests with real Python apps, which are installed into docs/examples/python/.venv, and a real Chromium.
// npm run test:gradio runs those with Gradio alone; an argument is a part of the paths of the test files to run.
import { existsSync } from "node:fs"
import { installVenv, run } from "./pythonVenv.mjs"

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium"
if (!existsSync(chromium)) {
  console.error(`There is no ${chromium}. Install Debian's package chromium, or say in CHROMIUM where one is.`)
  process.exit(2)
}

const python = installVenv("docs/examples/python")
run("vitest", ["run", "--config", "adapters/gateway/test/apps/vitest.config.ts", ...process.argv.slice(2)], {
  env: { ...process.env, APPS_PYTHON: python, CHROMIUM: chromium }
})
