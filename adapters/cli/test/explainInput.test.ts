import { afterAll, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, folderWith } from "./cli.ts"

const forge = await sharedForge({ albLifetime: "1 hour" })
const headers = await forge.headers({ groups: ["staff"] })
const pairs = Object.entries(headers)
const har = (entries: ReadonlyArray<unknown>) => JSON.stringify({ log: { version: "1.2", entries } })
const asNameAndValue = pairs.map(([name, value]) => ({ name, value }))
const entry = (given: ReadonlyArray<unknown>) => ({
  startedDateTime: "2026-01-31T12:00:00.000Z",
  request: { method: "GET", url: "https://app.example.com/", headers: given }
})
const curl = [
  "* Connected to localhost (127.0.0.1) port 3000",
  "> GET /me HTTP/1.1",
  "> Host: localhost:3000",
  "> User-Agent: curl/8.14.1",
  ...pairs.map(([name, value]) => `> ${name}: ${value}`),
  ">",
  "* Request completely sent off",
  "< HTTP/1.1 401 Unauthorized",
  "< x-amzn-oidc-data: an echo, which was not sent",
  "< ",
  '{"error":"HeaderMissing"}'
].join("\r\n")

const folder = folderWith({ "keys.json": JSON.stringify(forge.givenKeys()), "request.json": JSON.stringify(headers) })
afterAll(folder.remove)
const { env } = forge.settings()
const explain = (input: string, ...args: ReadonlyArray<string>) =>
  cli(["explain", "--keys", "keys.json", ...args], { input, env, cwd: folder.path })

describe("explain reads", () => {
  it.each([
    ["an object of headers", JSON.stringify(headers)],
    ["names in any case", JSON.stringify(Object.fromEntries(pairs.map(([name, value]) => [name.toUpperCase(), value])))],
    ["pairs", JSON.stringify(pairs)],
    ["names and values", JSON.stringify(asNameAndValue)],
    ["Node's rawHeaders", JSON.stringify(pairs.flat())],
    ["an object that holds headers", JSON.stringify({ method: "GET", target: "/", headers })],
    [
      "an event for a Lambda function with multi-value headers",
      JSON.stringify({
        httpMethod: "GET",
        path: "/",
        headers: {},
        multiValueHeaders: Object.fromEntries(pairs.map(([name, value]) => [name, [value]]))
      })
    ],
    ["a HAR file", har([entry([]), entry(asNameAndValue)])],
    ["what curl -v printed", curl],
    ["the head of an HTTP request", ["GET / HTTP/1.1", ...pairs.map(([name, value]) => `${name}: ${value}`)].join("\r\n")],
    ["header lines", pairs.map(([name, value]) => `${name}: ${value}`).join("\n")],
    ["a file that begins with a byte order mark", `\uFEFF${JSON.stringify(headers)}`]
  ])("%s", async (_what, input) => {
    expect(await explain(input)).toMatchObject({ code: 0, stderr: "" })
  })

  it("a file by its name, and stdin as -", async () => {
    expect((await explain("", "request.json")).code).toBe(0)
    expect((await explain(JSON.stringify(headers), "-")).code).toBe(0)
  })

  it("the request that was asked for, out of several", async () => {
    const input = har([entry(asNameAndValue), entry([])])
    expect((await explain(input)).stdout).toContain("Request 1 of 2")
    expect(await explain(input, "--request", "2")).toMatchObject({ code: 1, stdout: expect.stringContaining("HeaderMissing") })
  })

  it("headers that were sent twice, in each form, as refused", async () => {
    for (const input of [
      JSON.stringify([...pairs, ...pairs]),
      JSON.stringify([...pairs, ...pairs].flat()),
      har([entry([...asNameAndValue, ...asNameAndValue])]),
      `${curl}\n> ${pairs.map(([name, value]) => `${name.toUpperCase()}: ${value}`).join("\n> ")}`
    ]) {
      const { code, stdout } = await explain(input, "--json")
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({ failure: { error: "HeaderInvalid", step: "header.data" } })
    }
  })

  it("the time of a HAR entry, for the advice on an expired token", async () => {
    const old = await forge.with({ now: () => Date.parse("2026-01-31T12:00:00Z") }).headers()
    const input = har([entry(Object.entries(old).map(([name, value]) => ({ name, value })))])
    expect((await explain(input, "--at", "2026-02-01T12:00:00Z")).stdout).toContain("--at 2026-01-31T12:00:00.000Z")
    expect((await explain(input, "--at", "2026-01-31T12:00:00Z")).code).toBe(0)
  })
})

