import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type AdapterOptions, CognitoAuth, type Environment, type Options, Policy } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { readSettings } from "@cognito-auth/core/Settings"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { failureOf, successOf } from "../outcome.ts"

const forge = await sharedForge()

/** A working folder of its own, in which `dev-mock-user.json` is looked for. */
let folder = ""
const home = process.cwd()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dev-mode-"))
  process.chdir(folder)
  vi.spyOn(console, "log").mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

/** Writes the mock user's file, and returns its path. */
const write = (content: unknown, name = "dev-mock-user.json"): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
  return path
}

const dev: Options = { devMode: true, policy: Policy.anyUser, environment: {} }
const decide = (auth: CognitoAuth["Service"], headers: Readonly<Record<string, string | undefined>> = {}) =>
  Effect.runPromise(auth.decide({ method: "GET", target: "/", headers }, makeRoute()))
const mockOf = async (options: Options) => {
  const decision = await decide(CognitoAuth.make({ ...dev, ...options }))
  if (decision._tag !== "Admit" || decision.user === undefined) throw new Error("expected the mock user to be let in")
  return decision.user
}
const faultsOf = (options: Options, environment: Environment = {}) => failureOf(readSettings({ ...dev, ...options }, environment))

describe("dev mode", () => {
  it("needs nothing but a policy: no pool, no client, no load balancer", async () => {
    expect((await mockOf({})).email).toBe("dev@example.com")
  })

  it.each(["true", "TRUE", "1", "yes", "Yes"])("is on with COGNITO_AUTH_DEV_MODE=%j", (value) => {
    const environment = { COGNITO_AUTH_DEV_MODE: value, COGNITO_AUTH_ALLOW_ANY_USER: "true" }
    expect(successOf(readSettings({}, environment)).devUser).toBeDefined()
  })

  it.each(["false", "0", "no", "", "  ", undefined])("is off with COGNITO_AUTH_DEV_MODE=%j", (value) => {
    const { options, env } = forge.settings()
    expect(successOf(readSettings(options, { COGNITO_AUTH_DEV_MODE: value })).devUser).toBeUndefined()
    expect(failureOf(readSettings({}, { ...env, COGNITO_AUTH_ALB_ARN: "", COGNITO_AUTH_DEV_MODE: value }))).toHaveLength(1)
  })

  it("in code wins over the environment", () => {
    expect(
      successOf(readSettings({ ...forge.settings().options, devMode: false }, { COGNITO_AUTH_DEV_MODE: "true" })).devUser
    ).toBeUndefined()
  })

  it("that is neither on nor off is one fault", () => {
    const faults = failureOf(readSettings({ policy: Policy.anyUser }, { COGNITO_AUTH_DEV_MODE: "maybe" }))
    expect(faults.filter(({ setting }) => setting.includes("DEV_MODE"))).toEqual([
      { setting: "devMode (COGNITO_AUTH_DEV_MODE)", problem: "expected true or false." }
    ])
  })

  it.each([" true", "true ", "true\r", "1\n", "\tyes", " false", "\u00a0true"])(
    "is neither on nor off with COGNITO_AUTH_DEV_MODE=%j: the fault says that there is white space",
    (value) => {
      const faults = failureOf(readSettings({ ...forge.settings().options }, { COGNITO_AUTH_DEV_MODE: value }))
      expect(faults).toEqual([{ setting: "devMode (COGNITO_AUTH_DEV_MODE)", problem: expect.stringContaining("white space") }])
    }
  )

  it.each(["production", "Production", "PRODUCTION", "production ", " production", "production\r", "prod", "Prod\n"])(
    "refuses to start with NODE_ENV=%j, wherever that is said",
    (value) => {
      const refused = [{ setting: "devMode (COGNITO_AUTH_DEV_MODE)", problem: expect.stringContaining("NODE_ENV") }]
      expect(faultsOf({}, { NODE_ENV: value })).toEqual(refused)
      expect(failureOf(readSettings({ policy: Policy.anyUser }, { NODE_ENV: value, COGNITO_AUTH_DEV_MODE: "1" }))).toEqual(refused)
      vi.stubEnv("NODE_ENV", value)
      expect(() => CognitoAuth.make({ ...dev, environment: {} })).toThrow("NODE_ENV")
    }
  )

  it.each(["development", "test", "", "staging", "preproduction", "reproduction"])("starts with NODE_ENV=%j", (value) => {
    expect(successOf(readSettings(dev, { NODE_ENV: value })).devUser).toBeDefined()
  })

  it.each<[where: string, environment: Environment]>([
    ["a Lambda function", { AWS_LAMBDA_FUNCTION_NAME: "my-function" }],
    ["a Lambda function", { AWS_LAMBDA_FUNCTION_NAME: "my-function", AWS_SAM_LOCAL: "false" }],
    ["an ECS task", { ECS_CONTAINER_METADATA_URI: "http://169.254.170.2/v3/x" }],
    ["an ECS task", { ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/x" }],
    ["an ECS task", { AWS_EXECUTION_ENV: "AWS_ECS_FARGATE" }],
    ["an ECS task", { AWS_EXECUTION_ENV: "AWS_ECS_EC2" }]
  ])("refuses to start inside AWS, in %s: %j", (_where, environment) => {
    const [[variable = ""] = []] = Object.entries(environment)
    const refused = [{ setting: "devMode (COGNITO_AUTH_DEV_MODE)", problem: expect.stringContaining(variable) }]
    expect(faultsOf({}, environment)).toEqual(refused)
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    expect(() => CognitoAuth.make({ ...dev, environment: {} })).toThrow(variable)
  })

  it.each<Environment>([
    { AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-2", AWS_PROFILE: "dev", AWS_ACCESS_KEY_ID: "AKIA0" },
    { AWS_LAMBDA_FUNCTION_NAME: "my-function", AWS_SAM_LOCAL: "true" },
    { AWS_LAMBDA_FUNCTION_NAME: "", ECS_CONTAINER_METADATA_URI: " ", AWS_EXECUTION_ENV: "" },
    { AWS_EXECUTION_ENV: "CloudShell" },
    { AWS_SAM_LOCAL: "true" }
  ])("starts on a laptop that has %j", (environment) => {
    expect(successOf(readSettings(dev, environment)).devUser).toBeDefined()
  })

  it("off, it starts in production and inside AWS", () => {
    const environment = { NODE_ENV: "production", AWS_LAMBDA_FUNCTION_NAME: "my-function", COGNITO_AUTH_DEV_MODE: "false" }
    expect(successOf(readSettings(forge.settings().options, environment)).devUser).toBeUndefined()
  })

  it("is still subject to the policy, and to what a route requires", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"], adminUsers: ["dev@example.com"] })
    expect(await mockOf({ policy })).toMatchObject({ isAppAdmin: true })
    write({ email: "x@example.com", groups: ["guests"] })
    expect(await decide(CognitoAuth.make({ ...dev, policy }))).toMatchObject({ _tag: "Refuse", status: 403 })
    write({ email: "x@example.com", groups: ["staff"] })
    const auth = CognitoAuth.make({ ...dev, policy })
    expect(await decide(auth)).toMatchObject({ _tag: "Admit", user: { email: "x@example.com", isAdmin: false } })
    const request = { method: "GET", target: "/", headers: {} }
    expect(await Effect.runPromise(auth.decide(request, makeRoute({ require: { groups: ["admins"] } })))).toMatchObject({ status: 403 })
  })

  it("sets a header on every response to the mock user, and on no other", async () => {
    const auth = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), devMode: true })
    expect(await decide(auth)).toMatchObject({ _tag: "Admit", headers: { "x-cognito-auth-dev-mode": "true" } })
    const real = await decide(auth, await forge.headers())
    expect(real).toMatchObject({ _tag: "Admit", headers: {} })
    expect(real.headers).not.toHaveProperty("x-cognito-auth-dev-mode")
  })
})

