// npm run test:vectors -- DIR: runs the conformance vectors of DIR, which are not part of the repository.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { resolve } from "node:path"

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0 || !existsSync(folder)) {
  console.error("Usage: npm run test:vectors -- DIR, the folder that holds the vectors as .jsonl files.")
  process.exit(2)
}

const { status } = spawnSync("vitest", ["run", "--config", "vitest.workspace.ts"], {
  stdio: "inherit",
  shell: process.platform === "win32",
  env: { ...process.env, COGNITO_AUTH_VECTORS: resolve(folder) }
})
process.exit(status ?? 1)
