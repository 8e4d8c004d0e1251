import { type AuthErrorTag, CognitoAuth, httpMeaning } from "@cognito-auth/core"
import { type Attack, attacks } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, cliProcess, folderWith } from "./cli.ts"

const forge = await sharedForge({ albLifetime: "1 hour" })
const keysJson = JSON.stringify(forge.givenKeys())
const folder = folderWith({ "keys.json": keysJson })
afterAll(folder.remove)
const { env } = forge.settings({ allowedGroups: ["staff"] })
const ada = { email: "ada.secret@example.com", name: "Ada Secretname", groups: ["staff"] }

const explain = async (headers: unknown, ...args: ReadonlyArray<string>) =>
  cli(["explain", "--keys", "keys.json", ...args], { input: JSON.stringify(headers), env, cwd: folder.path })

interface Report {
  readonly verdict: string
  readonly answer: { readonly status: number; readonly location?: string }
  readonly failure?: {
    readonly error: AuthErrorTag
    readonly status: number
    readonly step: string
    readonly message: string
    readonly remedy: string
  }
  readonly steps: ReadonlyArray<{ readonly id: string; readonly status: string; readonly expected: string; readonly actual: string }>
}
const reportOf = (stdout: string) => JSON.parse(stdout) as Report

describe("explain", () => {
  it("shows every check of an admitted request as passed, in the pipeline's order", async () => {
    const { code, stdout, stderr } = await explain(await forge.headers(ada))
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const stages = ["Headers", "Form and JOSE header", "Keys and signatures", "Claims", "Subject", "Policy", "ADMITTED"]
    expect(stdout.split("\n").filter((line) => stages.includes(line))).toEqual(stages)
    expect(stdout).not.toMatch(/FAILED|not checked/)
    expect(stdout).toContain("Admitted as a member of staff.")
  })

  it("shows the expected and the actual value of the failed check, says what to do, and checks nothing after it", async () => {
    const { code, stdout } = await explain(await attacks.anotherAlb.headers(forge, ada))
    expect(code).toBe(1)
    const lines = stdout.split("\n")
    const failed = lines.findIndex((line) => /FAILED {2}alb token: signer$/.test(line))
    expect(lines[failed + 1]).toBe(`            expected  ${forge.albArn}`)
    expect(lines[failed + 2]).toMatch(
      /^ {12}actual {4}arn:aws:elasticloadbalancing:eu-west-2:\d{12}:loadbalancer\/app\/my-alb\/50dc6c495c0c9188$/
    )
    expect(lines[failed + 2]).not.toContain(forge.albArn)
    expect(lines.slice(failed + 3).filter((line) => /^ {2}(ok|FAILED)/.test(line))).toEqual([])
    expect(stdout).toContain("REFUSED: SignerRefused (401)")
    expect(stdout).toMatch(/What to do: .*COGNITO_AUTH_ALB_ARN/)
  })

  it("tells what a browser would get", async () => {
    const request = { method: "GET", headers: { accept: "text/html" } }
    expect(reportOf((await explain(request, "--json")).stdout).answer).toEqual({ status: 401 })
    const redirecting = { COGNITO_AUTH_REDIRECT_URL: "https://app.example/401.html" }
    const { stdout } = await cli(["explain", "--keys", "keys.json", "--json"], {
      input: JSON.stringify(request),
      env: { ...env, ...redirecting },
      cwd: folder.path
    })
    expect(reportOf(stdout).answer).toEqual({ status: 302, location: "https://app.example/401.html" })
  })

  it("explains why the policy does not admit, without the names of the user's own groups", async () => {
    const { code, stdout } = await explain(await forge.headers({ ...ada, groups: ["hush-hush"] }))
    expect(code).toBe(1)
    expect(stdout).toContain("Not admitted: the policy admits a member of staff")
    expect(stdout).not.toContain("hush-hush")
  })

  it("judges at another time", async () => {
    const yesterday = await attacks.expired.headers(forge, ada)
    const at = new Date(Date.now() - 86_400_000).toISOString()
    expect((await explain(yesterday)).code).toBe(1)
    expect(await explain(yesterday, "--at", at)).toMatchObject({ code: 0, stdout: expect.stringContaining(`as of ${at}`) })
    expect((await explain(yesterday, "--at", String(Date.parse(at) / 1000))).code).toBe(0)
  })

  it("says of an expired token at which time to look at the rest", async () => {
    const yesterday = await attacks.expired.headers(forge, ada)
    const { remedy = "" } = reportOf((await explain(yesterday, "--json")).stdout).failure ?? {}
    const [, at = ""] = /--at (\S+)$/.exec(remedy) ?? []
    expect((await explain(yesterday, "--at", at)).code).toBe(0)
  })

  it("needs no network with --keys, and says of an unknown kid that the file has none", async () => {
    const { stdout, code } = await cli(["explain", "--keys", "keys.json", "--json"], {
      input: JSON.stringify(await attacks.unknownPoolKey.headers(forge, ada)),
      // Were it asked, nothing answers there.
      env: { ...env, COGNITO_AUTH_JWKS_URL: "http://127.0.0.1:1/jwks.json", COGNITO_AUTH_ALB_KEYS_URL: "http://127.0.0.1:1" },
      cwd: folder.path
    })
    expect(code).toBe(1)
    expect(reportOf(stdout).failure).toMatchObject({ error: "KeyUnknown", step: "access.key", remedy: expect.stringContaining("--keys") })
  })
})

