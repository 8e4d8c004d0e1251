import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, describe, expect, it } from "vitest"
import { freePort } from "../../../testing/test/freePort.ts"
import { bin, cli, environment, folderWith } from "./cli.ts"

/** Tells what it was sent, and which variables it was started with. */
const app = `
import { createServer } from "node:http"
createServer((request, response) => response.end(JSON.stringify({
  data: request.headers["x-amzn-oidc-data"] !== undefined,
  variables: Object.keys(process.env).filter((name) => name.startsWith("COGNITO_AUTH_")).sort()
}))).listen(Number(process.env.PORT), "127.0.0.1")
`
const folder = folderWith({
  "app.mjs": app,
  "users.json": JSON.stringify([{ email: "zoe@example.com", groups: ["readers"] }]),
  "broken.json": JSON.stringify([{ email: "no address" }])
})
afterAll(folder.remove)

/** Starts it, and waits until it has said so. */
const start = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}, sign = /Open +(http\S+)/) => {
  const child = spawn(process.execPath, [bin, "local-alb", "--port", "0", ...args], { cwd: folder.path, env: environment(env) })
  const written = { stdout: "", stderr: "" }
  const exited = once(child, "close").then(([code]) => code as number | null)
  const url = await new Promise<string>((resolve, reject) => {
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        written[name] += text
        const found = sign.exec(written.stdout + written.stderr)?.[1]
        if (found !== undefined) resolve(found)
      })
    }
    void exited.then((code) => reject(new Error(`exit ${code}: ${written.stderr}`)))
  })
  return {
    url,
    written,
    exited,
    stop: () => {
      child.kill("SIGTERM")
      return exited
    }
  }
}

/** What it writes with --env, in the environment of a deployment. */
const startWithEnv = async () => {
  const env = { COGNITO_AUTH_CLIENT_ID: "production5client", COGNITO_AUTH_ALLOWED_GROUPS: "staff" }
  const alb = await start(["--target", "http://127.0.0.1:9", "--env"], env, /(COGNITO_DOMAIN=\S+)\n/)
  return { code: await alb.stop(), ...alb.written }
}
let withEnv: ReturnType<typeof startWithEnv> | undefined
const endedWithEnv = () => {
  withEnv ??= startWithEnv()
  return withEnv
}

const answerOf = async (url: string): Promise<Response> => {
  // The app behind may still be starting: the local ALB answers 502 until then.
  for (;;) {
    const response = await fetch(url, { redirect: "manual" })
    if (response.status !== 502) return response
  }
}

describe("local-alb", () => {
  it("starts the app with its variables, stands in front of it, and ends it with itself", async () => {
    const port = await freePort()
    const target = `http://127.0.0.1:${port}`
    const alb = await start(["--target", target, "--run", "node app.mjs", "--rule", "/open=forward"], { PORT: String(port) })
    const open = (await (await answerOf(`${alb.url}/open`)).json()) as { data: boolean; variables: ReadonlyArray<string> }
    expect(open.data).toBe(false)
    expect(open.variables).toContain("COGNITO_AUTH_ALB_ARN")
    expect(open.variables).toContain("COGNITO_AUTH_JWKS_URL")
    const page = await answerOf(alb.url)
    expect(page.status).toBe(302)
    expect(new URL(page.headers.get("location") ?? "").pathname).toBe("/oauth2/authorize")
    expect(await alb.stop()).toBe(0)
    await expect(fetch(target)).rejects.toThrow()
  })

  it("writes the variables, and nothing else, to stdout with --env; for the deployment that the environment names", async () => {
    const { code, stdout, stderr } = await endedWithEnv()
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split("\n")
    expect(lines.filter((line) => !/^COGNITO_[A-Z_]+=\S+$/.test(line))).toEqual([])
    expect(lines).toContain("COGNITO_AUTH_CLIENT_ID=production5client")
    // The app's own policy stays in force.
    expect(stdout).not.toContain("COGNITO_AUTH_ALLOW_ANY_USER")
    expect(stderr).toContain("Control page")
  })

  it("lets a user of the file be picked", async () => {
    const alb = await start(["--target", "http://127.0.0.1:9", "--users", "users.json"])
    const page = await fetch(alb.url)
    expect(await page.text()).toContain("zoe@example.com")
    expect(await alb.stop()).toBe(0)
  })

  it("ends with the app, and with the app's exit code", async () => {
    const ended = await cli(["local-alb", "--target", "http://127.0.0.1:9", "--port", "0", "--run", "exit 7"])
    expect(ended.code).toBe(7)
  })

  it.each([
    ["no target", []],
    ["a target with a path", ["--target", "http://localhost:3000/app"]],
    ["a port that is none", ["--target", "http://localhost:3000", "--port", "http"]],
    ["an action that there is not", ["--target", "http://localhost:3000", "--on-unauthenticated", "shrug"]],
    ["a rule that is none", ["--target", "http://localhost:3000", "--rule", "/health"]],
    ["a time that is none", ["--target", "http://localhost:3000", "--session-timeout", "soon"]],
    ["a file of users with faults", ["--target", "http://localhost:3000", "--users", "broken.json"]],
    ["a file of users that is not there", ["--target", "http://localhost:3000", "--users", "missing.json"]]
  ])("refuses %s with exit 2, and without a stack", async (_what, args) => {
    const { code, stdout, stderr } = await cli(["local-alb", ...args], { cwd: folder.path })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).not.toBe("")
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it("names every option as it is typed, also where its port is taken", async () => {
    const wrong = ["--port", "http", "--cognito-port", "x", "--keys-port", "y", "--session-timeout", "soon", "--rule", "health=deny"]
    const { stderr } = await cli(["local-alb", "--target", "http://localhost:3000/app", ...wrong])
    const named = [...stderr.matchAll(/^ {2}- (\S+): /gm)].map(([, name]) => name)
    expect(named).toEqual(["--target", "--port", "--cognito-port", "--keys-port", "--rule", "--session-timeout"])

    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const taken = await cli(["local-alb", "--target", "http://localhost:3000", "--port", "0", "--keys-port", String(port)])
    server.close()
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining(`- --keys-port: cannot listen on ${port}: EADDRINUSE.`)])
  })

  it("says in its help what every variable is for that the app gets", async () => {
    const { stdout: help } = await cli(["local-alb", "--help"])
    const variables = [...(await endedWithEnv()).stdout.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name)
    expect(variables.filter((name) => !name.startsWith("COGNITO_AUTH_") && !help.includes(name))).toEqual([])
    expect(variables).toContain("COGNITO_DOMAIN")
  })

  it("does not start in production", async () => {
    const { code, stderr } = await cli(["local-alb", "--target", "http://localhost:3000"], { env: { NODE_ENV: "production" } })
    expect({ code, isNamed: stderr.includes("NODE_ENV") }).toEqual({ code: 2, isNamed: true })
  })
})
