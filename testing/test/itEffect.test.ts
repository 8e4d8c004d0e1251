import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { CognitoAuth } from "@cognito-auth/core"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { sharedForge } from "./sharedForge.ts"

/** The report of vitest, run on tests some of which must fail. */
const runFixture = () =>
  new Promise<Map<string, { readonly status: string; readonly failure: string }>>((resolve, reject) => {
    const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")
    const root = join(import.meta.dirname, "fixtures")
    // Without what this run has put into the environment for its own workers.
    const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, ...env } = process.env
    execFile(process.execPath, [vitest, "run", "--root", root, "--reporter", "json"], { env }, (_error, stdout, stderr) => {
      try {
        const { testResults } = JSON.parse(stdout.slice(stdout.indexOf("{")))
        resolve(
          new Map(
            testResults[0].assertionResults.map((result: { title: string; status: string; failureMessages: ReadonlyArray<string> }) => [
              result.title,
              { status: result.status, failure: result.failureMessages.join("\n") }
            ])
          )
        )
      } catch {
        reject(new Error(stdout + stderr))
      }
    })
  })

describe("itEffect", () => {
  const report = runFixture()

  it.each(["passes", "starts at the time 0, and moves it at once", "holds resources to the end", "has released them by then"])(
    "%s",
    async (title) => {
      expect((await report).get(title)).toEqual({ status: "passed", failure: "" })
    }
  )

  it.each([
    ["fails with the error", "no key"],
    ["fails with the defect", "broken"],
    ["fails with the assertion", "expected 1 to be 2"]
  ])("%s: %s", async (title, failure) => {
    expect((await report).get(title)).toMatchObject({ status: "failed", failure: expect.stringContaining(failure) })
  })

  it("interrupts a body that runs out of time, so that it releases what it holds", async () => {
    expect((await report).get("is given up")?.status).toBe("failed")
    expect((await report).get("has released what was given up")).toEqual({ status: "passed", failure: "" })
  })
})

describe("in the test clock's time", () => {
  const forge = sharedForge()

  itEffect("a forge signs tokens that last two minutes", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const inTestTime = (yield* Effect.promise(() => forge)).with({ now: () => clock.currentTimeMillisUnsafe() })
      const { authenticate } = CognitoAuth.make({ ...inTestTime.settings().options, keySource: inTestTime.keySource() })
      const headers = yield* Effect.promise(() => inTestTime.headers())
      yield* TestClock.adjust("124 seconds")
      expect((yield* authenticate(headers)).email).toBe("ada@example.com")
      yield* TestClock.adjust("1 second")
      expect(yield* Effect.flip(authenticate(headers))).toMatchObject({ _tag: "TokenExpired" })
    })
  )
})
