import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished } from "vitest"
import { bin, cli, environment } from "./cli.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))

it("the command exists before anything is built, so that npm links it in a fresh clone", async () => {
  expect(statSync(bin).mode & 0o111).toBe(0o111)
  expect(realpathSync(join(root, "node_modules/.bin/cognito-auth"))).toBe(realpathSync(bin))
  const { status, stdout } = spawnSync("npx", ["--no-install", "cognito-auth", "--version"], {
    cwd: root,
    env: environment(),
    encoding: "utf8"
  })
  expect([status, stdout]).toEqual([0, (await cli(["--version"])).stdout])
})

it("the command of a clone that is not built says what to do", () => {
  const folder = mkdtempSync(join(tmpdir(), "cognito-auth-unbuilt-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const file of ["bin", "package.json"]) cpSync(join(root, "adapters/cli", file), join(folder, file), { recursive: true })
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "bin/cognito-auth.js"), "--help"], { encoding: "utf8" })
  expect([status, stdout]).toEqual([2, ""])
  expect(stderr).toMatch(/run npm run build/)
})
