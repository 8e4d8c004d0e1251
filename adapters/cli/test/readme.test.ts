import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { attacks } from "@cognito-auth/testing"
import { afterAll, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { bin, cli, environment, folderWith } from "./cli.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const forge = await sharedForge({ albLifetime: "1 hour" })
const headers = await forge.headers({ email: "ada@example.com", groups: ["staff"] })
const keys = await forge.serve()
const { env } = keys.settings({ allowedGroups: ["staff"] })
afterAll(keys.close)

const entry = { startedDateTime: "2026-01-31T12:00:00Z", request: { method: "GET", url: "https://app.example.com/", headers: [] } }
const folder = folderWith({
  "request.json": JSON.stringify(headers),
  "headers.txt": Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join(""),
  "session.har": JSON.stringify({ log: { entries: [entry, entry, entry] } }),
  "requests.jsonl": `${JSON.stringify(headers)}\n${JSON.stringify(await attacks.expired.headers(forge))}\n`,
  "keys.json": JSON.stringify(forge.givenKeys()),
  "auth-config.json": JSON.stringify({ allowed_groups: ["staff"] }),
  "users.json": JSON.stringify([{ email: "zoe@example.com" }]),
  "package.json": JSON.stringify({ scripts: { dev: "node --version" } }),
  ".env": ""
})
afterAll(folder.remove)

/** The command lines of a text, as a shell would read them. */
const commandsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^(?: *\$ )?(cognito-auth .*)$/gm)].map(([, command = ""]) => command).filter((command) => !command.includes("--help"))

const helpOf = async (...command: ReadonlyArray<string>) => (await cli([...command, "--help"])).stdout
const helps = await Promise.all([helpOf(), helpOf("explain"), helpOf("doctor"), helpOf("policy", "check"), helpOf("local-alb")])
const commands = [...new Set([...helps, ...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap((text) => commandsIn(String(text))))]
  // A gateway is tested where it is described.
  .filter((command) => !command.startsWith("cognito-auth gateway"))

const argsOf = (command: string): { readonly args: ReadonlyArray<string>; readonly stdin: string | undefined } => {
  const [line = "", stdin] = command.split(/ > \S+/)[0]?.split(" < ") ?? []
  const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "").slice(1)
  return { args, stdin }
}

describe("the README's and the help's examples", () => {
  it("are many", () => {
    expect(commands.length).toBeGreaterThan(12)
    expect(readme).not.toMatch(/^cognito-auth .*\|/m)
  })

  it.each(commands.filter((command) => !command.includes("local-alb")))("%s", async (command) => {
    const { args, stdin } = argsOf(command)
    const input = stdin === undefined ? "" : readFileSync(`${folder.path}/${stdin}`)
    const { code, stderr } = await cli(args, { input, env, cwd: folder.path })
    // Refused or not: it ran, and came to a verdict.
    expect({ isRun: code === 0 || code === 1, stderr }).toEqual({ isRun: true, stderr: "" })
  })

  it.each(commands.filter((command) => command.includes("local-alb")))("%s", async (command) => {
    const child = spawn(process.execPath, [bin, ...argsOf(command).args, "--port", "0"], {
      cwd: folder.path,
      env: environment({ PATH: process.env["PATH"] ?? "" })
    })
    child.stdout.once("data", () => child.kill("SIGTERM"))
    const [code] = (await once(child, "close")) as [number | null]
    expect(code).toBe(0)
  })
})

describe("what the README shows", () => {
  it("is what explain prints", async () => {
    const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(readme) ?? []
    const input = JSON.stringify(await attacks.anotherAlb.headers(forge))
    const { stdout } = await cli(["explain", "--keys", "keys.json"], { input, env, cwd: folder.path })
    // Of the ARN, the attack changes one digit of the account.
    expect(stdout).toContain("eu-west-2:223456789012:")
    for (const line of shown.split("\n")) expect(stdout.split("\n")).toContain(line)
  })

  it("is what explain --jsonl prints", async () => {
    const [, shown = ""] = /^```jsonl\n(.*?)^```$/ms.exec(readme) ?? []
    const { stdout } = await cli(["explain", "--jsonl", "requests.jsonl", "--keys", "keys.json"], { env, cwd: folder.path })
    expect(stdout).toBe(shown)
  })

  it.each(["explain", "doctor", "policy check", "local-alb", "gateway"])(
    "are the exit codes of the help of %s, and no others",
    async (command) => {
      const cells = (line: string) => line.split("|").slice(1, -1)
      const table = [...readme.matchAll(/^\| (?:exit code|\d) \|.*$/gm)].map(([line]) => cells(line).map((cell) => cell.trim()))
      const column = table[0]?.indexOf(`\`${command}\``) ?? -1
      const documented = table.slice(1).flatMap((row) => (row[column] === "" ? [] : [`  ${row[0]}  ${row[column]}`]))
      const [, shown = ""] = /^Exit codes:\n((?: {2}\d {2}.*\n)+)/m.exec(await helpOf(...command.split(" "))) ?? []
      expect(shown.trimEnd().split("\n")).toEqual(documented)
      expect(documented.length).toBeGreaterThan(1)
    }
  )
})

describe("the command", () => {
  it("shows its help and its version with exit 0, and without a subcommand exits with 2", async () => {
    expect(await cli(["--help"])).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("Exit codes:") })
    expect(await cli(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect((await cli([])).code).toBe(2)
    expect(await cli(["explian"])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Did you mean explain?") })
  })

  it("exits with a failure when the reader has closed the pipe", async () => {
    const lines = `${JSON.stringify(headers)}\n`.repeat(5_000)
    const child = spawn(process.execPath, [bin, "explain", "--jsonl", "--keys", "keys.json"], { cwd: folder.path, env: environment(env) })
    child.stdin.on("error", () => undefined).end(lines)
    child.stdout.destroy()
    const [code] = (await once(child, "close")) as [number | null]
    expect(code).toBe(141)
  })
})
