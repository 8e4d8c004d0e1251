// npm run test:proxy: the conformance tests for the proxies, with Debian's nginx, Caddy and HAProxy as reference proxies.
import { spawnSync } from "node:child_process"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")
const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

const missing = [
  ["nginx", "-v"],
  ["caddy", "version"],
  ["haproxy", "-v"]
].filter(([command, version]) => spawnSync(command, [version], { stdio: "ignore" }).error !== undefined)
if (missing.length > 0) {
  console.error(`There is no ${missing.map(([command]) => command).join(", ")}. Install Debian's packages nginx, caddy and haproxy.`)
  process.exit(2)
}

run("tsc", ["-b", "testing/proxy"])
run(process.execPath, [join(root, "testing/proxy/dist/main.js"), ...process.argv.slice(2)])
// The fuzzer, unless only some cases were chosen.
if (process.argv.length === 2) run(process.execPath, [join(root, "testing/proxy/dist/fuzz/main.js")])
