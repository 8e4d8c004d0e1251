import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { bin, cli, cliProcess, environment, folderWith } from "./cli.ts"

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

it("as a process, each command that comes to an end prints, logs and ends with what it does within a test", async () => {
  const forge = await sharedForge({ albLifetime: "1 hour" })
  await using keys = await forge.serve()
  const { env } = keys.settings({ allowedGroups: ["staff"] })
  const folder = folderWith({ "policy.json": JSON.stringify({ allowed_groups: ["staff"] }) })
  onTestFinished(folder.remove)
  const input = JSON.stringify(await forge.headers({ groups: ["staff"] }))
  for (const [args, code] of [
    [["--help"], 0],
    [["explian"], 2],
    [["explain", "--at", String(Math.floor(Date.now() / 1000))], 0],
    [["explain", "--jsonl", "--client-id", "another"], 1],
    [["policy", "check", "policy.json"], 0],
    [["doctor", "--app", "nowhere"], 2]
  ] as const) {
    const options = { input, env, cwd: folder.path }
    const ended = await cliProcess(args, options)
    expect(ended.code).toBe(code)
    expect(ended).toEqual(await cli(args, options))
  }
  // Its own durations are in what it prints.
  expect(await cliProcess(["doctor"], { env })).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("jwks.content") })
  // What core logs of an outage is in what they print, and nowhere else.
  await keys.misbehave("500")
  expect(await cliProcess(["doctor"], { env })).toMatchObject({ code: 1, stderr: "" })
  expect(await cliProcess(["explain"], { input, env })).toMatchObject({ code: 3, stderr: "" })
})
