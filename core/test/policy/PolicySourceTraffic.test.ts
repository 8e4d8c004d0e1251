import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type AuthRequest, makeAdapterRuntime, PolicySource } from "@cognito-auth/core"
import type { Decision } from "@cognito-auth/core/Decision"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge()
const documentOf = (group: string) => JSON.stringify({ allowed_groups: ["everybody", group], allowed_users: ["ada@example.com"] })

/** Ways in which a file gets another content. */
const ways: Readonly<Record<string, (folder: string) => { readonly path: string; readonly write: (text: string) => void }>> = {
  "in place, as an editor does": (folder) => {
    const path = join(folder, "auth-config.json")
    return { path, write: (text) => writeFileSync(path, text) }
  },
  "by a rename, as a careful writer does": (folder) => {
    const path = join(folder, "auth-config.json")
    return {
      path,
      write: (text) => {
        writeFileSync(`${path}.new`, text)
        renameSync(`${path}.new`, path)
      }
    }
  },
  // The file is a link into ..data, which is a link to the folder of this version (Kubernetes, AtomicWriter).
  "by the swap of a link beside it, as a Kubernetes mount does": (folder) => {
    const path = join(folder, "auth-config.json")
    const data = join(folder, "..data")
    let version = 0
    symlinkSync(join("..data", "auth-config.json"), path)
    return {
      path,
      write: (text) => {
        const name = `..version-${++version}`
        mkdirSync(join(folder, name))
        writeFileSync(join(folder, name, "auth-config.json"), text)
        symlinkSync(name, `${data}_tmp`)
        renameSync(`${data}_tmp`, data)
        rmSync(join(folder, `..version-${version - 2}`), { recursive: true, force: true })
      }
    }
  }
}

describe("a thousand requests a second while the policy file is rewritten a hundred times", () => {
  it.each(Object.entries(ways))("%s: each is answered by the old policy or the new one, and none by an error", async (_how, open) => {
    const folder = mkdtempSync(join(tmpdir(), "policy-traffic-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const { path, write } = open(folder)
    write(documentOf("old"))
    const { options } = forge.settings()
    const runtime = makeAdapterRuntime({ ...options, keySource: forge.keySource(), policy: PolicySource.file(path), logger: false })
    onTestFinished(runtime.dispose)
    const route = runtime.route()
    const ask = async (...groups: ReadonlyArray<string>) => {
      const request: AuthRequest = { method: "GET", target: "/", headers: await forge.headers({ email: "x@example.com", groups }) }
      return (done: (decision: Decision) => void) => runtime.decide({}, request, route, done)
    }
    const asks = { everybody: await ask("everybody"), old: await ask("old"), new: await ask("new"), nobody: await ask("nobody") }

    const answers: Array<Readonly<Record<keyof typeof asks, string>>> = []
    let asked = 0
    const askAll = () => {
      asked += 4
      const answer = { everybody: "", old: "", new: "", nobody: "" }
      for (const who of Object.keys(asks) as Array<keyof typeof asks>) {
        asks[who]((decision) => {
          answer[who] = decision._tag === "Admit" ? "in" : `${decision.status}`
        })
      }
      answers.push(answer)
    }
    const startedAt = performance.now()
    for (let rewritten = 0; rewritten < 100 || asked < 1_000; ) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      const elapsed = performance.now() - startedAt
      while (asked < elapsed) askAll()
      if (rewritten < 100 && elapsed > rewritten * 10) write(documentOf(rewritten++ % 2 === 0 ? "new" : "old"))
    }
    // The last policy that was written comes into force soon, without a request that asks for it.
    write(documentOf("new"))
    await vi.waitFor(
      () => {
        askAll()
        expect(answers.at(-1)).toEqual({ everybody: "in", old: "403", new: "in", nobody: "403" })
      },
      { timeout: 20_000, interval: 20 }
    )

    // Four requests that are decided one after the other see the same policy: the one or the other, as a whole.
    const seen = new Set(answers.map((answer) => JSON.stringify(answer)))
    expect([...seen].sort()).toEqual([
      JSON.stringify({ everybody: "in", old: "403", new: "in", nobody: "403" }),
      JSON.stringify({ everybody: "in", old: "in", new: "403", nobody: "403" })
    ])
  })
})
