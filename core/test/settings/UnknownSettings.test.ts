import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CognitoAuth, ConfigurationError, type Options, Policy } from "@cognito-auth/core"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"

const folder = mkdtempSync(join(tmpdir(), "unknown-settings-"))
afterAll(() => rmSync(folder, { recursive: true }))

const good: Options = {
  userPoolId: "eu-west-2_AbC123xyz",
  clientId: "client-1",
  albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
  policy: Policy.anyUser,
  environment: {}
}

const errorOf = (options: object): ConfigurationError => {
  try {
    CognitoAuth.make({ ...good, ...options } as Options)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
  }
  throw new Error("expected a ConfigurationError")
}
const faultsOf = (options: object) => errorOf(options).faults.map(({ setting, problem }) => `${setting}: ${problem}`)

const options = [
  "provider",
  "groupsClaim",
  "audience",
  "region",
  "userPoolId",
  "clientId",
  "albArn",
  "albKeysUrl",
  "issuer",
  "jwksUrl",
  "redirectUrl",
  "refusalPage",
  "policy",
  "platformAdminGroups",
  "requireVerifiedEmail",
  "clockTolerance",
  "keySource",
  "devMode",
  "devConfig",
  "preset",
  "environment",
  "observe",
  "auditLog",
  "logger"
]
const variables = [
  "PROVIDER",
  "GROUPS_CLAIM",
  "AUDIENCE",
  "REGION",
  "USER_POOL_ID",
  "CLIENT_ID",
  "ALB_ARN",
  "ALB_KEYS_URL",
  "ISSUER",
  "JWKS_URL",
  "ALLOWED_ORIGINS",
  "REDIRECT_URL",
  "PLATFORM_ADMIN_GROUPS",
  "CONFIG_PATH",
  "SECRET_NAME",
  "ALLOWED_GROUPS",
  "ALLOWED_USERS",
  "ALLOW_ANY_USER",
  "DEV_MODE",
  "DEV_CONFIG"
].map((name) => `COGNITO_AUTH_${name}`)
const documentNames = ["allowed_groups", "allowed_users", "require_all", "admin_groups", "admin_users"]

/** The name with one letter left out, doubled, or in the other case. */
const misspell = (names: ReadonlyArray<string>) =>
  fc
    .constantFrom(...names)
    .chain((name) => fc.tuple(fc.constant(name), fc.nat({ max: name.length - 1 }), fc.constantFrom("left out", "doubled", "other case")))
    .map(([name, at, how]): readonly [string, string] => {
      const letter = name.charAt(at)
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
      const put = { "left out": "", doubled: letter + letter, "other case": other }[how] ?? ""
      return [name, name.slice(0, at) + put + name.slice(at + 1)]
    })
    .filter(([name, misspelt]) => name !== misspelt)

describe("an unknown name is a fault that suggests the intended name:", () => {
  it("∀ slip in an option", () => {
    fc.assert(
      fc.property(misspell(options), ([option, misspelt]) => {
        expect(faultsOf({ [misspelt]: undefined })).toEqual([`${misspelt}: is not an option. Did you mean ${option}?`])
      }),
      { numRuns: runs(100) }
    )
  })

  it("∀ slip in a variable, behind the prefix that makes it one of ours", () => {
    const prefix = "COGNITO_AUTH_"
    const ours = misspell(variables).filter(([, misspelt]) => misspelt.startsWith(prefix))
    fc.assert(
      fc.property(ours, ([variable, misspelt]) => {
        expect(faultsOf({ environment: { [misspelt]: "true" } })).toEqual([
          `${misspelt}: is not a variable of cognito-auth. Did you mean ${variable}?`
        ])
      }),
      { numRuns: runs(100) }
    )
  })

  it("∀ slip in a policy file", () => {
    const path = join(folder, "auth-config.json")
    fc.assert(
      fc.property(misspell(documentNames), ([name, misspelt]) => {
        // What begins with "_" is a comment.
        fc.pre(!misspelt.startsWith("_"))
        writeFileSync(path, JSON.stringify({ allowed_groups: ["staff"], [misspelt]: ["SECRET"] }))
        expect(faultsOf({ policy: undefined, environment: { COGNITO_AUTH_CONFIG_PATH: path } })).toEqual([
          `COGNITO_AUTH_CONFIG_PATH, file ${JSON.stringify(path)}, ${JSON.stringify(misspelt)}: is unknown. Did you mean ${name}?`
        ])
      }),
      { numRuns: runs(100) }
    )
  })

  it("an option of keys or tokenCache", () => {
    expect(faultsOf({ keys: { maxage: "1 hour", stale: "1 hour" }, tokenCache: { maxbytes: 1 } })).toEqual([
      "keys.maxage: is not an option. Did you mean maxAge?",
      "keys.stale: is not an option. Known names: alb, jwks, preload, maxAge, staleIfError, timeout.",
      "tokenCache.maxbytes: is not an option. Did you mean maxBytes?"
    ])
  })

  it("the variable for the option, and the Python package's spelling", () => {
    expect(faultsOf({ user_pool_id: "x", redirect_url: "/x" })).toEqual([
      "user_pool_id: is not an option. Did you mean userPoolId?",
      "redirect_url: is not an option. Did you mean redirectUrl?"
    ])
  })

  it("or lists all names, if none is similar", () => {
    expect(faultsOf({ colour: "red" })).toEqual([`colour: is not an option. ${`Known names: ${knownOptions()}.`}`])
    const [fault = ""] = faultsOf({ environment: { COGNITO_AUTH_COLOUR: "red" } })
    for (const variable of variables) expect(fault).toContain(variable)
  })

  it("but other programs' variables are theirs", () => {
    expect(() =>
      CognitoAuth.make({ ...good, environment: { AWS_REGION: "x", COGNITO_REGION: "x", cognito_auth_region: "x" } })
    ).not.toThrow()
  })
})

