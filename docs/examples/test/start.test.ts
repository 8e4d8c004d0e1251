/** `npm start`, on first use. */
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { choosePort } from "../src/demo/choosePort.ts"
import { readArguments, UsageError } from "../src/demo/readArguments.ts"
import { table } from "../src/demo/table.ts"
import type { Outcome } from "../src/walkThrough.ts"
import { type Demo, pageOf, startDemo } from "./startDemo.ts"

const taken = createServer().listen(0, "127.0.0.1")
await once(taken, "listening")
const takenPort = String((taken.address() as AddressInfo).port)
afterAll(() => void taken.close())

const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => line.length))

describe("npm start -- --once", () => {
  // The settings of a real deployment, which the shell may have, and which must not mislead it.
  const env = { COGNITO_AUTH_ALLOWED_GROUPS: "nobody", COGNITO_AUTH_DEV_MODE: "true", PORT: takenPort }
  it.each(["node", "express", "fastify"])("%s: one table, no wider than 80 columns, nothing beside it, exit 0", async (name) => {
    const { ended, printed } = startDemo([name, "--once"], env)
    expect({ code: await ended, stderr: printed.stderr }).toEqual({ code: 0, stderr: "" })
    expect(widthOf(printed.stdout)).toBeLessThanOrEqual(80)
    expect(printed.stdout.match(/^ {2}ok {4}/gm)).toHaveLength(20)
    expect(printed.stdout).toMatch(/\n\nAll 20 responses are as expected\.\n$/)
  })
})

describe("the table", () => {
  it("says what was expected where something else was received, and how often", () => {
    const outcome = (received: string): Outcome => ({
      sent: "no headers",
      way: "past",
      path: "/me",
      headers: {},
      expected: "401 HeaderMissing",
      received
    })
    const shown = table([outcome("401 HeaderMissing"), outcome("200")])
    expect(shown).toMatch(/^ {2}FAIL {2}no headers +\/me +200\n {8}expected: 401 HeaderMissing$/m)
    expect(shown).toMatch(/1 of 2 RESPONSES ARE NOT AS EXPECTED\.$/)
  })
})

describe("npm start", () => {
  /** Started beside another server on the usual port. */
  let besideAnother: Demo
  beforeAll(async () => {
    const usual = createServer()
    await new Promise((settled) => usual.once("listening", settled).once("error", settled).listen(8080, "127.0.0.1"))
    besideAnother = startDemo(["--curl", "fastify"])
    await pageOf(besideAnother)
    usual.close()
  })
  afterAll(async () => void (await besideAnother.stop()))

  it("says once which page to open, in few words, and serves it", async () => {
    const demo = startDemo([], { PORT: takenPort === "3000" ? "3001" : "" })
    onTestFinished(async () => void (await demo.stop()))
    const url = await pageOf(demo)
    expect(demo.printed.stdout.match(/^Open /gm)).toHaveLength(1)
    expect(demo.printed.stdout.length).toBeLessThan(2_500)
    expect(widthOf(demo.printed.stdout)).toBeLessThanOrEqual(80)
    expect(demo.printed.stderr).toBe("")
    expect((await fetch(url, { redirect: "manual" })).status).toBe(302)
  })

  it("finds another port where the usual one is taken and none was asked for", async () => {
    expect(await pageOf(besideAnother)).not.toBe("http://localhost:8080")
    expect(besideAnother.printed.stdout).toContain("is taken: --port chooses others.")
  })

  it("prints the requests for curl where it is asked to", async () => {
    const { stdout } = besideAnother.printed
    const [, url = ""] = /^curl -i (\S+) \\\n {2}-H 'cookie: /m.exec(stdout) ?? []
    const [, cookie = ""] = /-H 'cookie: ([^']+)'/.exec(stdout) ?? []
    expect(await (await fetch(url, { headers: { cookie } })).json()).toMatchObject({ email: "ada@example.com" })
  })

  it("ends with 2 where it is used wrongly, and prints what to do, and nothing else", async () => {
    const { ended, printed } = startDemo([], { PORT: takenPort })
    expect(await ended).toBe(2)
    expect(printed).toEqual({ stdout: "", stderr: expect.stringContaining(`Port ${takenPort} is taken`) })
    expect(printed.stderr).not.toMatch(/^\s+at /m)
  })
})

describe("wrong usage says what to do:", () => {
  it.each([
    ["a port that is none", ["--port", "http"], "--port: expected a port"],
    ["a port of the app's that is none", ["--app-port", "0"], "--app-port: expected a port"],
    ["an option that there is not", ["--prot", "9000"], "Unknown option '--prot'.\n\nnpm start -- [node | express | fastify]"],
    ["an example that there is not", ["django"], "There are: node, express, fastify."]
  ])("%s", (_what, args, said) => {
    const read = () => readArguments(args, {})
    expect(read).toThrow(UsageError)
    expect(read).toThrow(said)
  })

  it.each([
    ["a port that is taken", { option: "--port", usual: 8080, count: 3 }, `Port ${takenPort} is taken. --port ${takenPort} needs`],
    ["a port of the app's that is taken", { option: "--app-port", usual: 3000 }, "choose another by --app-port"]
  ])("%s", async (_what, choice, said) => {
    const chosen = choosePort({ ...choice, given: Number(takenPort) })
    await expect(chosen).rejects.toBeInstanceOf(UsageError)
    await expect(chosen).rejects.toThrow(said)
  })
})
