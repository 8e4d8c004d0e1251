import { CognitoAuth, Provider } from "@cognito-auth/core"
import { attacks, attacksOn, type Forge } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../sharedForge.ts"

const own = { issuer: "https://idp.example.com", clientId: "client-1", groupsClaim: "groups" }
const ignoring = await sharedForge({ provider: Provider.oidc(own) })
const verifying = await sharedForge({ provider: Provider.oidc({ ...own, audience: "api://orders" }) })

const decode = (token: string, segment: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[segment] ?? "", "base64url").toString())
const authenticate = (forge: Forge, headers: Readonly<Record<string, string>>) =>
  Effect.runPromise(Effect.result(CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() }).authenticate(headers)))

describe("a forge of another provider", () => {
  it("puts a provider's userinfo into the load balancer's token: a boolean, no username, groups by their claim", async () => {
    const { data } = await ignoring.with({ now: () => 1_700_000_000_999 }).tokens({ sub: "s-1", username: "ada", groups: ["staff"] })
    expect(decode(data, 0)).toMatchObject({ iss: own.issuer, client: own.clientId, signer: ignoring.albArn, alg: "ES256" })
    expect(decode(data, 1)).toEqual({
      sub: "s-1",
      preferred_username: "ada",
      email: "ada@example.com",
      email_verified: true,
      name: "Ada Lovelace",
      given_name: "Ada",
      family_name: "Lovelace",
      groups: ["staff"],
      exp: 1_700_000_120,
      iss: own.issuer
    })
  })

  it("sends an opaque access token, or a JWT for the audience", async () => {
    expect((await ignoring.tokens()).accessToken).toMatch(/^[0-9a-f]{32}$/)
    expect((await ignoring.tokens({ access: { afterSigning: () => "mine" } })).accessToken).toBe("mine")
    const { accessToken } = await verifying.tokens({ sub: "s-1" })
    expect(decode(accessToken, 1)).toMatchObject({ iss: own.issuer, aud: "api://orders", sub: "s-1" })
    expect(decode(accessToken, 1)).not.toHaveProperty("token_use")
    expect([ignoring.givenKeys().jwks, verifying.givenKeys().jwks?.keys.length]).toEqual([undefined, 1])
  })

  it.each([
    ["ignored", ignoring],
    ["verified", verifying]
  ] as const)("is trusted by its settings, in code and as variables, with an access token that is %s", async (_, forge) => {
    const headers = await forge.headers({ groups: ["staff"] })
    expect(await authenticate(forge, headers)).toMatchObject({ _tag: "Success" })
    const { env } = forge.settings({ allowedGroups: ["staff"] })
    const { authenticate: byVariables } = CognitoAuth.make({ environment: env, keySource: forge.keySource() })
    expect((await Effect.runPromise(byVariables(headers))).groups).toEqual(["staff"])
    await using keys = await forge.serve()
    const served = CognitoAuth.make(keys.settings().options)
    expect((await Effect.runPromise(served.authenticate(headers))).issuer).toBe(own.issuer)
  })

  it("becomes another provider's, client's or issuer's by with", async () => {
    const other = ignoring.with({ clientId: "client-2", issuer: "https://other.example" })
    expect([other.clientId, other.issuer, other.provider._tag]).toEqual(["client-2", "https://other.example", "oidc"])
    expect(await authenticate(ignoring, await other.headers())).toMatchObject({ failure: { _tag: "ClientRefused" } })
  })
})

describe.each([
  ["ignored", ignoring],
  ["verified", verifying]
] as const)("the attacks on a sign-in whose access token is %s", (_, forge) => {
  it.each(attacksOn(forge))("$title: $error", async ({ error, headers }) => {
    expect(await authenticate(forge, await headers(forge, { groups: ["staff"] }))).toMatchObject({ failure: { _tag: error } })
  })
})

it("the attacks on a Cognito sign-in are all of the list", async () => {
  expect(attacksOn(await sharedForge())).toEqual(Object.values(attacks))
  const titles = [...attacksOn(verifying)].map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
  expect(attacksOn(ignoring).some(({ isOnAccessToken }) => isOnAccessToken)).toBe(false)
})
