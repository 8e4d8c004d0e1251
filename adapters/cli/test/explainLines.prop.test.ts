import { Buffer } from "node:buffer"
import { CognitoAuth, type HeaderFields } from "@cognito-auth/core"
import { attacks } from "@cognito-auth/testing"
import { changedToken, headerSet, user } from "@cognito-auth/testing/arbitraries"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, cliProcess, folderWith } from "./cli.ts"

const forge = await sharedForge({ albLifetime: "1 hour" })
const folder = folderWith({ "keys.json": JSON.stringify(forge.givenKeys()) })
afterAll(folder.remove)
const { env, options } = forge.settings({ allowedGroups: ["staff"] })
const { authenticate } = CognitoAuth.make({ ...options, keySource: forge.keySource() })
const ada = { email: "ada@example.com", groups: ["staff"] }
const genuine = await forge.headers(ada)

interface Line {
  readonly line: number
  readonly verdict: string
  readonly error?: string
  readonly header?: string
  readonly check?: string
  readonly step?: string
}

const linesOf = async (requests: ReadonlyArray<unknown>): Promise<ReadonlyArray<Line>> => {
  const input = requests.map((headers) => `${JSON.stringify(headers)}\n`).join("")
  const { stdout, stderr } = await cli(["explain", "--keys", "keys.json", "--jsonl"], { input, env, cwd: folder.path })
  expect(stderr).toBe("")
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)
}

/** What the pipeline itself says. */
const judge = async (headers: HeaderFields) => {
  const outcome = await Effect.runPromise(Effect.result(authenticate(headers)))
  if (Result.isSuccess(outcome)) return { verdict: "admitted" }
  const error = outcome.failure
  const evidence = "header" in error ? { header: error.header, check: error.check } : {}
  return { verdict: "refused", error: error._tag, ...evidence }
}

/** Whatever JSON can carry of them: what a logged request looks like. */
const asJson = (headers: unknown): HeaderFields => JSON.parse(JSON.stringify(headers)) as HeaderFields

/** A member of a JOSE header or a payload replaced, and the whole signed again: gets further than a broken signature. */
const resigned = fc
  .record({
    token: fc.constantFrom("alb", "access"),
    part: fc.constantFrom("header", "claims"),
    name: fc.constantFrom(
      "alg",
      "kid",
      "crit",
      "b64",
      "iss",
      "exp",
      "nbf",
      "sub",
      "client",
      "signer",
      "client_id",
      "token_use",
      "cognito:groups"
    ),
    value: fc.oneof(
      fc.constantFrom<unknown>(
        undefined,
        null,
        "",
        0,
        1,
        true,
        [],
        {},
        "ES256",
        "RS256",
        "access",
        "id",
        forge.issuer,
        forge.clientId,
        forge.albArn
      ),
      fc.constantFrom<unknown>(Math.floor(Date.now() / 1000) + 600, 1e308, -1, "9999999999", ["staff"]),
      fc.string()
    )
  })
  .map(({ token, part, name, value }) => ({ [token]: { [part]: { [name]: value } } }))

const mutation: fc.Arbitrary<() => Promise<HeaderFields>> = fc.oneof(
  fc.tuple(user(), resigned, resigned).map(
    ([who, one, other]) =>
      () =>
        forge.headers({ ...who, groups: who.groups ?? [], ...one, ...other })
  ),
  fc
    .constantFrom("x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity")
    .chain((name) => changedToken(genuine[name] ?? "x").map((token) => async () => ({ ...genuine, [name]: token }))),
  headerSet(genuine).map((headers) => async () => headers),
  fc.constantFrom(...Object.values(attacks)).map(
    ({ headers }) =>
      () =>
        headers(forge, ada)
  )
)

describe("explain --jsonl", () => {
  it("∀ request, whatever is wrong with it: verdict, error, header and check are the pipeline's, at a step that stands for them", async () => {
    const made = await Promise.all(fc.sample(mutation, runs(500)).map((make) => make()))
    const requests = made.flatMap((headers) => {
      try {
        return [asJson(headers)]
      } catch {
        // A BigInt, or a circle: no JSON.
        return []
      }
    })
    // A field of the name "headers" that is an object means the whole request.
    const plain = requests.filter((headers) => typeof (headers as Record<string, unknown>)["headers"] !== "object")
    const lines = await linesOf(plain)
    expect(lines).toHaveLength(plain.length)
    const met = new Set<string>()
    for (const [i, headers] of plain.entries()) {
      const { line, step, verdict, error, header, check } = lines[i] as Line & { status?: number }
      expect(line).toBe(i + 1)
      const said = { verdict, ...(error === undefined ? {} : { error }), ...(header === undefined ? {} : { header, check }) }
      expect(said).toEqual(await judge(headers))
      if (error !== undefined) {
        met.add(error)
        expect(step).toMatch(
          header === undefined ? /^policy$/ : header.endsWith("data") ? /^(header\.data|alb\.|subject\.alb)/ : /^(header|access|subject)\./
        )
      }
    }
    // The mutations cause every error of a token.
    expect(met.size).toBeGreaterThanOrEqual(14)
  })

  it("says the same as explain of one request, step and all", async () => {
    const requests = await Promise.all(Object.values(attacks).map(({ headers }) => headers(forge, ada)))
    const lines = await linesOf(requests)
    for (const i of [0, 7, 16, 27]) {
      const { stdout } = await cli(["explain", "--keys", "keys.json", "--json"], {
        input: JSON.stringify(requests[i]),
        env,
        cwd: folder.path
      })
      const { failure } = JSON.parse(stdout) as { failure: { error: string; step: string } }
      expect({ error: lines[i]?.error, step: lines[i]?.step }).toEqual({ error: failure.error, step: failure.step })
    }
  })
})

