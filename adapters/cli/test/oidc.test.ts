import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { Provider } from "@cognito-auth/core"
import { cognitoAuth, serverOptions } from "@cognito-auth/node"
import { attacksOn } from "@cognito-auth/testing"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, folderWith } from "./cli.ts"

const own = { issuer: "https://idp.example.com", clientId: "client-1", groupsClaim: "groups" }
const ignoring = await sharedForge({ albLifetime: "1 hour", provider: Provider.oidc(own) })
const verifying = await sharedForge({
  albLifetime: "1 hour",
  provider: Provider.oidc({ ...own, audience: "api://orders", jwksUrl: "https://idp.example.com/keys" })
})
const folder = folderWith({ "keys.json": JSON.stringify(ignoring.givenKeys()), "both.json": JSON.stringify(verifying.givenKeys()) })
afterAll(folder.remove)
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

interface Step {
  readonly id: string
  readonly status: string
  readonly expected: string
  readonly actual: string
}
interface Report {
  readonly verdict: string
  readonly steps: ReadonlyArray<Step>
  readonly failure?: { readonly error: string; readonly step: string }
}

const explain = async (forge: typeof ignoring, headers: unknown, ...args: ReadonlyArray<string>) => {
  const keys = forge === ignoring ? "keys.json" : "both.json"
  const { env } = forge.settings({ allowedGroups: ["staff"] })
  const { code, stdout } = await cli(["explain", "--keys", keys, ...args], { input: JSON.stringify(headers), env, cwd: folder.path })
  return { code, stdout, report: () => JSON.parse(stdout) as Report }
}

describe("explain, of another provider than Cognito", () => {
  it("says that the access token is ignored, makes no check of it, and shows nothing of it", async () => {
    const headers = { ...(await ignoring.headers({ groups: ["staff"] })), "x-amzn-oidc-accesstoken": "opaque-secret-token" }
    const { code, stdout } = await explain(ignoring, headers, "--json", "--show-claims")
    expect(code).toBe(0)
    expect(stdout).not.toContain("opaque-secret")
    const { steps, claims } = JSON.parse(stdout) as Report & { readonly claims: object }
    expect(Object.keys(claims)).toEqual(["alb"])
    expect(steps.filter(({ id }) => id.includes("access"))).toEqual([
      expect.objectContaining({ id: "header.accesstoken", status: "not checked", actual: "ignored; sent once, 19 characters" })
    ])
    expect(steps.filter(({ status }) => status !== "passed").map(({ id }) => id)).toEqual(["header.accesstoken"])
    const text = (await explain(ignoring, headers, "--show-claims")).stdout
    expect(text).toContain("ADMITTED")
    expect(text).not.toContain("have not been verified")
  })

  it("shows the audience in place of what only Cognito's access token has", async () => {
    const { code, report } = await explain(verifying, await verifying.headers({ groups: ["staff"] }), "--json")
    expect(code).toBe(0)
    const { steps } = report()
    expect(steps.map(({ id }) => id).filter((id) => /token_use|client_id|aud/.test(id))).toEqual(["access.aud"])
    expect(steps.find(({ id }) => id === "access.aud")).toMatchObject({
      status: "passed",
      expected: "api://orders",
      actual: "api://orders"
    })
  })

  it.each([
    ["ignored", ignoring],
    ["verified", verifying]
  ] as const)("names the check that every attack fails at, with an access token that is %s", async (_, forge) => {
    for (const attack of attacksOn(forge)) {
      const { code, report } = await explain(forge, await attack.headers(forge, { groups: ["staff"] }), "--json")
      const { failure, steps } = report()
      expect([code, failure?.error], attack.title).toEqual([1, attack.error])
      expect(steps.filter(({ status }) => status === "failed").map(({ id }) => id)).toEqual([failure?.step])
    }
  })

  it.each([
    ["groups are in no claim", { groups: undefined }, "no list of strings in the claim groups"],
    ["groups are no list", { alb: { claims: { groups: "staff" } } }, "no list of strings in the claim groups"],
    ["e-mails are not said to be verified", { groups: [], alb: { claims: { email_verified: undefined } } }, "requireVerifiedEmail: false"]
  ])("says what to do where %s", async (_, forgery, says) => {
    const { code, stdout } = await explain(ignoring, await ignoring.headers(forgery))
    expect(code).toBe(1)
    expect(stdout).toContain(says)
  })

  it("says what to do where the access token cannot be verified", async () => {
    for (const access of [{ afterSigning: () => "opaque" }, { header: { alg: "ES256" } }, { claims: { sub: "login@example.com" } }]) {
      const { code, stdout } = await explain(verifying, await verifying.headers({ groups: ["staff"], access }))
      expect(code).toBe(1)
      expect(stdout).toContain("unset COGNITO_AUTH_JWKS_URL and COGNITO_AUTH_AUDIENCE")
    }
    const expired = await verifying.headers({ access: { claims: { exp: 1 } } })
    expect((await explain(verifying, expired)).stdout).not.toContain("unset COGNITO_AUTH")
  })

  it("says that groups cannot be told where the provider sends none", async () => {
    const { code, stdout } = await explain(ignoring, await ignoring.headers({ groups: undefined }))
    expect(code).toBe(1)
    expect(stdout).toMatch(/NotAuthorised/)
    expect(stdout).toContain("cannot tell: the claim is absent or not a list of groups")
  })
})

