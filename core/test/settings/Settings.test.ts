import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Environment, type Options, Policy, PolicySource } from "@cognito-auth/core"
import { readSettings } from "@cognito-auth/core/Settings"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it } from "vitest"
import { sharedRsaKey } from "../../../testing/test/sharedForge.ts"
import { failureOf, successOf } from "../outcome.ts"
import { userWith } from "../userOf.ts"
import { verdictOf } from "../verdictOf.ts"

const arn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
const pool = "eu-west-2_AbC123xyz"
const good: Options = { userPoolId: pool, clientId: "client-1", albArn: arn, policy: Policy.anyUser }
const goodEnv: Environment = {
  COGNITO_AUTH_USER_POOL_ID: pool,
  COGNITO_AUTH_CLIENT_ID: "client-1",
  COGNITO_AUTH_ALB_ARN: arn,
  COGNITO_AUTH_ALLOW_ANY_USER: "true"
}

const read = (options: object = {}, environment: Environment = {}) => readSettings({ ...good, ...options } as Options, environment)
const settingsOf = (options?: object, environment?: Environment) => successOf(read(options, environment))
const faultsOf = (options: object, environment?: Environment) => failureOf(read(options, environment)).map(({ setting }) => setting)
const fromEnv = (environment: Environment) => readSettings({}, { ...goodEnv, ...environment })
const envFaults = (environment: Environment) => failureOf(fromEnv(environment)).map(({ setting }) => setting)

