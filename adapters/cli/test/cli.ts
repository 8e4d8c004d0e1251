/** Runs the command to its end: within this process, or as a process of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { main } from "../src/main.ts"

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

/** A stream that keeps what is written to it. */
const recorder = () => {
  const chunks: Array<Buffer> = []
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    }
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

let last: Promise<unknown> = Promise.resolve()

/**
 * The command within this process, which has one set of streams and variables: one run after another. What a library logs is not
 * in `stderr`: a process shows that.
 */
export const cli = (args: ReadonlyArray<string>, options: RunOptions = {}): Promise<Ended> => {
  const ended = last.then(() => runMain(args, options))
  last = ended.catch(() => undefined)
  return ended
}

const runMain = async (args: ReadonlyArray<string>, { input = "", env, cwd = process.cwd() }: RunOptions): Promise<Ended> => {
  const stdout = recorder()
  const stderr = recorder()
  const own = { env: process.env, cwd: process.cwd() }
  const streams = Object.entries({
    stdin: Readable.from(input.length === 0 ? [] : [Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream
  }).map(([name, value]) => [name, value, Object.getOwnPropertyDescriptor(process, name)] as const)
  for (const [name, value] of streams) Object.defineProperty(process, name, { value, configurable: true })
  process.env = environment(env)
  process.chdir(cwd)
  try {
    return { code: await main(args), stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    process.chdir(own.cwd)
    process.env = own.env
    for (const [name, , descriptor] of streams) Object.defineProperty(process, name, descriptor ?? {})
  }
}

/** The command as its users have it: built, and started as a process. */
export const cliProcess = async (args: ReadonlyArray<string>, { input = "", env, cwd }: RunOptions = {}): Promise<Ended> => {
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

/** A temporary folder with these files. It is removed after the tests. */
export const folderWith = (files: Readonly<Record<string, string>>): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), "cognito-auth-cli-"))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