describe("the mock user is used only if both tokens are absent:", () => {
  const options = { ...forge.settings().options, keySource: forge.keySource() }
  const auth = () => CognitoAuth.make({ ...options, devMode: true })

  it("a verified sign-in is that user's", async () => {
    expect(await decide(auth(), await forge.headers({ email: "real@example.com" }))).toMatchObject({ user: { email: "real@example.com" } })
  })

  it("one header without the other is refused, empty or not", async () => {
    const { "x-amzn-oidc-data": data, "x-amzn-oidc-accesstoken": accessToken } = await forge.headers()
    for (const headers of [
      { "x-amzn-oidc-data": data },
      { "x-amzn-oidc-accesstoken": accessToken },
      { "x-amzn-oidc-data": "" },
      { "X-Amzn-Oidc-Accesstoken": "" },
      { "x-amzn-oidc-data": "", "x-amzn-oidc-accesstoken": "" }
    ]) {
      expect(await decide(auth(), headers)).toMatchObject({ _tag: "Refuse", status: 401 })
    }
  })

  it("forged, expired and foreign tokens are refused as ever", async () => {
    const other = await unrelatedForge()
    const late = forge.with({ now: () => Date.now() - 86_400_000 })
    for (const headers of [
      await other.headers(),
      await late.headers(),
      { "x-amzn-oidc-data": "a.b.c", "x-amzn-oidc-accesstoken": "a.b.c" }
    ]) {
      expect(await decide(auth(), headers)).toMatchObject({ _tag: "Refuse", status: 401 })
    }
  })

  it("other headers say nothing", async () => {
    const headers = { cookie: "a=b", authorization: "Bearer x", "x-amzn-oidc-identity": "somebody" }
    expect(await decide(auth(), headers)).toMatchObject({ _tag: "Admit", user: { email: "dev@example.com" } })
  })

  it("without dev mode, there is no mock user", async () => {
    write({ email: "x@example.com" })
    expect(await decide(CognitoAuth.make(options))).toMatchObject({ _tag: "Refuse", status: 401, error: { _tag: "HeaderMissing" } })
  })

  it("∀ header set in which a token is present: never the mock user", async () => {
    const value = fc.oneof(fc.constantFrom("", " ", "a.b.c", "null"), fc.string())
    const name = fc.mixedCase(fc.constantFrom("x-amzn-oidc-data", "x-amzn-oidc-accesstoken"))
    const service = auth()
    await fc.assert(
      fc.asyncProperty(name, value, fc.boolean(), async (name, value, isList) => {
        const headers = { host: "localhost", [name]: isList ? [value] : value }
        expect(await Effect.runPromise(service.decide({ method: "GET", target: "/", headers }, makeRoute()))).toMatchObject({ status: 401 })
      }),
      { numRuns: runs(500) }
    )
  })
})

