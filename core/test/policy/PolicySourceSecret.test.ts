import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { openPolicySecret } from "@cognito-auth/core/PolicySourceSecret"
import * as Effect from "effect/Effect"
import { build, defaultServerConditions } from "vite"
import { describe, expect, it, onTestFinished } from "vitest"
import { failureOf, successOf } from "../outcome.ts"

const setting = "COGNITO_AUTH_SECRET_NAME"
const options = { region: "eu-west-2", requireVerifiedEmail: true }

const makeFolder = () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "policy-secret-")))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A package in the place of the real one, whose secrets' content says what it was asked for. */
const installPackage = () => {
  const folder = makeFolder()
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stand-in", type: "module", exports: "./index.js" }))
  writeFileSync(
    join(folder, "index.js"),
    `export const readSecret = async ({ secretName, region }, signal) => {
  if (secretName === "missing") throw new Error("there is no such secret")
  return JSON.stringify({ allowed_groups: [secretName, region, String(signal.aborted)], allowed_users: ["ada@example.com"] })
}`
  )
  return folder
}

describe("a policy in a secret", () => {
  it("is not read before it is asked for", () => {
    expect(successOf(openPolicySecret(setting, "my-app", options)).peek(0)).toBeUndefined()
  })

  it("is read by its name, in its region, by the package", async () => {
    const packageName = installPackage()
    const open = (secretName: string, requireVerifiedEmail: boolean) =>
      successOf(openPolicySecret(setting, secretName, { ...options, requireVerifiedEmail }, packageName)).current
    const rules = "a member of my-app, eu-west-2, false or one of 1 allowed users"
    expect((await Effect.runPromise(open("my-app", true))).describe).toBe(`${rules} with a verified e-mail`)
    expect((await Effect.runPromise(open("my-app", false))).describe).toBe(rules)
    expect((await Effect.runPromise(Effect.flip(open("missing", true)))).reason).toBe('secret "missing": there is no such secret')
  })

  it("is a fault of the setting where the package is not installed, with what to do", () => {
    expect(failureOf(openPolicySecret(setting, "my-app", options, "@cognito-auth/none"))).toEqual([
      { setting, problem: expect.stringContaining("npm install @cognito-auth/none") }
    ])
  })

  // Here the package lies beside core; an app that is made of one bundle has neither. Effect, which takes longest to bundle, is left out.
  it("is a fault at start-up where the package that reads it is not installed, with what to do", async () => {
    const folder = makeFolder()
    const conditions = ["source", ...defaultServerConditions]
    await build({
      configFile: false,
      logLevel: "silent",
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      build: {
        ssr: join(import.meta.dirname, "../../src/index.ts"),
        outDir: folder,
        emptyOutDir: false,
        rollupOptions: { output: { entryFileNames: "core.mjs" } }
      }
    })
    mkdirSync(join(folder, "node_modules"))
    symlinkSync(dirname(createRequire(import.meta.url).resolve("effect/package.json")), join(folder, "node_modules/effect"), "junction")
    writeFileSync(
      join(folder, "app.mjs"),
      `import { CognitoAuth } from ${JSON.stringify(pathToFileURL(join(folder, "core.mjs")).href)}
try {
  CognitoAuth.make({ environment: { COGNITO_AUTH_SECRET_NAME: "my-app" } })
} catch (error) {
  console.log(JSON.stringify(error.faults.filter(({ setting }) => setting === "COGNITO_AUTH_SECRET_NAME")))
}`
    )
    expect(JSON.parse(execFileSync(process.execPath, [join(folder, "app.mjs")], { encoding: "utf8" }))).toEqual([
      {
        setting: "COGNITO_AUTH_SECRET_NAME",
        problem: expect.stringContaining("npm install @cognito-auth/secrets-manager")
      }
    ])
  })
})
