/** What the terminal shows of an app that does not start: the message, once, and where in the app it came from. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const examples = fileURLToPath(new URL("..", import.meta.url))

const ended = new Map<string, { readonly stderr: string; readonly status: number | null }>()

/** Runs an app without any settings, to its uncaught error; once, whatever is asked of what it prints. */
const printedBy = (...lines: ReadonlyArray<string>): string => {
  const code = lines.join("\n")
  const { PATH = "" } = process.env
  const run = () => spawnSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: examples, env: { PATH }, encoding: "utf8" })
  const { stderr, status } = ended.get(code) ?? run()
  ended.set(code, { stderr, status })
  expect(status).toBe(1)
  return stderr
}

const nodeApp = [`import { cognitoAuth } from "@cognito-auth/node"`, "const start = () => cognitoAuth()\nstart()"] as const

const timesIn = (text: string, part: string): number => text.split(part).length - 1

describe("an uncaught ConfigurationError", () => {
  it.each([
    ["node", ...nodeApp],
    ["express", `import { cognitoAuth } from "@cognito-auth/express"`, "cognitoAuth()"],
    [
      "fastify",
      `import { cognitoAuth } from "@cognito-auth/fastify"; import fastify from "fastify"`,
      "await fastify().register(cognitoAuth)"
    ],
    ["Effect", `import { CognitoAuth } from "@cognito-auth/core"`, "CognitoAuth.make()"],
    ["a rejection", `import { cognitoAuth } from "@cognito-auth/node"`, "Promise.resolve().then(() => cognitoAuth())"]
  ])("of %s is printed once, without the frames of what the app did not write", (_name, imports, call) => {
    const printed = printedBy(imports, call)
    expect(timesIn(printed, "its configuration has 4 faults")).toBe(1)
    expect(timesIn(printed, "is missing. Give the Cognito user pool's id")).toBe(1)
    expect(printed).not.toMatch(/^\s+at .*node_modules/m)
    expect(printed).not.toContain("core/dist/CognitoAuth")
  })

  it("says where in the app it came from", () => {
    expect(printedBy(...nodeApp)).toMatch(/ at start /)
  })

  it("is logged as it is printed", () => {
    const printed = printedBy(
      `import { cognitoAuth } from "@cognito-auth/node"`,
      "try { cognitoAuth() } catch (error) { console.error(error); process.exit(1) }"
    )
    expect(printed).toMatch(/^ConfigurationError: cognito-auth cannot start/)
    expect(timesIn(printed, "albArn")).toBe(1)
  })
})
