/** Of a build, as an app has it: core/test/globalSetup.ts makes it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge()
const folder = mkdtempSync(join(tmpdir(), "policy-watch-process-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** As editors do it, and as a reader never sees half of it. */
const replace = (path: string, group: string) => {
  writeFileSync(`${path}.new`, JSON.stringify({ allowed_groups: [group] }))
  renameSync(`${path}.new`, path)
}

describe("the watcher of a policy file", () => {
  it("keeps no process alive: one that has seen a change ends by itself, without disposing of anything", async () => {
    const path = join(folder, "process.json")
    replace(path, "old")
    const script = `
      import { CognitoAuth } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../dist/index.js")).href)}
      const { settings } = CognitoAuth.make()
      const isNew = () => settings.policySource.peek(Date.now())?.describe === "a member of new"
      // Only this keeps the process alive.
      const waiting = setInterval(() => isNew() && clearInterval(waiting), 20)
    `
    const { COGNITO_AUTH_ALLOWED_GROUPS: _, COGNITO_AUTH_ALLOW_ANY_USER: __, ...env } = forge.settings().env
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      env: { ...env, COGNITO_AUTH_CONFIG_PATH: path },
      stdio: ["ignore", "ignore", "inherit"]
    })
    const ended = once(child, "exit")
    const replacing = setInterval(() => replace(path, "new"), 100)
    try {
      expect(await ended).toEqual([0, null])
    } finally {
      clearInterval(replacing)
      child.kill("SIGKILL")
    }
  })
})