describe("settings that are right", () => {
  it("have the defaults of design", () => {
    const settings = settingsOf()
    expect([...settings.signers]).toEqual([[arn, "https://public-keys.auth.elb.eu-west-2.amazonaws.com"]])
    const issuer = `https://cognito-idp.eu-west-2.amazonaws.com/${pool}`
    expect([...settings.issuers]).toEqual([[issuer, `${issuer}/.well-known/jwks.json`]])
    expect([...settings.clientIds]).toEqual(["client-1"])
    expect(settings.region).toBe("eu-west-2")
    expect(settings.redirectUrl).toBeUndefined()
    expect([...settings.platformAdminGroups]).toEqual([])
    expect(settings.clockToleranceMillis).toBe(5_000)
    expect(settings.keys).toMatchObject({ preload: true, maxAgeMillis: 3_600_000, staleIfErrorMillis: 43_200_000, timeoutMillis: 3_000 })
    expect(settings.keys.alb.size).toBe(0)
    expect(settings.keys.jwks.size).toBe(0)
  })

  it("come only from the environment", () => {
    const settings = successOf(
      fromEnv({
        COGNITO_AUTH_REGION: "eu-west-2",
        COGNITO_AUTH_ALB_KEYS_URL: "https://keys.example.com/alb/",
        COGNITO_AUTH_ISSUER: "https://idp.example.com/pool",
        COGNITO_AUTH_JWKS_URL: "https://idp.example.com/keys",
        COGNITO_AUTH_REDIRECT_URL: "/signed-out"
      })
    )
    expect([...settings.signers]).toEqual([[arn, "https://keys.example.com/alb"]])
    expect([...settings.issuers]).toEqual([["https://idp.example.com/pool", "https://idp.example.com/keys"]])
    expect(settings.redirectUrl).toBe("/signed-out")
  })

  it("take code over the environment, and an empty variable for none", () => {
    const settings = settingsOf({ redirectUrl: "/code" }, { COGNITO_AUTH_REDIRECT_URL: "/env", COGNITO_AUTH_CLIENT_ID: "other" })
    expect(settings.redirectUrl).toBe("/code")
    expect([...settings.clientIds]).toEqual(["client-1"])
    expect(successOf(fromEnv({ COGNITO_AUTH_REDIRECT_URL: "  " })).redirectUrl).toBeUndefined()
  })

  it("take several pools, clients and load balancers, each with its own keys", () => {
    const gov = "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
    const usEast = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/other/901e7c495c0c9188"
    const settings = successOf(
      fromEnv({
        COGNITO_AUTH_USER_POOL_ID: `${pool}, us-east-1_Other1,us-gov-west-1_Gov1`,
        COGNITO_AUTH_CLIENT_ID: "client-1,client-2, ",
        COGNITO_AUTH_ALB_ARN: `${arn},${usEast}, ${gov}`
      })
    )
    expect([...settings.clientIds]).toEqual(["client-1", "client-2"])
    expect([...settings.issuers.keys()]).toEqual([
      `https://cognito-idp.eu-west-2.amazonaws.com/${pool}`,
      "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other1",
      "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_Gov1"
    ])
    expect(settings.signers.get(usEast)).toBe("https://public-keys.auth.elb.us-east-1.amazonaws.com")
    expect(settings.signers.get(gov)).toBe("https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1")
    expect([...settingsOf({ clientId: ["a", "b"] }).clientIds]).toEqual(["a", "b"])
  })

  it("know China's issuer, and ask where its load balancers' keys are", () => {
    const china = "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
    expect(faultsOf({ albArn: china })).toEqual(["albKeysUrl (COGNITO_AUTH_ALB_KEYS_URL)"])
    const settings = settingsOf({ albArn: china, userPoolId: "cn-north-1_AbC123xyz", albKeysUrl: "https://keys.example.cn" })
    expect([...settings.signers.values()]).toEqual(["https://keys.example.cn"])
    expect([...settings.issuers.keys()]).toEqual(["https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC123xyz"])
  })

  it("take any pool's name beside an issuer, which they keep letter by letter", () => {
    const settings = settingsOf({ userPoolId: "local_pool", issuer: "http://localhost:9229/local_pool/" })
    expect([...settings.issuers]).toEqual([["http://localhost:9229/local_pool/", "http://localhost:9229/local_pool/.well-known/jwks.json"]])
  })

  it("take lengths of time with their unit", () => {
    const settings = settingsOf({
      clockTolerance: "0 seconds",
      keys: { maxAge: "10 minutes", staleIfError: Duration.hours(1), timeout: "500 millis", preload: false }
    })
    expect(settings.clockToleranceMillis).toBe(0)
    expect(settings.keys).toMatchObject({ maxAgeMillis: 600_000, staleIfErrorMillis: 3_600_000, timeoutMillis: 500, preload: false })
  })

  it("take plain http for loopback hosts", () => {
    for (const url of [
      "http://localhost:1234/a",
      "http://127.0.0.1:1/a",
      "http://127.1.2.3/a",
      "http://[::1]:80/a",
      "https://example.com/a"
    ]) {
      expect([...settingsOf({ albKeysUrl: url }).signers.values()]).toEqual([url])
    }
  })

  it("take a list of platform administrators in code, whose names may hold commas", () => {
    expect(settingsOf({ platformAdminGroups: [] }).platformAdminGroups.size).toBe(0)
    expect([...settingsOf({ platformAdminGroups: ["root", "a,b"] }).platformAdminGroups]).toEqual(["root", "a,b"])
  })

  it("cache 64 MiB of tokens, the configured size, or none", () => {
    expect(settingsOf().tokenCache).toEqual({ maxBytes: 64 * 1024 * 1024, maxEntries: 20_000 })
    expect(settingsOf({ tokenCache: { maxEntries: 7 } }).tokenCache).toEqual({ maxBytes: 64 * 1024 * 1024, maxEntries: 7 })
    expect(settingsOf({ tokenCache: false }).tokenCache).toEqual({ maxBytes: 0, maxEntries: 0 })
  })

  it("take given keys", async () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey
    const rsa = (await sharedRsaKey()).publicKey
    const { keys } = settingsOf({
      keys: {
        alb: { "kid-1": ec.export({ type: "spki", format: "pem" }).toString() },
        jwks: { keys: [{ ...rsa.export({ format: "jwk" }), kid: "kid-2" }] }
      }
    })
    expect(keys.alb.get("kid-1")?.key.equals(ec)).toBe(true)
    expect(keys.jwks.get("kid-2")?.key.equals(rsa)).toBe(true)
  })
})

