import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { openPolicySecret } from "@cognito-auth/core/PolicySourceSecret"
import { build, defaultServerConditions } from "vite"
import { describe, expect, it, onTestFinished } from "vitest"
import { successOf } from "../outcome.ts"

const options = { region: "eu-west-2", requireVerifiedEmail: true }

describe("a policy in a secret", () => {
  it("is not read before it is asked for", () => {
    expect(successOf(openPolicySecret("COGNITO_AUTH_SECRET_NAME", "my-app", options)).peek(0)).toBeUndefined()
  })

  // Here the package lies beside core; an app that is made of one bundle has neither. Effect, which takes longest to bundle, is left out.
  it("is a fault at start-up where the package that reads it is not installed, with what to do", async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "bundled-")))
    onTestFinished(() => rmSync(folder, { recursive: true }))
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