const listen = async (handler: RequestListener): Promise<string> => {
  const server = createServer(serverOptions, handler).listen(0, "127.0.0.1")
  await once(server, "listening")
  cleanups.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

interface Finding {
  readonly check: string
  readonly status: string
  readonly found: string
}

describe("doctor, of another provider than Cognito", () => {
  const run = async (document: (issuer: string) => unknown, more: Readonly<Record<string, string>> = {}) => {
    const issuer: string = await listen((request, response) => {
      const answer = request.url === "/.well-known/openid-configuration" ? document(issuer) : undefined
      response.writeHead(answer === undefined ? 404 : 200).end(typeof answer === "string" ? answer : JSON.stringify(answer))
    })
    const forge = ignoring.with({ provider: Provider.oidc({ ...own, issuer }) })
    const keys = await forge.serve()
    cleanups.push(keys.close)
    const { code, stdout } = await cli(["doctor", "--json"], { env: { ...keys.settings().env, ...more } })
    const { findings } = JSON.parse(stdout) as { findings: ReadonlyArray<Finding> }
    return { code, issuer, keys, of: (check: string) => findings.filter((finding) => finding.check === check), findings }
  }

  it("looks at the load balancer's keys, at what the provider says of itself, and not at keys that are not needed", async () => {
    const said = (issuer: string) => ({
      issuer,
      end_session_endpoint: `${issuer}/logout`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/keys`
    })
    const { code, of, findings, issuer, keys } = await run(said)
    expect(code).toBe(0)
    expect(of("issuer")).toEqual([
      expect.objectContaining({ status: "ok", found: expect.stringContaining(`end_session_endpoint is ${issuer}/logout`) })
    ])
    expect(of("alb-keys.content")).toEqual([expect.objectContaining({ status: "ok" })])
    expect(findings.filter(({ check }) => check.startsWith("jwks"))).toEqual([
      expect.objectContaining({ check: "jwks", status: "skipped" })
    ])
    expect(keys.requests.count("cognito")).toBe(0)
  })

  it.each<[what: string, document: (issuer: string) => unknown, status: string, found: RegExp]>([
    [
      "another issuer, by a slash",
      (issuer) => ({ issuer: `${issuer}/` }),
      "failed",
      /says that the issuer is http:\/\/localhost:\d+\/, not/
    ],
    ["no document", () => undefined, "warning", /status 404/],
    ["a page", () => "<html>", "warning", /not a JSON object/],
    ["a list", () => [], "warning", /not a JSON object/]
  ])("reports %s", async (_, document, status, found) => {
    const { of, code } = await run(document)
    expect(of("issuer")).toEqual([expect.objectContaining({ status, found: expect.stringMatching(found) })])
    expect(code).toBe(status === "failed" ? 1 : 0)
  })

  it("finds that an app refuses sign-ins of the same provider that are forged", async () => {
    const keys = await ignoring.serve()
    cleanups.push(keys.close)
    const app = cognitoAuth({ ...keys.settings().options, logger: false })
    cleanups.push(() => app.dispose())
    const url = await listen(app.protect((_request, response) => response.end("secret")))
    const { stdout } = await cli(["doctor", "--json", "--app", `${url}/`], { env: keys.settings().env })
    const { findings } = JSON.parse(stdout) as { findings: ReadonlyArray<Finding> }
    const ofApp = findings.filter(({ check }) => ["app.forged", "app.another-alb", "app.no-sign-in"].includes(check))
    expect(ofApp.map(({ status, found }) => [status, /\((\w+)\)/.exec(found)?.[1] ?? found])).toEqual([
      ["ok", expect.stringContaining("HeaderMissing")],
      ["ok", expect.stringMatching(/KeyUnknown|SignatureInvalid/)],
      ["ok", expect.stringContaining("SignerRefused")]
    ])
  })
})
