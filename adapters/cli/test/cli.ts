/** Starts the command as a process, and waits for its end. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const bin = fileURLToPath(new URL("../bin/cognito-auth.js", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** The command sees no variables but these, and the few that any process needs. */
export const environment = (env: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: tmpdir(),
  ...env
})

export const cli = async (args: ReadonlyArray<string>, { input = "", env, cwd }: RunOptions = {}): Promise<Ended> => {
  const child = spawn(process.execPath, [bin, ...args], { env: environment(env), cwd })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  // A command that has ended before it read its input is no error of the test's.
  child.stdin.on("error", () => undefined).end(input)
  const [code] = (await once(child, "close")) as [number | null]
  return { code, stdout, stderr }
}

/** A folder of its own, with these files; gone after the test run. */
export const folderWith = (files: Readonly<Record<string, string>>): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), "cognito-auth-cli-"))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