describe("explain with key endpoints", () => {
  it("fetches keys from the configured endpoints", async () => {
    await using keys = await forge.serve()
    const { code } = await cli(["explain"], { input: JSON.stringify(await forge.headers(ada)), env: keys.settings().env })
    expect(code).toBe(0)
    expect([keys.requests.count("alb"), keys.requests.count("cognito")]).toEqual([1, 1])
  })

  it("exits with 3 where the load balancer's keys cannot be had", async () => {
    await using keys = await forge.serve()
    await keys.misbehave("500", { only: "alb" })
    const { code, stdout } = await cli(["explain", "--json"], { input: JSON.stringify(await forge.headers(ada)), env: keys.settings().env })
    expect(code).toBe(3)
    expect(reportOf(stdout)).toMatchObject({ verdict: "outage", failure: { error: "KeySourceUnavailable", status: 503, step: "alb.key" } })
  })

  it("does not claim that a signature was checked where the other key cannot be had", async () => {
    await using keys = await forge.serve()
    await keys.misbehave("500", { only: "cognito" })
    const { code, stdout } = await cli(["explain", "--json"], { input: JSON.stringify(await forge.headers(ada)), env: keys.settings().env })
    expect(code).toBe(3)
    const { failure, steps } = reportOf(stdout)
    expect(failure).toMatchObject({ error: "KeySourceUnavailable", step: "access.key" })
    const statusOf = (id: string) => steps.find((step) => step.id === id)?.status
    expect(["alb.key", "alb.signature", "access.key", "access.signature"].map(statusOf)).toEqual([
      "passed",
      "not checked",
      "failed",
      "not checked"
    ])
  })
})

/** Every error of the table, each with a request that causes it. */
const table: ReadonlyArray<readonly [name: string, error: AuthErrorTag, headers: () => Promise<unknown>]> = [
  ...Object.entries<Attack>(attacks).map(([name, { error, headers }]) => [name, error, () => headers(forge, ada)] as const),
  ["a visitor", "NotAuthorised", () => forge.headers({ ...ada, groups: ["visitors"] })]
]

const evil = { host: "app.example.com", origin: "https://evil.example", "sec-fetch-site": "cross-site" }
const webSocket = { Host: "app.example.com", Origin: "https://evil.example", Connection: "Upgrade", Upgrade: "websocket" }

/** What is refused before any token is read. */
const ofRequest: ReadonlyArray<readonly [what: string, error: AuthErrorTag, step: string, request: object, actual: RegExp]> = [
  ["a raw # in the target", "TargetInvalid", "request.target", { target: "/me#x" }, /^5 characters$/],
  ["a target of 17 KiB", "TargetTooLong", "request.target", { target: `/${"x".repeat(17_000)}` }, /^17,001 characters$/],
  [
    "a POST of another site",
    "CrossOriginRefused",
    "request.origin",
    { method: "POST", target: "/orders", headers: evil },
    /^POST, sec-fetch-site cross-site, origin https:\/\/evil\.example, host app\.example\.com$/
  ],
  [
    "a WebSocket of another site",
    "CrossOriginRefused",
    "request.origin",
    { target: "/ws", headers: webSocket },
    /^GET as an upgrade, origin https:\/\/evil\.example, host app\.example\.com$/
  ],
  [
    "an Origin with personal data",
    "CrossOriginRefused",
    "request.origin",
    { method: "POST", headers: { origin: "https://ada.secret@corp.example.com/Secretname", host: "h" } },
    /^POST, origin a string of 46 characters in an unexpected format, host h$/
  ]
]

