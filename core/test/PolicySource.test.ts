import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Policy, PolicySource } from "@cognito-auth/core"
import { readPolicyFile } from "@cognito-auth/core/PolicySourceFile"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it } from "vitest"
import { failureOf, successOf } from "./outcome.ts"
import { userWith } from "./userOf.ts"

describe("PolicySource", () => {
  it("gives a policy that never changes, by itself and as a layer", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"] })
    expect(PolicySource.memory(policy).current()).toBe(policy)
    const source = await Effect.runPromise(PolicySource.pipe(Effect.provide(PolicySource.layerMemory(policy))))
    expect(source.current()).toBe(policy)
  })
})

describe("readPolicyFile", () => {
  const folder = mkdtempSync(join(tmpdir(), "policy-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  const read = (path: string) => readPolicyFile("COGNITO_AUTH_CONFIG_PATH", path, { requireVerifiedEmail: true })

  it("reads the document in the file", () => {
    const path = join(folder, "good.json")
    writeFileSync(path, '{"allowed_groups": ["staff"]}')
    expect(successOf(read(path)).evaluate(userWith("a@example.com", ["staff"])).allowed).toBe(true)
  })

  it("names the setting and the file where there is a fault", () => {
    const path = join(folder, "broken.json")
    writeFileSync(path, '{"allowed_groups": ')
    expect(failureOf(read(path))).toEqual([{ setting: `COGNITO_AUTH_CONFIG_PATH, file ${JSON.stringify(path)}`, problem: "is not JSON." }])
  })

  it("names a file that cannot be read", () => {
    for (const [path, code] of [
      [join(folder, "missing.json"), "ENOENT"],
      [folder, "EISDIR"],
      ["\0", "ERR_INVALID_ARG_VALUE"]
    ] as const) {
      expect(failureOf(read(path))).toEqual([
        { setting: "COGNITO_AUTH_CONFIG_PATH", problem: expect.stringContaining(`cannot be read (${code})`) }
      ])
    }
  })
})
