import type { AuthErrorTag } from "@cognito-auth/core"
import { bearerAttacks } from "@cognito-auth/testing"
import { afterAll, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, folderWith } from "./cli.ts"

const forge = await sharedForge()
const clientId = "2service4client6id8example0"
const folder = folderWith({
  "keys.json": JSON.stringify(forge.givenKeys()),
  "policy.json": JSON.stringify({ allowed_groups: ["staff"], allowed_clients: [clientId] })
})
afterAll(folder.remove)
// A policy in a file, which comes before that of the forge.
const env = { ...forge.settings().env, COGNITO_AUTH_CONFIG_PATH: `${folder.path}/policy.json` }

interface Report {
  readonly verdict: string
  readonly failure?: { readonly error: AuthErrorTag; readonly step: string; readonly message: string }
  readonly steps: ReadonlyArray<{ readonly id: string; readonly status: string }>
  readonly claims?: Readonly<Record<string, unknown>>
}

const explain = (headers: object, target = "/api/orders", ...args: ReadonlyArray<string>) =>
  cli(["explain", "--keys", "keys.json", "--services", "/api", ...args], {
    input: JSON.stringify({ method: "GET", target, headers }),
    env,
    cwd: folder.path
  })
const report = async (...args: Parameters<typeof explain>): Promise<Report> => {
  const [headers, target, ...rest] = args
  return JSON.parse((await explain(headers, target, "--json", ...rest)).stdout) as Report
}

describe("explain of a service's request", () => {
  it("shows the checks of its token, and none of a user's", async () => {
    const { code, stdout, stderr } = await explain(await forge.bearer())
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).not.toMatch(/FAILED|not checked|alb token|access token/)
    expect(stdout).toContain(`Admitted as a service of the client ${clientId}.`)
    const { steps } = await report(await forge.bearer())
    expect(steps.flatMap(({ id }) => (/^(request|bearer)\.|^policy$/.test(id) ? [] : id))).toEqual([])
    expect(steps.filter(({ id }) => id.startsWith("bearer.")).map(({ status }) => status)).toEqual(Array(20).fill("passed"))
  })

  it.each(Object.values(bearerAttacks))("names the check that failed: $title", async ({ error, headers }) => {
    const { verdict, failure, steps } = await report(await headers(forge, {}))
    expect([verdict, failure?.error]).toEqual(["refused", error])
    expect(failure?.step).toMatch(/^bearer\./)
    const failed = steps.findIndex(({ status }) => status === "failed")
    expect(steps[failed]?.id).toBe(failure?.step)
    expect(steps.slice(0, failed).every(({ status }) => status === "passed")).toBe(true)
    expect(steps.slice(failed + 1).every(({ status }) => status === "not checked")).toBe(true)
  })

  it("says why the policy does not admit it, and shows nothing of the token but its technical fields", async () => {
    const headers = await forge.bearer({ clientId: "another", scopes: ["secret/scope"] })
    const { stdout } = await explain(headers)
    expect(stdout).toContain("Not admitted: the policy admits a member of staff or a service of the client")
    expect(stdout).not.toContain("secret/scope")
    expect(stdout).not.toContain(headers["authorization"]?.slice(20, 60) ?? "")
    expect(Object.keys((await report(headers, "/api", "--show-claims")).claims ?? {})).toEqual(["bearer"])
  })

  it("shows a user's checks on any other path, and nothing of Authorization there", async () => {
    const { failure, steps } = await report({ authorization: "Basic SECRET" }, "/apis")
    expect(failure).toMatchObject({ error: "HeaderMissing", step: "header.data" })
    expect(steps.flatMap(({ id }) => (id.startsWith("bearer.") ? id : []))).toEqual([])
    for (const target of ["/apis", "/api"])
      expect((await explain({ authorization: "Basic SECRET" }, target, "--show-claims")).stdout).not.toContain("SECRET")
  })

  it("finds it in the output of curl, and judges many", async () => {
    const { authorization = "" } = await forge.bearer()
    const lines = [
      { target: "/api", headers: { authorization } },
      { target: "/apis", headers: { authorization } }
    ]
    const { stdout } = await cli(["explain", "--keys", "keys.json", "--services", "/api", "--jsonl"], {
      input: lines.map((line) => JSON.stringify(line)).join("\n"),
      env,
      cwd: folder.path
    })
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as Report).verdict)
    ).toEqual(["admitted", "refused"])
    const sent = `> GET /health HTTP/1.1\n> Host: app\n> GET /api HTTP/1.1\n> authorization: ${authorization}\n`
    const curl = await cli(["explain", "--keys", "keys.json", "--services", "/api"], { input: sent, env, cwd: folder.path })
    expect(curl.code).toBe(0)
  })

  it("has a fault for what is no path", async () => {
    const { code, stderr } = await cli(["explain", "--services", "/api/*"], { input: "{}", env, cwd: folder.path })
    expect(code).toBe(2)
    expect(stderr).toContain('"/api/*" is not a plain path')
  })
})