describe("explain refuses with exit 2, in words of one line,", () => {
  it.each([
    ["no request", "", []],
    ["an empty HAR file", har([]), []],
    ["truncated JSON", '{"x-amzn-oidc-data": "abc', []],
    ["JSON that holds no headers", "[1, 2, 3]", []],
    ["a file that is not there", "", ["missing.json"]],
    ["keys that are no JSON", JSON.stringify(headers), ["--keys", "request.txt"]],
    ["keys under other names", JSON.stringify(headers), ["--keys", "request.json"]],
    ["a time without a zone", JSON.stringify(headers), ["--at", "2026-01-31T12:00:00"]],
    ["a request that is not there", JSON.stringify(headers), ["--request", "2"]],
    ["a file of variables that is not there", JSON.stringify(headers), ["--dotenv", ".env"]]
  ])("%s", async (_what, input, args) => {
    const { code, stdout, stderr } = await explain(input, ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr.trimEnd().split("\n")).toHaveLength(1)
    expect(stderr).toMatch(/\.$/m)
  })

  it("an option that there is not, with a pointer to the help", async () => {
    const { code, stderr } = await cli(["explain", "--key", "x"])
    expect(code).toBe(2)
    expect(stderr).toContain("Did you mean --keys?")
  })

  it("a configuration with faults, every one of them named, as JSON where that was asked for", async () => {
    const { code, stdout } = await cli(["explain", "--json", "--alb-arn", "x"], { input: JSON.stringify(headers) })
    expect(code).toBe(2)
    const { error, faults } = JSON.parse(stdout) as { error: string; faults: ReadonlyArray<{ setting: string }> }
    expect(error).toBe("ConfigurationError")
    expect(faults.map(({ setting }) => setting.split(" ")[0])).toEqual(["--user-pool-id", "--client-id", "--alb-arn", "policy"])
  })

  it("given keys that are no keys", async () => {
    const bad = folderWith({ "keys.json": JSON.stringify({ alb: { x: "no PEM" }, jwks: { keys: [] } }) })
    const { code, stderr } = await cli(["explain", "--keys", "keys.json"], { input: JSON.stringify(headers), env, cwd: bad.path })
    bad.remove()
    expect(code).toBe(2)
    expect(stderr).toMatch(/keys\.alb.*\n.*keys\.jwks/)
  })
})

describe("settings", () => {
  it("come from flags, which win over variables", async () => {
    const flags = Object.entries({ "--user-pool-id": forge.userPoolId, "--client-id": forge.clientId, "--alb-arn": forge.albArn }).flat()
    const args = ["explain", "--keys", "keys.json", ...flags, "--allowed-groups", "staff"]
    const wrong = { COGNITO_AUTH_CLIENT_ID: "another", COGNITO_AUTH_ALLOW_ANY_USER: "true", COGNITO_AUTH_CONFIG_PATH: "nowhere.json" }
    expect((await cli(args, { input: JSON.stringify(headers), env: wrong, cwd: folder.path })).code).toBe(0)
  })

  it("come from a file of variables, which the process's own win over", async () => {
    const text = Object.entries(env)
      .map(([name, value]) => `${name}="${value}"`)
      .join("\n")
    const files = folderWith({ ".env": text, "keys.json": JSON.stringify(forge.givenKeys()) })
    const args = ["explain", "--keys", "keys.json", "--dotenv", ".env"]
    const input = JSON.stringify(headers)
    expect((await cli(args, { input, cwd: files.path })).code).toBe(0)
    const other = await cli(args, { input, cwd: files.path, env: { COGNITO_AUTH_CLIENT_ID: "another" } })
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining("ClientRefused") })
    files.remove()
  })
})