describe("the mock user", () => {
  itEffect("has the Python package's defaults, and is signed in for an hour from now", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_000)
      const nowMillis = yield* Clock.currentTimeMillis
      const decision = CognitoAuth.make(dev).decideNow({ method: "GET", target: "/", headers: {} }, makeRoute(), nowMillis)
      if (Effect.isEffect(decision) || decision._tag !== "Admit" || decision.user === undefined) throw new Error("expected the mock user")
      const sub = "mock-12345678-1234-1234-1234-123456789abc"
      const iss = "https://cognito-idp.eu-west-2.amazonaws.com/mock-pool"
      const [iat, exp] = [1_700_000_000, 1_700_003_600]
      expect({ ...decision.user.oidcClaims }).toEqual({
        sub,
        email: "dev@example.com",
        username: sub,
        email_verified: true,
        name: "Dev User",
        given_name: "Dev",
        family_name: "User",
        exp,
        iss
      })
      expect({ ...decision.user.accessClaims }).toEqual({
        sub,
        "cognito:groups": [],
        iss,
        version: 2,
        client_id: "mock-client-id",
        token_use: "access",
        scope: "openid",
        auth_time: iat,
        exp,
        iat,
        username: sub
      })
      expect(decision.user).toMatchObject({ isAuthenticated: true, isAdmin: false, emailVerified: true, expiresAt: new Date(exp * 1000) })
    })
  )

  it("is the one of dev-mock-user.json in the working folder", async () => {
    write({ email: "ada@example.com", groups: ["staff"] })
    expect(await mockOf({})).toMatchObject({ email: "ada@example.com", groups: ["staff"], name: "Dev User" })
  })

  it("is the one of the file that is configured, in code or in the environment", async () => {
    write({ email: "default@example.com" })
    const path = write({ email: "other@example.com" }, "other.json")
    expect((await mockOf({ devConfig: path })).email).toBe("other@example.com")
    expect((await mockOf({ environment: { COGNITO_AUTH_DEV_CONFIG: path } })).email).toBe("other@example.com")
  })

  it("has what follows from the fields that are given: the username from the sub, the name from its parts", async () => {
    write({ sub: "123", given_name: "Ada", family_name: "Lovelace", email_verified: false })
    expect(await mockOf({})).toMatchObject({ sub: "123", username: "123", name: "Ada Lovelace", emailVerified: false })
    write({ sub: "123", username: "ada", name: "The Countess" })
    expect(await mockOf({})).toMatchObject({ sub: "123", username: "ada", name: "The Countess", givenName: "Dev" })
    write({ email: "" })
    expect((await mockOf({})).email).toBe("")
  })

  it("is in the region that is set, and an administrator of the platform by its group", async () => {
    write({ groups: ["platform-admins"] })
    const mock = await mockOf({ region: "eu-west-1", platformAdminGroups: ["platform-admins"] })
    expect(mock.issuer).toBe("https://cognito-idp.eu-west-1.amazonaws.com/mock-pool")
    expect(mock.isPlatformAdmin).toBe(true)
    expect((await mockOf({})).isAdmin).toBe(false)
  })

  it("reads the Python package's example file unchanged", async () => {
    write({
      _comment: "DEVELOPMENT MODE ONLY",
      _usage: ["1. Copy this file"],
      $schema: "./dev-mock-user.schema.json",
      email: "developer@example.com",
      sub: "12345678-1234-1234-1234-123456789abc",
      username: "12345678-1234-1234-1234-123456789abc",
      name: "Dev User",
      given_name: "Dev",
      family_name: "User",
      groups: ["developers", "users"],
      _field_descriptions: { email: "Mock user's email address" }
    })
    expect(await mockOf({})).toMatchObject({ email: "developer@example.com", groups: ["developers", "users"] })
  })
})