describe("settings that are wrong", () => {
  it("name every fault together, with the option and its variable, and what to do", () => {
    const faults = failureOf(readSettings({}, {}))
    expect(faults.map(({ setting }) => setting)).toEqual([
      "userPoolId (COGNITO_AUTH_USER_POOL_ID)",
      "clientId (COGNITO_AUTH_CLIENT_ID)",
      "albArn (COGNITO_AUTH_ALB_ARN)",
      "policy"
    ])
    for (const { problem } of faults) expect(problem).toContain("Give")
  })

  it.each([null, "options", 1])("are options that are %j", (options) => {
    const any: unknown = options
    expect(failureOf(readSettings(any as Options, {}))[0]?.setting).toBe("options")
  })

  it.each<[object, string]>([
    [{ albArn: "my-alb" }, "albArn"],
    [{ albArn: "arn:aws:elasticloadbalancing" }, "albArn"],
    [{ albArn: arn.replace("app/", "net/") }, "albArn"],
    [{ albArn: arn.replace("eu-west-2", ".") }, "albArn"],
    [{ albArn: arn.replace("eu-west-2", "evil.example.com/") }, "albArn"],
    [{ albArn: arn.replace("arn:aws:", "arn:aws-us-gov:") }, "albArn"],
    [{ albArn: arn.replace("eu-west-2", "cn-north-1") }, "albArn"],
    [{ albArn: arn.replace("eu-west-2", "us-gov-west-1") }, "albArn"],
    [{ albArn: arn.replace("arn:aws:", "arn:aws-iso:") }, "albArn"],
    [{ albArn: arn.replace("123456789012", "1234") }, "albArn"],
    [{ albArn: `${arn}/` }, "albArn"],
    [{ albArn: `x${arn}` }, "albArn"],
    [{ albArn: "*" }, "albArn"],
    [{ albArn: [] }, "albArn"],
    [{ albArn: "" }, "albArn"],
    [{ albArn: [arn, 1] }, "albArn"],
    [{ albArn: null }, "albArn"],
    [{ clientId: "" }, "clientId"],
    [{ clientId: " , " }, "clientId"],
    [{ clientId: null }, "clientId"],
    [{ clientId: [""] }, "clientId"],
    [{ clientId: {} }, "clientId"],
    [{ userPoolId: "AbC123xyz" }, "userPoolId"],
    [{ userPoolId: "foo-central-bar_cfE3xfsaf" }, "userPoolId"],
    [{ userPoolId: "eu-west-2_AbC/../x" }, "userPoolId"],
    [{ userPoolId: "eu-west-2_AbC@evil.example" }, "userPoolId"],
    [{ userPoolId: "evil.example/eu-west-2_AbC" }, "userPoolId"],
    [{ userPoolId: null }, "userPoolId"],
    [{ region: "us-east-1" }, "region"],
    [{ region: 1 }, "region"],
    [{ issuer: null }, "issuer"],
    [{ issuer: "" }, "issuer"],
    [{ issuer: "idp.example.com" }, "issuer"],
    [{ issuer: "http://idp.example.com" }, "issuer"],
    [{ albKeysUrl: "http://keys.example.com" }, "albKeysUrl"],
    [{ albKeysUrl: "https://user@keys.example.com" }, "albKeysUrl"],
    [{ albKeysUrl: "https://user:password@keys.example.com" }, "albKeysUrl"],
    [{ albKeysUrl: "https://keys.example.com?x=1" }, "albKeysUrl"],
    [{ albKeysUrl: "https://keys.example.com#x" }, "albKeysUrl"],
    [{ albKeysUrl: "https://keys.example.com/a b" }, "albKeysUrl"],
    [{ albKeysUrl: "https://keys.example.com\\a" }, "albKeysUrl"],
    [{ albKeysUrl: "https://kéys.example.com" }, "albKeysUrl"],
    [{ albKeysUrl: "file:///etc/keys" }, "albKeysUrl"],
    [{ albKeysUrl: "http://localhost.example.com" }, "albKeysUrl"],
    [{ albKeysUrl: "http://127.0.0.1.example.com" }, "albKeysUrl"],
    [{ albKeysUrl: "http://169.254.169.254" }, "albKeysUrl"],
    [{ jwksUrl: "ftp://example.com" }, "jwksUrl"],
    [{ jwksUrl: "https://example.com/jwks", userPoolId: [pool, "eu-west-2_Other1"] }, "jwksUrl"],
    [{ redirectUrl: "//evil.example" }, "redirectUrl"],
    [{ redirectUrl: "/\\evil.example" }, "redirectUrl"],
    [{ redirectUrl: "javascript:alert(1)" }, "redirectUrl"],
    [{ redirectUrl: "http://example.com" }, "redirectUrl"],
    [{ redirectUrl: "/a\r\nset-cookie: x" }, "redirectUrl"],
    [{ redirectUrl: "signed-out" }, "redirectUrl"],
    [{ redirectUrl: "" }, "redirectUrl"],
    [{ redirectUrl: true }, "redirectUrl"],
    [{ redirectUrl: null }, "redirectUrl"],
    [{ platformAdminGroups: "staff" }, "platformAdminGroups"],
    [{ platformAdminGroups: [""] }, "platformAdminGroups"],
    [{ platformAdminGroups: [1] }, "platformAdminGroups"],
    [{ platformAdminGroups: null }, "platformAdminGroups"]
  ])("are %j", (options, option) => {
    const faults = faultsOf(options)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^${option} \\(COGNITO_AUTH_`))
  })

  it.each<[object, string]>([
    [{ clockTolerance: 5 }, "clockTolerance"],
    [{ clockTolerance: "5" }, "clockTolerance"],
    [{ clockTolerance: "123" }, "clockTolerance"],
    [{ clockTolerance: -1 }, "clockTolerance"],
    [{ clockTolerance: "-1 seconds" }, "clockTolerance"],
    [{ clockTolerance: Number.POSITIVE_INFINITY }, "clockTolerance"],
    [{ clockTolerance: Duration.infinity }, "clockTolerance"],
    [{ clockTolerance: Number.NaN }, "clockTolerance"],
    [{ clockTolerance: "soon" }, "clockTolerance"],
    [{ clockTolerance: "301 seconds" }, "clockTolerance"],
    [{ clockTolerance: null }, "clockTolerance"],
    [{ keys: { maxAge: "2 days" } }, "keys.maxAge"],
    [{ keys: { staleIfError: "8 days" } }, "keys.staleIfError"],
    [{ keys: { timeout: "31 seconds" } }, "keys.timeout"],
    [{ keys: { alb: { "kid-1": "no key" } } }, "keys.alb"],
    [{ keys: { alb: "no key" } }, "keys.alb"],
    [{ keys: { alb: null } }, "keys.alb"],
    [{ keys: { jwks: { keys: [] } } }, "keys.jwks"],
    [{ keys: { jwks: {} } }, "keys.jwks"],
    [{ keys: { jwks: null } }, "keys.jwks"],
    [{ tokenCache: { maxBytes: 0 } }, "tokenCache.maxBytes"],
    [{ tokenCache: { maxBytes: "32 MiB" } }, "tokenCache.maxBytes"],
    [{ tokenCache: { maxEntries: -1 } }, "tokenCache.maxEntries"],
    [{ tokenCache: { maxEntries: 1.5 } }, "tokenCache.maxEntries"],
    [{ tokenCache: { maxEntries: Number.POSITIVE_INFINITY } }, "tokenCache.maxEntries"],
    [{ refusalPage: "<h1>No</h1>" }, "refusalPage"],
    [{ refusalPage: null }, "refusalPage"],
    [{ policy: { allowedGroups: ["staff"] } }, "policy"],
    [{ policy: null }, "policy"],
    [{ policy: "any" }, "policy"]
  ])("are %j, which no variable sets", (options, setting) => {
    expect([...new Set(faultsOf(options))]).toEqual([setting])
  })

  it("are one JWK Set for two pools: the keys of one could sign for the other", async () => {
    const rsa = (await sharedRsaKey()).publicKey
    const jwks = { keys: [{ ...rsa.export({ format: "jwk" }), kid: "kid-2" }] }
    expect(faultsOf({ userPoolId: [pool, "eu-west-2_Other1"], keys: { jwks } })).toEqual(["keys.jwks"])
    expect(settingsOf({ userPoolId: [pool, "eu-west-2_Other1"], issuer: "https://idp.example.com", keys: { jwks } }).keys.jwks.size).toBe(1)
  })

  it("say what was configured in short, and on one line", () => {
    const [fault] = failureOf(read({ albArn: `${"x".repeat(10_000)}\n` }))
    expect(fault?.problem.length).toBeLessThan(400)
    expect(fault?.problem).not.toContain("\n")
  })
})

describe("the policy", () => {
  const folder = mkdtempSync(join(tmpdir(), "settings-"))
  const path = join(folder, "policy.json")
  writeFileSync(path, '{"allowed_groups": ["file"]}')
  afterAll(() => rmSync(folder, { recursive: true }))

  const { policy: _, ...withoutPolicy } = good
  const policyOf = async (options: object, environment: Environment) => {
    const source = successOf(readSettings({ ...withoutPolicy, ...options } as Options, environment)).policySource
    const policy = await Effect.runPromise(source.current)
    return (...groups: ReadonlyArray<string>) => verdictOf(policy, userWith("ada@example.com", groups)).allowed
  }
  const policyFaults = (environment: Environment, options: object = {}) =>
    failureOf(readSettings({ ...withoutPolicy, ...options } as Options, environment)).map(({ setting }) => setting)

  const lists = { COGNITO_AUTH_ALLOWED_GROUPS: "lists, more" }
  const file = { COGNITO_AUTH_CONFIG_PATH: path }

  it("is the first of code, file and lists", async () => {
    const code = { policy: Policy.fromLists({ allowedGroups: ["code"] }) }
    for (const [options, environment, group] of [
      [code, { ...file, ...lists }, "code"],
      [{}, { ...file, ...lists }, "file"],
      [{}, lists, "lists"],
      [{}, lists, "more"]
    ] as const) {
      const allows = await policyOf(options, environment)
      expect(["code", "file", "lists", "more"].filter((name) => allows(name))).toEqual(
        group === "lists" || group === "more" ? ["lists", "more"] : [group]
      )
    }
  })

  it("in code is a policy, a rule, or a source", async () => {
    const rule = Policy.groups(["code"])
    for (const policy of [rule, Policy.make(rule), PolicySource.memory(Policy.make(rule))]) {
      const allows = await policyOf({ policy }, {})
      expect([allows("code"), allows("x")]).toEqual([true, false])
    }
  })

  it("is either of the lists", async () => {
    const allows = await policyOf({}, { ...lists, COGNITO_AUTH_ALLOWED_USERS: "ADA@example.com, x@example.com" })
    expect(allows()).toBe(true)
    expect((await policyOf({}, { COGNITO_AUTH_ALLOWED_USERS: "x@example.com" }))("lists")).toBe(false)
  })

  it.each(["true", "TRUE", "1", "yes", "Yes"])("is every authenticated user with COGNITO_AUTH_ALLOW_ANY_USER=%j", async (value) => {
    expect((await policyOf({}, { COGNITO_AUTH_ALLOW_ANY_USER: value }))()).toBe(true)
  })

  it.each([" true", "true ", "true\n", "\u00a01", " false"])(
    "is at fault with COGNITO_AUTH_ALLOW_ANY_USER=%j, for its white space",
    (value) => {
      const faults = failureOf(readSettings({}, { ...goodEnv, COGNITO_AUTH_ALLOW_ANY_USER: value }))
      expect(faults[0]).toEqual({ setting: "COGNITO_AUTH_ALLOW_ANY_USER", problem: expect.stringContaining("white space") })
    }
  )

  it.each(["false", "0", "no", "", "  ", undefined])("is missing with COGNITO_AUTH_ALLOW_ANY_USER=%j", (value) => {
    expect(policyFaults({ COGNITO_AUTH_ALLOW_ANY_USER: value })).toEqual(["policy"])
  })

  it("is missing where nothing is configured, rather than an open door", () => {
    expect(policyFaults({})).toEqual(["policy"])
    expect(policyFaults({ COGNITO_AUTH_ALLOWED_GROUPS: " , ", COGNITO_AUTH_ALLOWED_USERS: "" })).toEqual(["policy"])
  })

  it("is wrong where any user and some users are configured, where a flag is neither, and where an address is none", () => {
    expect(policyFaults({ ...lists, COGNITO_AUTH_ALLOW_ANY_USER: "true" })).toEqual(["COGNITO_AUTH_ALLOW_ANY_USER"])
    expect(policyFaults({ ...lists, COGNITO_AUTH_ALLOW_ANY_USER: "maybe" })).toEqual(["COGNITO_AUTH_ALLOW_ANY_USER"])
    expect(policyFaults({ COGNITO_AUTH_ALLOWED_USERS: "nobody" })).toEqual(["COGNITO_AUTH_ALLOWED_USERS"])
  })

  it("is wrong where the file is", () => {
    expect(policyFaults({ COGNITO_AUTH_CONFIG_PATH: join(folder, "missing.json"), ...lists })).toEqual(["COGNITO_AUTH_CONFIG_PATH"])
    writeFileSync(join(folder, "empty.json"), "{}")
    expect(policyFaults({ COGNITO_AUTH_CONFIG_PATH: join(folder, "empty.json") })[0]).toContain("COGNITO_AUTH_CONFIG_PATH, file")
  })

  it("asks for verified e-mails unless it is told not to", () => {
    const unverified = userWith("ada@example.com", [], "false")
    const allows = (options: object) =>
      verdictOf(
        successOf(
          readSettings({ ...withoutPolicy, ...options } as Options, { COGNITO_AUTH_ALLOWED_USERS: "ada@example.com" })
        ).policySource.peek(0),
        unverified
      ).allowed
    expect(allows({})).toBe(false)
    expect(allows({ requireVerifiedEmail: true })).toBe(false)
    expect(allows({ requireVerifiedEmail: false })).toBe(true)
    expect(policyFaults(lists, { requireVerifiedEmail: "no" })).toContain("requireVerifiedEmail")
  })

  it("in a variable is read although options are given", () => {
    expect(envFaults({ COGNITO_AUTH_ALLOW_ANY_USER: "" })).toEqual(["policy"])
  })
})
