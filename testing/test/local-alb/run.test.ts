import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigurationError } from "@cognito-auth/core"
import { type RunOptions, runLocalAlb } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"
import { forge, soon } from "./apps.ts"

const target = "http://localhost:3000"
const ports = { port: 0, cognitoPort: 0, keysPort: 0 }

/** Runs the command until it is ended. */
const start = (options: Omit<RunOptions, "target">, environment: Record<string, string | undefined> = {}) => {
  const abort = new AbortController()
  const written = { stdout: "", stderr: "" }
  const code = runLocalAlb(
    { target, ...ports, forge, ...options },
    {
      environment: { PATH: process.env["PATH"], ...environment },
      stdout: (text) => {
        written.stdout += text
      },
      stderr: (text) => {
        written.stderr += text
      },
      signal: abort.signal
    }
  )
  return { code, written, end: () => abort.abort() }
}

/** A command that writes its environment to a file, and then does what follows; and whether it lives, seen by a connection of its own. */
const commandThat = async (then: string) => {
  const folder = mkdtempSync(join(tmpdir(), "local-alb-"))
  const [script, file] = [join(folder, "app.cjs"), join(folder, "env.json")]
  const lifeline = createServer().listen(0, "127.0.0.1")
  await once(lifeline, "listening")
  let lives = false
  lifeline.on("connection", (socket) => {
    lives = true
    socket
      .on("error", () => undefined)
      .on("close", () => {
        lives = false
      })
    socket.resume()
  })
  const { port } = lifeline.address() as AddressInfo
  const code = [
    `require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env))`,
    then,
    `require("node:net").connect(${port}, "127.0.0.1")`
  ]
  writeFileSync(script, code.join("\n"))
  return {
    command: `"${process.execPath}" "${script}"`,
    environment: () => JSON.parse(readFileSync(file, "utf8")) as Record<string, string | undefined>,
    lives: () => lives,
    [Symbol.asyncDispose]: async () => {
      lifeline.close()
      rmSync(folder, { recursive: true })
    }
  }
}

describe("the command", () => {
  it("says where it is and which variables the app needs, and serves until it is ended", async () => {
    const { code, written, end } = start({})
    await expect.poll(() => written.stdout, soon).toContain("COGNITO_AUTH_ALLOW_ANY_USER=true\n".trim())
    const [, url = ""] = /Open +(\S+)/.exec(written.stdout) ?? []
    expect((await fetch(url, { redirect: "manual" })).status).toBe(302)
    expect((await fetch(/Control page +(\S+)/.exec(written.stdout)?.[1] ?? "")).status).toBe(200)
    end()
    expect(await code).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
    expect(written.stderr).toBe("")
  })

  it("with env, the standard output has the variables alone", async () => {
    const { code, written, end } = start({ env: true })
    await expect.poll(() => written.stdout, soon).toContain("COGNITO_DOMAIN=")
    end()
    await code
    for (const line of written.stdout.trimEnd().split("\n")) expect(line).toMatch(/^COGNITO_[A-Z_]+=\S+$/)
    expect(written.stderr).toContain("Control page")
  })

  it("starts the app with the variables, and ends with it and its exit code", async () => {
    await using app = await commandThat("process.exit(7)")
    const { code, written } = start({ run: app.command }, { COGNITO_AUTH_DEV_MODE: "true", OTHER: "kept" })
    expect(await code).toBe(7)
    const env = app.environment()
    expect(env).toMatchObject({ COGNITO_AUTH_USER_POOL_ID: "eu-west-2_AbC123xyz", COGNITO_AUTH_ALLOW_ANY_USER: "true", OTHER: "kept" })
    expect(env["COGNITO_AUTH_JWKS_URL"]).toMatch(/^http:\/\/127\.0\.0\.1:/)
    expect(env).not.toHaveProperty("COGNITO_AUTH_DEV_MODE")
    expect(written.stdout).toContain("Starting: ")
  })

  it("ends the app, and what the app has started, when it is ended", async () => {
    await using app = await commandThat("")
    // A shell that waits for it does not pass a signal on.
    const { code, end } = start({ run: `${app.command}; echo done` })
    await expect.poll(app.lives, soon).toBe(true)
    end()
    expect(await code).toBe(0)
    await expect.poll(app.lives, soon).toBe(false)
  })

  it("kills an app that does not listen", { timeout: 30_000 }, async () => {
    await using app = await commandThat(`process.on("SIGTERM", () => {})`)
    const { code, end } = start({ run: app.command })
    await expect.poll(app.lives, soon).toBe(true)
    end()
    expect(await code).toBe(0)
    await expect.poll(app.lives, soon).toBe(false)
  })

  it("a command that there is not ends it", async () => {
    expect(await start({ run: "no-such-command-at-all 2>/dev/null" }).code).toBe(127)
  })

  it("stands for the deployment that the environment names, and leaves its policy alone", async () => {
    const production = {
      COGNITO_AUTH_REGION: "eu-west-1",
      COGNITO_AUTH_USER_POOL_ID: "eu-west-1_Prod12345, eu-west-1_Other1234",
      COGNITO_AUTH_CLIENT_ID: "7prodclient7id",
      COGNITO_AUTH_ALB_ARN: "arn:aws:elasticloadbalancing:eu-west-1:210987654321:loadbalancer/app/prod/0123456789abcdef",
      COGNITO_AUTH_ALLOWED_GROUPS: "staff"
    }
    await using app = await commandThat("process.exit(0)")
    await start({ run: app.command, forge: undefined }, production).code
    const env = app.environment()
    expect(env).toMatchObject({ ...production, COGNITO_AUTH_USER_POOL_ID: "eu-west-1_Prod12345" })
    expect(env).not.toHaveProperty("COGNITO_AUTH_ALLOW_ANY_USER")
  })

  it("rejects with every fault of its configuration", async () => {
    await expect(start({ cookieName: "a b" }).code).rejects.toThrow(ConfigurationError)
  })
})