describe("explain of what is refused before any token is read", () => {
  it.each(ofRequest)("names the check of %s: %s at %s", async (_what, error, step, request, actual) => {
    const { headers = {} } = request as { headers?: object }
    const { code, stdout } = await explain({ ...request, headers: { ...headers, ...(await forge.headers(ada)) } }, "--json")
    expect(code).toBe(1)
    const { failure, steps, answer } = reportOf(stdout)
    expect(failure).toMatchObject({ error, step, status: httpMeaning[error].status })
    expect(answer.status).toBe(httpMeaning[error].status)
    const at = steps.findIndex(({ id }) => id === step)
    expect(steps[at]).toMatchObject({ status: "failed", actual: expect.stringMatching(actual) })
    expect(steps.slice(0, at).every(({ status }) => status === "passed")).toBe(true)
    expect(steps.slice(at + 1).every(({ status }) => status === "not checked")).toBe(true)
  })

  it("says which origins are expected and how to allow another; with --allowed-origins it passes", async () => {
    const request = { method: "POST", target: "/orders", headers: { ...evil, ...(await forge.headers(ada)) } }
    const { stdout } = await explain(request, "--allowed-origins", "https://portal.example.com")
    expect(stdout).toContain("REFUSED: CrossOriginRefused (403)")
    expect(stdout).toContain("the app's own origin or https://portal.example.com")
    expect(stdout).toMatch(/What to do: .*COGNITO_AUTH_ALLOWED_ORIGINS.*crossOrigin\.allow/)
    expect((await explain(request, "--allowed-origins", "https://evil.example")).code).toBe(0)
  })

  it("reads it from header lines, from HAR, and line by line", async () => {
    const headers = { ...evil, ...(await forge.headers(ada)) }
    const pairs = Object.entries(headers).map(([name, value]) => ({ name, value }))
    const lines = `POST /orders HTTP/1.1\n${pairs.map(({ name, value }) => `${name}: ${value}`).join("\n")}\n`
    const har = JSON.stringify({
      log: { entries: [{ request: { method: "POST", url: "https://app.example.com/orders", headers: pairs } }] }
    })
    for (const input of [lines, har]) {
      const { stdout } = await cli(["explain", "--keys", "keys.json", "--json"], { input, env, cwd: folder.path })
      expect(reportOf(stdout).failure).toMatchObject({ error: "CrossOriginRefused" })
    }
    const { stdout, code } = await explain({ method: "POST", headers }, "--jsonl")
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({ line: 1, verdict: "refused", error: "CrossOriginRefused", status: 403, step: "request.origin" })
  })

  it("in dev mode too, where the rest is of the mock user", async () => {
    const { stdout } = await cli(["explain", "--keys", "keys.json", "--json"], {
      input: JSON.stringify({ method: "POST", headers: evil }),
      env: { ...env, COGNITO_AUTH_DEV_MODE: "true" },
      cwd: folder.path
    })
    expect(reportOf(stdout).failure).toMatchObject({ error: "CrossOriginRefused", step: "request.origin" })
  })
})

describe("explain names the right check", () => {
  it.each(table)("of %s: %s", async (_name, error, headers) => {
    const given = await headers()
    const { options } = forge.settings({ allowedGroups: ["staff"] })
    const { authenticate } = CognitoAuth.make({ ...options, keySource: forge.keySource() })
    const met = await Effect.runPromise(Effect.flip(authenticate(given as Record<string, string>)))
    expect(met._tag).toBe(error)

    const { code, stdout } = await explain(given, "--json")
    expect(code).toBe(1)
    const { failure, steps, verdict } = reportOf(stdout)
    expect({ verdict, ...failure }).toMatchObject({ verdict: "refused", error, status: httpMeaning[error].status, message: met.message })
    const at = steps.findIndex((step) => step.status === "failed")
    expect(steps[at]?.id).toBe(failure?.step)
    expect(steps.slice(0, at).every((step) => step.status === "passed")).toBe(true)
    expect(steps.slice(at + 1).every((step) => step.status === "not checked")).toBe(true)
    if ("check" in met) expect(steps[at]?.id).toMatch(checkedBy[`${met.header} ${met.check}`] ?? /^nothing$/)
  })

  it("for every error that the pipeline has", () => {
    const met = new Set([...table.map(([, error]) => error), "KeySourceUnavailable", "PolicyUnavailable"])
    for (const [, error] of ofRequest) met.add(error)
    expect([...met].sort()).toEqual(Object.keys(httpMeaning).sort())
  })

  it("of a policy that cannot be read: PolicyUnavailable", async () => {
    // The secret is asked for on loopback, where nobody answers.
    const { code, stdout } = await cli(["explain", "--keys", "keys.json", "--json", "--secret-name", "my-app/policy"], {
      input: JSON.stringify(await forge.headers(ada)),
      env: {
        ...env,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:1",
        AWS_ACCESS_KEY_ID: "id",
        AWS_SECRET_ACCESS_KEY: "key"
      },
      cwd: folder.path
    })
    expect(code).toBe(3)
    expect(reportOf(stdout).failure).toMatchObject({ error: "PolicyUnavailable", status: 503, step: "policy" })
  })
})