/** What a fault itself says that there is; `options` is checked against it. */
const knownOptions = (): string => {
  const [fault = ""] = faultsOf({ colour: "red" })
  const known = /Known names: (.*)\.$/.exec(fault)?.[1] ?? ""
  for (const option of [...options, "keys"]) expect(known.split(", ")).toContain(option)
  return known
}

describe("the configuration guide", () => {
  const guide = readFileSync(join(import.meta.dirname, "../../../docs/configuration.md"), "utf8")

  it("has every variable, every option and every field of the mock user", () => {
    const fields = ["email", "sub", "username", "groups", "email_verified", "given_name", "family_name", "name"]
    for (const name of [...variables, ...knownOptions().split(", "), ...fields]) expect(guide).toMatch(new RegExp(`\`${name}[\`.]`))
  })

  it("has every variable of the README too, and the README every one of the guide's", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8")
    for (const variable of variables) expect(readme).toContain(`\`${variable}\``)
    for (const [name] of `${guide}${readme}`.matchAll(/COGNITO_AUTH_[A-Z_]*[A-Z]/g)) {
      // The one that shows what a slip looks like.
      if (name !== "COGNITO_AUTH_USERPOOL_ID") expect(variables).toContain(name)
    }
  })
})

describe("a wrong configuration", () => {
  const path = join(folder, "wrong.json")
  writeFileSync(path, JSON.stringify({ allowed_group: ["staff"], allowed_users: ["SECRET", "a@example.com"], require_all: "SECRET" }))

  it("is one message: every fault on a line, with the name of what is wrong and what to do, and none of a policy's values", () => {
    const { message, faults } = errorOf({
      policy: undefined,
      albArn: "my-alb",
      clientId: undefined,
      clokTolerance: "5 seconds",
      redirectUrl: "javascript:alert(1)",
      environment: { COGNITO_AUTH_CONFIG_PATH: path, COGNITO_AUTH_USERPOOL_ID: "eu-west-2_AbC123xyz" }
    })
    const where = `COGNITO_AUTH_CONFIG_PATH, file ${JSON.stringify(path)}`
    expect(message.split("\n")).toEqual([
      "cognito-auth cannot start: its configuration has 8 faults.",
      "  - clokTolerance: is not an option. Did you mean clockTolerance?",
      "  - COGNITO_AUTH_USERPOOL_ID: is not a variable of cognito-auth. Did you mean COGNITO_AUTH_USER_POOL_ID?",
      "  - clientId (COGNITO_AUTH_CLIENT_ID): is missing. Give the id of the app client in the load balancer's rule.",
      '  - albArn (COGNITO_AUTH_ALB_ARN): "my-alb" is not the ARN of an application load balancer: expected arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<id>.',
      "  - redirectUrl (COGNITO_AUTH_REDIRECT_URL): expected an https URL (http is allowed for loopback hosts only), or a path of this app, such as /signed-out.",
      `  - ${where}, "allowed_group": is unknown. Did you mean allowed_groups?`,
      `  - ${where}, allowed_users: entry 1 is not an e-mail address: expected one @ with text on both sides, and no white space.`,
      `  - ${where}, require_all: expected true or false.`
    ])
    expect(faults).toHaveLength(8)
    expect(message).not.toContain("SECRET")
  })

  it.each(
    [
      { admits: "staff" },
      { admits: () => true },
      { peek: 1, current: 1 },
      { evaluate: true },
      { allowedGroups: ["staff"] },
      "any",
      1,
      [],
      () => true
    ].map((policy) => [policy])
  )("is a policy that is none: %j", (policy) => {
    expect(errorOf({ policy }).faults.map(({ setting }) => setting)).toEqual(["policy"])
  })

  it("is none where a rule stands for a policy", () => {
    expect(() => CognitoAuth.make({ ...good, policy: Policy.groups(["staff"]) })).not.toThrow()
  })
})
