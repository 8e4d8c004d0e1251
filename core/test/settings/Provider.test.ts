import { type Environment, type Options, Policy, Provider } from "@cognito-auth/core"
import { readSettings } from "@cognito-auth/core/Settings"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedRsaKey } from "../../../testing/test/sharedForge.ts"
import { failureOf, successOf } from "../outcome.ts"

const albArn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
const issuer = "https://example.okta.com"
const jwksUrl = "https://example.okta.com/oauth2/v1/keys"
const own = { issuer, clientId: "client-1" }
const pool = { userPoolId: "eu-west-2_AbC123xyz", clientId: "client-1" }
const env: Environment = {
  COGNITO_AUTH_PROVIDER: "oidc",
  COGNITO_AUTH_ISSUER: issuer,
  COGNITO_AUTH_CLIENT_ID: "client-1",
  COGNITO_AUTH_ALB_ARN: albArn,
  COGNITO_AUTH_ALLOW_ANY_USER: "true"
}

const read = (options: object, environment: Environment = {}) =>
  readSettings({ albArn, policy: Policy.anyUser, ...options } as Options, environment)
const faultsOf = (options: object, environment?: Environment) => failureOf(read(options, environment))

describe("Provider.oidc", () => {
  it("needs no pool, and no keys of the provider: its access token is ignored", () => {
    const settings = successOf(read({ provider: Provider.oidc({ ...own, groupsClaim: "groups" }) }))
    expect(settings.provider).toEqual({ _tag: "oidc", groupsClaim: "groups", audience: undefined })
    expect([...settings.issuers]).toEqual([[issuer, undefined]])
    expect([...settings.clientIds]).toEqual(["client-1"])
    expect([...settings.signers.keys()]).toEqual([albArn])
  })

  it("verifies the access token where it is told the keys and the audience", () => {
    const settings = successOf(read({ provider: Provider.oidc({ ...own, jwksUrl, audience: "api://orders" }) }))
    expect(settings.provider).toEqual({ _tag: "oidc", groupsClaim: undefined, audience: "api://orders" })
    expect([...settings.issuers]).toEqual([[issuer, jwksUrl]])
  })

  it("comes from the environment alone, and from code before it", () => {
    const variables = {
      COGNITO_AUTH_GROUPS_CLAIM: "https://example.com/roles",
      COGNITO_AUTH_JWKS_URL: jwksUrl,
      COGNITO_AUTH_AUDIENCE: "orders"
    }
    const settings = successOf(readSettings({}, { ...env, ...variables }))
    expect(settings.provider).toEqual({ _tag: "oidc", groupsClaim: "https://example.com/roles", audience: "orders" })
    expect([...settings.issuers]).toEqual([[issuer, jwksUrl]])
    const other = successOf(readSettings({ provider: Provider.oidc({ issuer: "https://other.example" }) }, env))
    expect([...other.issuers.keys(), ...other.clientIds]).toEqual(["https://other.example", "client-1"])
    expect(successOf(readSettings({ ...pool, provider: Provider.cognito }, { ...env, COGNITO_AUTH_ISSUER: "" })).provider._tag).toBe(
      "cognito"
    )
  })

  it("takes what a class or a prototype gives: an access token that is to be verified is never silently ignored", () => {
    class Keycloak implements Provider.OidcProvider {
      readonly _tag = "oidc"
      readonly #realm = issuer
      get issuer() {
        return this.#realm
      }
      get clientId() {
        return own.clientId
      }
      get groupsClaim() {
        return "groups"
      }
      get jwksUrl() {
        return jwksUrl
      }
      get audience() {
        return "orders"
      }
    }
    const given = Provider.oidc({ ...own, groupsClaim: "groups", jwksUrl, audience: "orders" })
    for (const provider of [new Keycloak(), Provider.oidc(new Keycloak()), Object.create(given), { ...given }]) {
      const settings = successOf(read({ provider }))
      expect(settings.provider).toEqual({ _tag: "oidc", groupsClaim: "groups", audience: "orders" })
      expect([...settings.issuers, ...settings.clientIds]).toEqual([[issuer, jwksUrl], "client-1"])
    }
  })

  it("may stand beside groups in a variable that another policy makes idle", () => {
    const { COGNITO_AUTH_ALLOW_ANY_USER: _, ...rest } = env
    const idle = { ...rest, COGNITO_AUTH_ALLOWED_GROUPS: "staff" }
    expect(successOf(readSettings({ policy: Policy.anyUser }, idle)).provider).toMatchObject({ groupsClaim: undefined })
    const faults = failureOf(readSettings({}, { ...idle, COGNITO_AUTH_CONFIG_PATH: "/no/such/file" }))
    expect(faults.map(({ setting }) => setting)).toEqual(["COGNITO_AUTH_CONFIG_PATH"])
  })

  it("keeps its issuer letter by letter: a slash at the end is another issuer", () => {
    expect([...successOf(read({ provider: Provider.oidc({ ...own, issuer: `${issuer}/` }) })).issuers.keys()]).toEqual([`${issuer}/`])
  })
})