/** Which step shows the evidence of an error; where two do, the attack's own test says which. */
const checkedBy: Readonly<Record<string, RegExp>> = {
  "x-amzn-oidc-data presence": /^header\.data$/,
  "x-amzn-oidc-accesstoken presence": /^header\.accesstoken$/,
  "x-amzn-oidc-data header": /^header\.data$/,
  "x-amzn-oidc-data form": /^alb\.form$/,
  "x-amzn-oidc-data JOSE header": /^alb\.jose$/,
  "x-amzn-oidc-data kid": /^alb\.(kid|key)$/,
  "x-amzn-oidc-data alg": /^alb\.alg$/,
  "x-amzn-oidc-data crit": /^alb\.crit$/,
  "x-amzn-oidc-accesstoken alg": /^access\.alg$/,
  "x-amzn-oidc-data signer": /^alb\.signer$/,
  "x-amzn-oidc-data client": /^alb\.client$/,
  "x-amzn-oidc-accesstoken client_id": /^access\.client_id$/,
  "x-amzn-oidc-data iss": /^alb\.iss$/,
  "x-amzn-oidc-accesstoken iss": /^access\.iss$/,
  "x-amzn-oidc-accesstoken kid": /^access\.key$/,
  "x-amzn-oidc-data signature": /^alb\.signature$/,
  "x-amzn-oidc-accesstoken signature": /^access\.signature$/,
  "x-amzn-oidc-data exp": /^alb\.(payload\.)?exp$/,
  "x-amzn-oidc-accesstoken exp": /^access\.exp$/,
  "x-amzn-oidc-accesstoken nbf": /^access\.nbf$/,
  "x-amzn-oidc-accesstoken token_use": /^access\.token_use$/,
  "x-amzn-oidc-accesstoken sub": /^subject\.access$/,
  "x-amzn-oidc-identity sub": /^subject\.identity$/
}

describe("explain tells apart what the load balancer writes twice", () => {
  const later = Math.floor(Date.now() / 1000) + 3_600
  it.each([
    ["alb.exp", { header: { exp: 1 } }],
    ["alb.exp", { header: { exp: "soon" } }],
    ["alb.exp", { header: { exp: 1 }, claims: { exp: later } }],
    ["alb.payload.exp", { claims: { exp: 1 } }],
    ["alb.payload.exp", { claims: { exp: "soon" } }],
    ["alb.iss", { header: { iss: "https://example.com/pool" } }],
    ["alb.payload.iss", { claims: { iss: "https://example.com/pool" } }]
  ])("%s of %o", async (step, alb) => {
    const { stdout } = await explain(await forge.headers({ ...ada, alb }), "--json")
    expect(reportOf(stdout).failure?.step).toBe(step)
  })
})

describe("explain in dev mode", () => {
  it("says that the mock user is used, and what the policy says of it", async () => {
    const devEnv = { ...env, COGNITO_AUTH_DEV_MODE: "true" }
    const refused = await cliProcess(["explain"], { input: "{}", env: devEnv, cwd: folder.path })
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("the mock user is used") })
    expect(refused.stdout).toContain("REFUSED: NotAuthorised (403)")
    expect(refused.stderr).toContain("dev mode is on")
    const admitted = await cli(["explain", "--allow-any-user"], { input: "{}", env: devEnv, cwd: folder.path })
    expect(admitted).toMatchObject({ code: 0, stdout: expect.stringContaining("ADMITTED") })
  })
})