describe("explain --jsonl, line by line,", () => {
  const run = (input: string | Buffer, ...args: ReadonlyArray<string>) =>
    cli(["explain", "--keys", "keys.json", "--jsonl", ...args], { input, env, cwd: folder.path })
  const good = JSON.stringify(genuine)

  it("answers each line in its order, with its number and the id that it came with", async () => {
    const { stdout, code } = await run(`{"id":"a","headers":${good}}\n\n{"id":7,"headers":{}}\r\n${good}`)
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown)
    ).toEqual([
      { line: 1, id: "a", verdict: "admitted" },
      {
        line: 3,
        id: 7,
        verdict: "refused",
        error: "HeaderMissing",
        status: 401,
        step: "header.data",
        header: "x-amzn-oidc-data",
        check: "presence"
      },
      { line: 4, verdict: "admitted" }
    ])
    expect(code).toBe(1)
  })

  it("goes on after a line that is none, and exits with 2", async () => {
    const { stdout, code } = await run(`{\n[1]\n${Buffer.alloc(3_000_000, "x")}\n${good}\n`)
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown)
    ).toEqual([
      { line: 1, verdict: "unreadable", reason: "not JSON" },
      { line: 2, verdict: "unreadable", reason: "no headers" },
      { line: 3, verdict: "unreadable", reason: "longer than 1 MiB" },
      { line: 4, verdict: "admitted" }
    ])
    expect(code).toBe(2)
  })

  it("judges each line as of its own time, unless --at is given", async () => {
    const then = Date.parse("2026-01-31T12:00:00Z")
    const old = await forge.with({ now: () => then }).headers(ada)
    const lines = [new Date(then).toISOString(), then, then / 1000, undefined].map((at) => JSON.stringify({ headers: old, at })).join("\n")
    const verdicts = async (...args: ReadonlyArray<string>) =>
      (await run(lines, ...args)).stdout
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as Line).error ?? "admitted")
    expect(await verdicts()).toEqual(["admitted", "admitted", "admitted", "TokenExpired"])
    expect(await verdicts("--at", "2026-02-01T12:00:00Z")).toEqual(Array(4).fill("TokenExpired"))
  })

  it("exits with 0 where every line is admitted, also where there is none", async () => {
    expect((await run(`${good}\n${good}\n`)).code).toBe(0)
    expect(await run("")).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("waits for keys without losing the order, and exits with 3 where they cannot be had", async () => {
    await using keys = await forge.serve()
    const input = `${good}\n{}\n${good}\n`
    const fetched = await cli(["explain", "--jsonl"], { input, env: keys.settings().env })
    expect(fetched.stdout.match(/"verdict":"\w+"/g)).toEqual(["admitted", "refused", "admitted"].map((verdict) => `"verdict":"${verdict}"`))
    await keys.misbehave("500")
    const failed = await cli(["explain", "--jsonl"], { input, env: keys.settings().env })
    expect(failed.code).toBe(3)
    expect(failed.stdout.match(/"verdict":"\w+"/g)).toEqual(["outage", "refused", "outage"].map((verdict) => `"verdict":"${verdict}"`))
  })

  it("reads 30,000 lines, 60 MB, in a heap that could not hold them", async () => {
    const input = `${good}\n`.repeat(30_000)
    expect(input.length).toBeGreaterThan(56_000_000)
    const { stdout, stderr, code } = await cliProcess(["explain", "--keys", "keys.json", "--jsonl"], {
      input,
      env: { ...env, NODE_OPTIONS: "--max-old-space-size=48" },
      cwd: folder.path
    })
    expect({ code, stderr, lines: stdout.split("\n").length - 1 }).toEqual({ code: 0, stderr: "", lines: 30_000 })
  })
})
