import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CognitoAuth, type DocumentSource, PolicySource } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge()
const folder = mkdtempSync(join(tmpdir(), "policy-watch-"))
afterAll(() => rmSync(folder, { recursive: true }))

const documentOf = (group: string) => JSON.stringify({ allowed_groups: [group] })

/** As editors do it, and as a reader never sees half of it. */
const replace = (path: string, group: string) => {
  writeFileSync(`${path}.new`, documentOf(group))
  renameSync(`${path}.new`, path)
}

const service = (policy: PolicySource["Service"]) => CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), policy })

/** A document that can be watched, and by how many it is. */
const watchedSource = () => {
  let watchers = 0
  const source: DocumentSource = {
    name: "document",
    read: async () => documentOf("staff"),
    subscribe: () => {
      watchers++
      return () => {
        watchers--
      }
    }
  }
  return { source, watchers: () => watchers }
}

describe("CognitoAuth.make", () => {
  it("watches the policy file: a change is in force without waiting for the next reading", async () => {
    const path = join(folder, "auth-config.json")
    replace(path, "old")
    const auth = service(PolicySource.file(path))
    const headers = await forge.headers({ groups: ["new"] })
    const outcome = () => Effect.runPromise(Effect.result(auth.authenticate(headers)))
    expect(await outcome()).toMatchObject({ failure: { _tag: "NotAuthorised" } })
    // A watcher needs a moment to be there; so the file is replaced until it is seen.
    await vi.waitFor(
      async () => {
        replace(path, "new")
        expect(await outcome()).toMatchObject({ _tag: "Success" })
      },
      { timeout: 20_000, interval: 100 }
    )
    await Effect.runPromise(auth.dispose)
  })

  it("watches until it is disposed of, and leaves no watcher behind; the service still answers", async () => {
    const { source, watchers } = watchedSource()
    const services = Array.from({ length: 50 }, () => service(PolicySource.document(source)))
    expect(watchers()).toBe(50)
    for (const auth of services) {
      await Effect.runPromise(auth.dispose)
      await Effect.runPromise(auth.dispose)
    }
    expect(watchers()).toBe(0)
    const headers = await forge.headers({ groups: ["staff"] })
    expect((await Effect.runPromise(services[0]?.authenticate(headers) ?? Effect.die("none"))).isAuthenticated).toBe(true)
  })

  it("as a layer watches as long as its scope, or until it is disposed of before", async () => {
    const { source, watchers } = watchedSource()
    const policy = PolicySource.document(source)
    const layer = CognitoAuth.layer({ ...forge.settings().options, keySource: forge.keySource(), policy })
    const use = (end: (auth: CognitoAuth["Service"]) => Effect.Effect<void>) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const auth = yield* CognitoAuth
          yield* Effect.promise(() => expect.poll(watchers).toBe(1))
          yield* end(auth)
          return watchers()
        }).pipe(Effect.provide(layer))
      )
    expect(await use(() => Effect.void)).toBe(1)
    expect(watchers()).toBe(0)
    expect(await use((auth) => auth.dispose)).toBe(0)
    expect(watchers()).toBe(0)
  })
})