describe("Provider.cognito", () => {
  it("is the default, and need not be written", () => {
    for (const provider of [undefined, Provider.cognito]) {
      const settings = successOf(read({ ...pool, provider }))
      expect(settings.provider).toEqual({ _tag: "cognito" })
      expect([...settings.issuers.values()]).toEqual([
        "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC123xyz/.well-known/jwks.json"
      ])
    }
    expect(successOf(read(pool, { COGNITO_AUTH_PROVIDER: "cognito" })).provider._tag).toBe("cognito")
  })
})

describe("a wrong mixture is a fault that says what to write", async () => {
  const rsa = (await sharedRsaKey()).publicKey
  const jwks = { keys: [{ ...rsa.export({ format: "jwk" }), kid: "kid-2" }] }
  const oidc = (more: Provider.OidcOptions = {}) => ({ provider: Provider.oidc({ ...own, ...more }) })

  it.each<[what: string, options: object, environment: Environment, setting: string, says: string]>([
    ["a user pool with oidc", { ...oidc(), userPoolId: pool.userPoolId }, {}, "userPoolId", "leave provider out"],
    ["a user pool's variable with oidc", oidc(), { COGNITO_AUTH_USER_POOL_ID: pool.userPoolId }, "userPoolId", "Leave it out"],
    ["oidc without an issuer", { provider: Provider.oidc({ clientId: "c" }) }, {}, "issuer", "Give the issuer"],
    ["oidc without a client", { provider: Provider.oidc({ issuer }) }, {}, "clientId", "Give the id"],
    ["an audience without keys", oidc({ audience: "orders" }), {}, "jwksUrl", "Give the provider's jwks_uri, or leave audience out"],
    ["keys without an audience", oidc({ jwksUrl }), {}, "audience", "or leave jwksUrl out"],
    ["given keys of an access token that is ignored", { ...oidc(), keys: { jwks } }, {}, "keys.jwks", "give jwksUrl and audience"],
    ["a groups claim with Cognito", { ...pool, groupsClaim: "groups" }, {}, "groupsClaim", "COGNITO_AUTH_PROVIDER=oidc"],
    ["its variable with Cognito", pool, { COGNITO_AUTH_GROUPS_CLAIM: "groups" }, "groupsClaim", "Leave it out"],
    ["an audience with Cognito", { ...pool, audience: "orders" }, {}, "audience", "COGNITO_AUTH_PROVIDER=oidc"],
    ["an issuer twice", { ...oidc(), issuer: "https://other.example" }, {}, "provider.issuer", "give it once, in provider"],
    ["a client twice", { ...oidc(), clientId: "client-2" }, {}, "provider.clientId", "give it once, in provider"],
    [
      "an unknown field",
      { provider: { ...Provider.oidc(own), groupClaim: "groups" } },
      {},
      "provider.groupClaim",
      "Did you mean groupsClaim?"
    ],
    ["a provider that is a string", { ...pool, provider: "oidc" }, {}, "provider", "Provider.oidc({ issuer, clientId })"],
    ["a provider that is null", { ...pool, provider: null }, {}, "provider", "Provider.cognito"],
    ["a provider by another name", pool, { COGNITO_AUTH_PROVIDER: "okta" }, "provider", "expected cognito or oidc"],
    [
      "a provider by another name, with settings of oidc",
      {},
      { ...env, COGNITO_AUTH_PROVIDER: "OIDC", COGNITO_AUTH_GROUPS_CLAIM: "groups" },
      "provider",
      "expected cognito or oidc"
    ],
    ["a provider without its tag", { provider: { ...own, groupsClaim: "groups" } }, {}, "provider", "Provider.oidc({ issuer, clientId })"],
    ["fields in Provider.cognito", { ...pool, provider: { ...Provider.cognito, issuer } }, {}, "provider.issuer", "is no option"],
    ["an issuer, and no word of the provider", own, {}, "userPoolId", "COGNITO_AUTH_PROVIDER=oidc"],
    ["several issuers", oidc({ issuer: `${issuer},https://other.example` }), {}, "issuer", "one issuer"],
    [
      "an issuer with a placeholder",
      oidc({ issuer: "https://login.microsoftonline.com/{tenantid}/v2.0" }),
      {},
      "issuer",
      "fill in the placeholder"
    ],
    ["an issuer of every tenant", oidc({ issuer: "https://login.microsoftonline.com/common/v2.0" }), {}, "issuer", "of one tenant"],
    [
      "the address of the provider's configuration for its issuer",
      oidc({ issuer: `${issuer}/.well-known/openid-configuration` }),
      {},
      "issuer",
      "give the issuer that it names"
    ],
    [
      "administrators by groups that are not known",
      { ...oidc(), platformAdminGroups: ["root"] },
      {},
      "groupsClaim",
      "is needed for platformAdminGroups"
    ],
    ["an issuer over http", oidc({ issuer: "http://idp.example.com" }), {}, "issuer", "https URL"],
    ["an issuer that is no string", { provider: { ...Provider.oidc(own), issuer: 1 } }, {}, "issuer", "expected a string"],
    ["an empty groups claim", oidc({ groupsClaim: " " }), {}, "groupsClaim", "expected a string"],
    ["keys over http", oidc({ jwksUrl: "http://idp.example.com/keys", audience: "orders" }), {}, "jwksUrl", "https URL"]
  ])("%s", (_, options, environment, setting, says) => {
    const faults = faultsOf(options, environment)
    expect(faults.map((fault) => fault.setting.split(" ")[0])).toEqual([setting])
    expect(faults[0]?.problem).toContain(says)
  })

  it("groups that the environment admits, without a claim that lists them", () => {
    const { COGNITO_AUTH_ALLOW_ANY_USER: _, ...rest } = env
    const faults = failureOf(readSettings({}, { ...rest, COGNITO_AUTH_ALLOWED_GROUPS: "staff" }))
    expect(faults).toEqual([expect.objectContaining({ problem: expect.stringContaining("is needed for COGNITO_AUTH_ALLOWED_GROUPS") })])
  })

  it("∀ settings of both kinds: no access token is left half verified, and Cognito's settings never pass for another provider's", () => {
    const one = fc.record(
      {
        COGNITO_AUTH_PROVIDER: fc.constantFrom("cognito", "oidc"),
        COGNITO_AUTH_USER_POOL_ID: fc.constant(pool.userPoolId),
        COGNITO_AUTH_ISSUER: fc.constant(issuer),
        COGNITO_AUTH_CLIENT_ID: fc.constant("client-1"),
        COGNITO_AUTH_GROUPS_CLAIM: fc.constant("groups"),
        COGNITO_AUTH_JWKS_URL: fc.constant(jwksUrl),
        COGNITO_AUTH_AUDIENCE: fc.constant("orders")
      },
      { requiredKeys: [] }
    )
    fc.assert(
      fc.property(one, (variables) => {
        const result = read({}, variables)
        if (result._tag === "Failure") return
        const { provider, issuers } = result.success
        expect(provider._tag).toBe(variables.COGNITO_AUTH_PROVIDER ?? "cognito")
        if (provider._tag === "cognito") {
          expect(variables.COGNITO_AUTH_GROUPS_CLAIM ?? variables.COGNITO_AUTH_AUDIENCE).toBeUndefined()
          expect([...issuers.values()]).not.toContain(undefined)
        } else {
          expect([...issuers]).toEqual([[issuer, provider.audience === undefined ? undefined : jwksUrl]])
          expect([variables.COGNITO_AUTH_USER_POOL_ID, variables.COGNITO_AUTH_AUDIENCE]).toEqual([undefined, provider.audience])
        }
      }),
      { numRuns: runs(300) }
    )
  })
})

it("A provider that lacks what it must have, or is none, does not compile where types can tell.", () => {
  // @ts-expect-error Its fields are a closed list.
  Provider.oidc({ issuer, groupClaim: "groups" })
  // @ts-expect-error A string is no provider.
  const options: Options = { provider: "oidc" }
  expect(options.provider).toBe("oidc")
})
