import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CognitoAuth, ConfigurationError, type Environment, type Options, Policy } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { makeForge } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { afterAll, afterEach, describe, expect, it, vi } from "vitest"

const forge = await makeForge()
const now = Date.now()

const folder = mkdtempSync(join(tmpdir(), "dev-mode-"))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  vi.unstubAllEnvs()
})

const fileOf = (content: unknown) => {
  const path = join(folder, `${crypto.randomUUID()}.json`)
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
  return path
}

const start = (options: Partial<Options> = {}, environment: Environment = {}) =>
  CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), devMode: true, environment, ...options })
const decide = (auth: ReturnType<typeof start>, headers: object = {}, route = makeRoute()) =>
  auth.decideNow({ method: "GET", target: "/", headers: headers as Record<string, string> }, route, now)
const userIn = (auth: ReturnType<typeof start>) => {
  const decision = decide(auth)
  if (Effect.isEffect(decision) || decision._tag !== "Admit" || decision.user === undefined) throw new Error("expected a user")
  return decision.user
}
const faultsOf = (options: Partial<Options>, environment: Environment = {}) => {
  try {
    start(options, environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ setting }) => setting)
  }
  throw new Error("expected a ConfigurationError")
}

describe("dev mode", () => {
  it("answers a request that carries no sign-in at all with the mock user of the Python package, and marks the answer", () => {
    const auth = start()
    const user = userIn(auth)
    expect({ ...user.oidcClaims }).toEqual({
      sub: "mock-12345678-1234-1234-1234-123456789abc",
      username: "mock-12345678-1234-1234-1234-123456789abc",
      email: "dev@example.com",
      email_verified: true,
      name: "Dev User",
      given_name: "Dev",
      family_name: "User",
      exp: Math.floor(now / 1000) + 3600,
      iss: "https://cognito-idp.eu-west-2.amazonaws.com/mock-pool"
    })
    expect(user.groups).toEqual([])
    expect(user.expiresAt.getTime()).toBe((Math.floor(now / 1000) + 3600) * 1000)
    expect(user.issuer).toBe("https://cognito-idp.eu-west-2.amazonaws.com/mock-pool")
    expect(decide(auth)).toMatchObject({ headers: { "x-cognito-auth-dev-mode": "true" } })
  })

  it("takes the mock user's fields from its file, and the rest by default", () => {
    const path = fileOf({
      _comment: "who",
      $schema: "x",
      email: "ada@example.com",
      sub: "sub-1",
      groups: ["staff", "gds-idea"],
      email_verified: false,
      given_name: "Ada"
    })
    for (const auth of [start({ devConfig: path }), start({}, { COGNITO_AUTH_DEV_CONFIG: path })]) {
      const user = userIn(auth)
      expect([user.email, user.sub, user.username, user.name, user.emailVerified, user.isPlatformAdmin]).toEqual([
        "ada@example.com",
        "sub-1",
        "sub-1",
        "Ada User",
        false,
        true
      ])
    }
  })

  it.each(["true", "1", "yes", "TRUE"])("is on with COGNITO_AUTH_DEV_MODE=%s", (value) => {
    expect(userIn(start({ devMode: undefined }, { COGNITO_AUTH_DEV_MODE: value })).email).toBe("dev@example.com")
  })

  it.each(["false", "0", "no", ""])("is off with COGNITO_AUTH_DEV_MODE=%j, and by default", (value) => {
    for (const auth of [
      start({ devMode: undefined }, { COGNITO_AUTH_DEV_MODE: value }),
      start({ devMode: undefined }),
      start({ devMode: false }, { COGNITO_AUTH_DEV_MODE: "true" })
    ]) {
      expect(auth.settings.devUser).toBeUndefined()
      expect(decide(auth)).toMatchObject({ error: { _tag: "HeaderMissing" } })
    }
  })

  it("is a fault with anything else", () => {
    expect(faultsOf({ devMode: undefined }, { COGNITO_AUTH_DEV_MODE: "maybe" })).toContain("devMode (COGNITO_AUTH_DEV_MODE)")
  })

  it("leaves every request alone that carries a sign-in, or a part of one", async () => {
    const auth = start()
    const headers = await forge.headers({ email: "real@example.com" })
    expect(decide(auth, headers)).toMatchObject({ _tag: "Admit", headers: {} })
    for (const part of [
      { "x-amzn-oidc-data": headers["x-amzn-oidc-data"] },
      { "x-amzn-oidc-accesstoken": headers["x-amzn-oidc-accesstoken"] },
      { "X-Amzn-Oidc-Data": "" },
      { ...headers, "x-amzn-oidc-data": "x" }
    ]) {
      expect(decide(auth, part)).toMatchObject({ _tag: "Refuse", status: 401 })
    }
  })

  it("subjects the mock user to the policy, and to what a route requires", () => {
    expect(decide(start({ policy: Policy.fromLists({ allowedGroups: ["staff"] }) }))).toMatchObject({ status: 403 })
    expect(decide(start(), {}, makeRoute({ require: { groups: ["admins"] } }))).toMatchObject({ status: 403 })
    const admin = fileOf({ groups: ["admins"] })
    expect(decide(start({ devConfig: admin }), {}, makeRoute({ require: { groups: ["admins"] } }))).toMatchObject({ _tag: "Admit" })
  })

  it("needs nothing to verify with", () => {
    expect(userIn(CognitoAuth.make({ devMode: true, policy: Policy.anyUser, environment: {} })).email).toBe("dev@example.com")
  })

  it("refuses to start in production, however its settings came", () => {
    expect(faultsOf({}, { NODE_ENV: "production" })).toEqual(["devMode (COGNITO_AUTH_DEV_MODE)"])
    vi.stubEnv("NODE_ENV", "production")
    expect(faultsOf({})).toEqual(["devMode (COGNITO_AUTH_DEV_MODE)"])
    vi.stubEnv("NODE_ENV", "development")
    expect(userIn(start({}, { NODE_ENV: "test" })).email).toBe("dev@example.com")
  })

  it.each<[unknown, string]>([
    ["{", ""],
    ["[]", ""],
    ["null", ""],
    [{ email: 1 }, ", email"],
    [{ sub: "" }, ", sub"],
    [{ groups: "admins" }, ", groups"],
    [{ groups: [1] }, ", groups"],
    [{ email_verified: "true" }, ", email_verified"],
    [{ emial: "a@example.com" }, ", emial"]
  ])("refuses the file %j", (content, field) => {
    const path = fileOf(content)
    expect(faultsOf({ devConfig: path })).toEqual([`devConfig, file ${JSON.stringify(path)}${field}`])
  })

  it("refuses a file that cannot be read, where one is named", () => {
    expect(faultsOf({ devConfig: join(folder, "missing.json") })).toEqual(["devConfig (COGNITO_AUTH_DEV_CONFIG)"])
    expect(faultsOf({ devConfig: folder })).toEqual(["devConfig (COGNITO_AUTH_DEV_CONFIG)"])
  })

  it("warns at start-up, and fetches no keys", async () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => {
      lines.push([message].flat().map(String).join(" "))
    })
    const server = await forge.serve()
    const options = { ...server.settings().options, devMode: true, environment: {} }
    await Effect.runPromise(Effect.scoped(Layer.build(CognitoAuth.layer(options))).pipe(Effect.provide(Logger.layer([logger]))))
    expect(lines).toEqual([expect.stringContaining("dev mode is on")])
    expect(server.requests.count()).toBe(0)
    await server.close()
  })
})
