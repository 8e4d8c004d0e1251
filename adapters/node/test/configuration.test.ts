import { type AdapterOptions, ConfigurationError, cognitoAuth, Policy } from "@cognito-auth/node"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, toLines } from "./rawHttp.ts"

const forge = await sharedForge()
const { options: good } = forge.settings()

const errorOf = (build: () => unknown): ConfigurationError => {
  try {
    build()
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error("The configuration was accepted.")
}

describe("a wrong configuration", () => {
  it("is refused at the start with every fault: what is missing", () => {
    const { faults, message } = errorOf(() => cognitoAuth({ environment: {} }))
    expect(faults.map(({ setting }) => setting)).toEqual([
      "userPoolId (COGNITO_AUTH_USER_POOL_ID)",
      "clientId (COGNITO_AUTH_CLIENT_ID)",
      "albArn (COGNITO_AUTH_ALB_ARN)",
      "policy"
    ])
    expect(message.split("\n")).toHaveLength(5)
    for (const { setting, problem } of faults) {
      expect(message).toContain(`  - ${setting}: ${problem}`)
      expect(problem).toMatch(/\.$/)
    }
    expect(message).toContain("COGNITO_AUTH_ALLOW_ANY_USER")
  })

  it("is refused so too where the environment is the process's own", () => {
    for (const name of Object.keys(process.env)) if (name.startsWith("COGNITO_AUTH_")) vi.stubEnv(name, undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(errorOf(() => cognitoAuth()).faults).toHaveLength(4)
  })

  it("is refused with every fault: what is wrong", () => {
    const { faults } = errorOf(() =>
      cognitoAuth({
        userPoolId: "no-pool",
        clientId: [],
        albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/net/my-nlb/50dc6c495c0c9188",
        albKeysUrl: "http://keys.example",
        jwksUrl: "https://user:password@keys.example/jwks.json",
        redirectUrl: "javascript:alert(1)",
        keys: { timeout: "1 hour", maxAge: "-1 seconds" },
        clockTolerance: "10 minutes",
        environment: { COGNITO_AUTH_ALLOW_ANY_USER: "perhaps" }
      })
    )
    const settings = new Set(faults.map(({ setting }) => setting.split(" ")[0]))
    for (const setting of [
      "userPoolId",
      "clientId",
      "albArn",
      "albKeysUrl",
      "jwksUrl",
      "redirectUrl",
      "keys.timeout",
      "keys.maxAge",
      "clockTolerance",
      "COGNITO_AUTH_ALLOW_ANY_USER"
    ]) {
      expect(settings).toContain(setting)
    }
  })

  it("is named without the personal data and the passwords in it", () => {
    const { message } = errorOf(() =>
      cognitoAuth({
        ...good,
        policy: undefined,
        jwksUrl: "https://user:hunter2@keys.example/jwks.json",
        environment: { COGNITO_AUTH_ALLOWED_USERS: "ada@example.com,ada lovelace@@example.com" }
      })
    )
    expect(message).toContain("COGNITO_AUTH_ALLOWED_USERS: entry 2 ")
    for (const secret of ["hunter2", "ada@", "lovelace"]) expect(message).not.toContain(secret)
  })

  const wrong: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
    ["no policy at all: nobody was meant to be let in", { policy: undefined }],
    ["a policy that is none", { policy: { allowedGroups: ["staff"] } }],
    ["a policy that is null", { policy: null }],
    ["a time in bare numbers", { clockTolerance: 5 }],
    ["keys over http", { albKeysUrl: "http://public-keys.example" }],
    ["keys from a file", { jwksUrl: "file:///etc/passwd" }],
    ["keys from a host that only looks like loopback", { jwksUrl: "http://127.0.0.1.evil.example/jwks.json" }],
    ["a region that the load balancer is not in", { region: "eu-west-1" }],
    ["a redirect to another scheme", { redirectUrl: "//evil.example" }],
    ["a redirect with a line break in it", { redirectUrl: "https://a.example/\r\nset-cookie: a=b" }],
    ["a list with something else in it", { clientId: ["client", 7] }],
    ["a JWK Set without a key", { keys: { jwks: { keys: [] } } }],
    ["a PEM that is none", { keys: { alb: { kid: "-----BEGIN PUBLIC KEY-----" } } }]
  ]
  it.each(wrong)("is refused: %s", (_what, options) => {
    expect(errorOf(() => cognitoAuth({ ...good, ...options } as AdapterOptions)).faults).toHaveLength(1)
  })

  it.each([null, 7, "options"])("is refused: %s for options", (options) => {
    expect(errorOf(() => cognitoAuth(options as unknown as AdapterOptions)).faults.length).toBeGreaterThan(0)
  })
})

describe("the environment", () => {
  it("is enough", async () => {
    const app = await startApp(forge)
    const environment = { ...app.keys.settings({ allowedGroups: ["staff"] }).env }
    const other = await startApp(forge, { listener: (_auth, handler) => cognitoAuth({ environment }).protect(handler) })
    expect((await ask(other.port, { headers: toLines(await forge.headers({ groups: ["staff"] })) })).status).toBe(200)
    expect((await ask(other.port, { headers: toLines(await forge.headers()) })).status).toBe(403)
    expect((await ask(other.port, {})).status).toBe(401)
  })

  it("loses to options", async () => {
    const app = await startApp(forge)
    const { options, env } = app.keys.settings({ allowedGroups: ["staff"] })
    const environment = { ...env, COGNITO_AUTH_CLIENT_ID: "another", COGNITO_AUTH_ALLOWED_GROUPS: "nobody" }
    const other = await startApp(forge, { listener: (_auth, handler) => cognitoAuth({ ...options, environment }).protect(handler) })
    expect((await ask(other.port, { headers: toLines(await forge.headers({ groups: ["staff"] })) })).status).toBe(200)
  })

  it("is not read where options say another: the process's own variables stay out of it", () => {
    vi.stubEnv("COGNITO_AUTH_CLIENT_ID", "client")
    vi.stubEnv("COGNITO_AUTH_ALLOW_ANY_USER", "true")
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(errorOf(() => cognitoAuth({ environment: {} })).faults).toHaveLength(4)
    expect(errorOf(() => cognitoAuth()).faults).toHaveLength(2)
  })
})

describe("several pools, clients and load balancers", () => {
  it("are each accepted, and no other", async () => {
    const second = forge.with({
      clientId: "second-client",
      albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/second/60dc6c495c0c9188"
    })
    const third = forge.with({ clientId: "third-client" })
    const app = await startApp(forge, {
      options: { clientId: [forge.clientId, second.clientId], albArn: `${forge.albArn},${second.albArn}`, policy: Policy.anyUser }
    })
    for (const [each, status] of [
      [forge, 200],
      [second, 200],
      [third, 401]
    ] as const) {
      expect((await ask(app.port, { headers: toLines(await each.headers()) })).status).toBe(status)
    }
  })

  it("cannot be mixed: one client's token beside another's access token is refused", async () => {
    const second = forge.with({ clientId: "second-client" })
    const app = await startApp(forge, { options: { clientId: [forge.clientId, second.clientId] } })
    const sub = "0f9c6d4e-7d0b-4d53-a4f3-2f4a4f1f7d11"
    const [own, other] = await Promise.all([forge.headers({ sub }), second.headers({ sub })])
    const mixed = { ...own, "x-amzn-oidc-accesstoken": other["x-amzn-oidc-accesstoken"] ?? "" }
    expect((await ask(app.port, { headers: toLines(own) })).status).toBe(200)
    expect((await ask(app.port, { headers: toLines(other) })).status).toBe(200)
    const answer = await ask(app.port, { headers: toLines(mixed) })
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([401, { error: "ClientRefused" }])
  })
})