describe("a file of the mock user that is wrong is an error at start that names the field:", () => {
  it.each<[unknown, ReadonlyArray<string>]>([
    ["", [""]],
    ["{", [""]],
    ["[]", [""]],
    ["null", [""]],
    ['"a"', [""]],
    [{ email: 1 }, [", email"]],
    [{ sub: "" }, [", sub"]],
    [{ groups: "staff" }, [", groups"]],
    [{ groups: ["staff", 1] }, [", groups"]],
    [{ groups: null }, [", groups"]],
    [{ email_verified: "true" }, [", email_verified"]],
    [{ name: null, given_name: [], family_name: {}, username: false }, [", name", ", given_name", ", family_name", ", username"]],
    [{ email: 1, groups: 1, mail: 1 }, [", email", ", groups", ", mail"]],
    [{ toString: "x" }, [", toString"]]
  ])("%j", (content, fields) => {
    const path = write(content)
    for (const options of [{}, { devConfig: path }]) {
      const shown = "devConfig" in options ? path : "./dev-mock-user.json"
      expect(faultsOf(options).map(({ setting }) => setting)).toEqual(
        fields.map((field) => `devConfig, file ${JSON.stringify(shown)}${field}`)
      )
    }
  })

  it("with what was expected, or the field that was meant, and none of the file's values", () => {
    write({ email: ["SECRET"], given_nmae: "SECRET" })
    expect(faultsOf({}).map(({ problem }) => problem)).toEqual(["expected a string.", "is unknown. Did you mean given_name?"])
  })

  it("and so is one that cannot be read, but for the default one, which need not exist", () => {
    expect(faultsOf({ devConfig: join(folder, "none.json") })).toEqual([
      { setting: "devConfig (COGNITO_AUTH_DEV_CONFIG)", problem: expect.stringContaining("cannot be read (ENOENT)") }
    ])
    mkdirSync(join(folder, "dev-mock-user.json"))
    expect(faultsOf({})).toEqual([
      { setting: "devConfig (COGNITO_AUTH_DEV_CONFIG)", problem: expect.stringContaining("cannot be read (EISDIR)") }
    ])
  })

  it("but not where dev mode is off", () => {
    write("{")
    expect(successOf(readSettings(forge.settings().options, {})).devUser).toBeUndefined()
  })
})

describe("the warning", () => {
  const linesOf = async (options: AdapterOptions) => {
    const lines: Array<string> = []
    const logger = Logger.layer([Logger.make(({ message, logLevel }) => void lines.push(`${logLevel} ${[message].flat().join(" ")}`))])
    const layer = CognitoAuth.layer(options).pipe(Layer.provideMerge(logger))
    const request = { method: "GET", target: "/", headers: {} }
    const program = Effect.gen(function* () {
      const auth = yield* CognitoAuth
      for (let i = 0; i < 3; i++) yield* auth.decide(request, makeRoute())
    })
    await Effect.runPromise(program.pipe(Effect.provide(layer)))
    return lines
  }

  it("comes once, at start-up", async () => {
    expect(await linesOf(dev)).toEqual([expect.stringMatching(/^Warn cognito-auth: dev mode is on: /)])
  })

  it("does not come without dev mode", async () => {
    expect(await linesOf({ ...forge.settings().options, keySource: forge.keySource() })).toEqual([])
  })

  it("comes from CognitoAuth.make too", () => {
    const log = vi.mocked(console.log)
    CognitoAuth.make(forge.settings().options)
    expect(log).not.toHaveBeenCalled()
    CognitoAuth.make(dev)
    expect(log).toHaveBeenCalledTimes(1)
    expect(JSON.stringify(log.mock.calls)).toContain("dev mode is on")
  })
})
