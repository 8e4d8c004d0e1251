import { verify } from "node:crypto"
import { CognitoAuth, ConfigurationError, Policy } from "@cognito-auth/core"
import { type Forge, type Forgery, makeForge, type SettingsPolicy } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, importSPKI, jwtVerify } from "jose"
import { describe, expect, it } from "vitest"
import { ownForge, unrelatedForge } from "../sharedForge.ts"

const forge = await makeForge()

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const decode = (token: string, segment: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[segment] ?? "", "base64url").toString())

describe("the load balancer's token", () => {
  it("has the JOSE header of the documentation, in its order", async () => {
    const header = decode((await forge.tokens()).data, 0)
    expect(Object.keys(header)).toEqual(["typ", "kid", "alg", "iss", "client", "signer", "exp"])
    expect(header).toMatchObject({ typ: "JWT", alg: "ES256", client: forge.clientId, signer: forge.albArn })
    expect(header["iss"]).toBe("https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC123xyz")
    expect(header["kid"]).toMatch(uuid)
  })

  it("says who the user is, with email_verified as a string, and repeats exp and iss", async () => {
    const { data } = await forge.with({ now: () => 1_700_000_000_999 }).tokens({ sub: "s-1", email: "a@example.com", emailVerified: false })
    expect(decode(data, 1)).toEqual({
      sub: "s-1",
      username: "s-1",
      email: "a@example.com",
      email_verified: "false",
      name: "Ada Lovelace",
      given_name: "Ada",
      family_name: "Lovelace",
      exp: 1_700_000_120,
      iss: forge.issuer
    })
    expect(decode(data, 0)["exp"]).toBe(1_700_000_120)
  })

  it("ends its segments in padding, and signs the padding", async () => {
    // Among three lengths in a row, two need padding.
    const tokens = await Promise.all(["", "a", "ab"].map((name) => forge.tokens({ name })))
    const padded = tokens.map(({ data }) => data).filter((data) => data.includes("=."))
    expect(padded.length).toBeGreaterThanOrEqual(2)
    for (const data of padded) {
      const [header = "", payload = "", signature = ""] = data.split(".")
      for (const segment of [header, payload, signature]) expect(segment.length % 4).toBe(0)
      const isSigned = (text: string) =>
        verify(
          "sha256",
          Buffer.from(text),
          { key: forge.keys.alb.current.publicKey, dsaEncoding: "ieee-p1363" },
          Buffer.from(signature, "base64url")
        )
      expect(isSigned(`${header}.${payload}`)).toBe(true)
      expect(isSigned(`${header}.${payload}`.replaceAll("=", ""))).toBe(false)
    }
  })

  it("verifies with jose where it is forged without padding", async () => {
    const { data } = await forge.tokens({ alb: { padding: false } })
    expect(data).not.toContain("=")
    const [pem = ""] = Object.values(forge.givenKeys().alb ?? {})
    const { protectedHeader } = await compactVerify(data, await importSPKI(pem, "ES256"), { algorithms: ["ES256"] })
    expect(protectedHeader.kid).toBe(forge.keys.alb.current.kid)
  })
})

describe("the access token", () => {
  it("verifies with jose and the pool's key set", async () => {
    const { accessToken } = await forge.tokens({ sub: "s-1", groups: ["b", "a"] })
    const keys = createLocalJWKSet(JSON.parse(JSON.stringify(forge.givenKeys().jwks)))
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, { algorithms: ["RS256"], issuer: forge.issuer })
    expect(Object.keys(protectedHeader)).toEqual(["kid", "alg"])
    expect(payload).toMatchObject({
      sub: "s-1",
      username: "s-1",
      client_id: forge.clientId,
      token_use: "access",
      version: 2,
      "cognito:groups": ["b", "a"]
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600)
    expect(payload.jti).toMatch(uuid)
    expect(payload["auth_time"]).toBe(payload.iat)
    expect(typeof payload["scope"]).toBe("string")
  })

  it("has no groups where the user is in none", async () => {
    expect(decode((await forge.tokens({ groups: [] })).accessToken, 1)).not.toHaveProperty("cognito:groups")
    expect(decode((await forge.tokens()).accessToken, 1)).not.toHaveProperty("cognito:groups")
  })
})

describe("a user", () => {
  it("gets a new sub each time, and one's own where it is given", async () => {
    const [first, second] = await Promise.all([forge.tokens(), forge.tokens()])
    expect(first.identity).toMatch(uuid)
    expect(first.identity).not.toBe(second.identity)
    expect((await forge.tokens({ sub: "mine" })).identity).toBe("mine")
  })

  it("lacks the claims of the fields that are undefined", async () => {
    const nobody = { email: undefined, emailVerified: undefined, name: undefined, givenName: undefined, familyName: undefined }
    const { data } = await forge.tokens({ ...nobody, username: undefined, sub: undefined })
    expect(Object.keys(decode(data, 1))).toEqual(["exp", "iss"])
  })
})

describe("overrides", () => {
  it("add, replace and remove members of a JOSE header and claims", async () => {
    const changes = { header: { typ: undefined, kid: "k", extra: 1 }, claims: { sub: undefined, iss: "i", extra: [1] } }
    const { data, accessToken } = await forge.tokens({ alb: changes, access: changes })
    for (const token of [data, accessToken]) {
      expect(decode(token, 0)).toMatchObject({ kid: "k", extra: 1 })
      expect(decode(token, 0)).not.toHaveProperty("typ")
      expect(decode(token, 1)).toMatchObject({ iss: "i", extra: [1] })
      expect(decode(token, 1)).not.toHaveProperty("sub")
    }
  })

  it("replace a whole segment, as a string or bytes", async () => {
    const { data, accessToken } = await forge.tokens({
      alb: { header: '{"alg":1,"alg":2}', claims: Uint8Array.of(0xff, 0xfe) },
      access: { padding: true, claims: "{" }
    })
    expect(data.split(".").slice(0, 2)).toEqual(["eyJhbGciOjEsImFsZyI6Mn0=", "__4="])
    expect(accessToken.split(".")[1]).toBe("ew==")
  })

  it("sign with another forge's key, or with any function", async () => {
    const other = await unrelatedForge()
    const { accessToken } = await forge.tokens({ access: { signWith: other.keys.cognito.current } })
    expect(decodeProtectedHeader(accessToken).kid).toBe(forge.keys.cognito.current.kid)
    const [header, payload, signature = ""] = accessToken.split(".")
    const isSignedBy = ({ keys }: typeof forge) =>
      verify("sha256", Buffer.from(`${header}.${payload}`), keys.cognito.current.publicKey, Buffer.from(signature, "base64url"))
    expect(isSignedBy(other)).toBe(true)
    expect(isSignedBy(forge)).toBe(false)

    let signed = ""
    const { data } = await forge.tokens({
      alb: {
        signWith: (text) => {
          signed = text
          return Uint8Array.of(0)
        }
      }
    })
    expect(data).toBe(`${signed}.AA==`)
  })

  it("change the finished token last", async () => {
    const { data, accessToken } = await forge.tokens({ alb: { afterSigning: (token) => `${token}!` }, access: { afterSigning: () => "x" } })
    expect(data).toMatch(/==!$/)
    expect(accessToken).toBe("x")
  })
})

describe("headers", () => {
  const names = ["x-amzn-oidc-accesstoken", "x-amzn-oidc-data", "x-amzn-oidc-identity"]

  it("are the three that the load balancer sends", async () => {
    const headers = await forge.headers({ sub: "s-1" })
    expect(Object.keys(headers)).toEqual(names)
    expect(headers["x-amzn-oidc-identity"]).toBe("s-1")
    expect(new Headers(headers).get("x-amzn-oidc-data")).toBe(headers["x-amzn-oidc-data"])
  })

  it.each<[HeaderChange, ReadonlyArray<string>]>([
    [{ omit: ["data"] }, ["x-amzn-oidc-accesstoken", "x-amzn-oidc-identity"]],
    [{ omit: ["accessToken"] }, ["x-amzn-oidc-data", "x-amzn-oidc-identity"]],
    [{ omit: ["identity"] }, ["x-amzn-oidc-accesstoken", "x-amzn-oidc-data"]],
    [{ omit: ["data", "accessToken", "identity"] }, []],
    [{ identity: null }, ["x-amzn-oidc-accesstoken", "x-amzn-oidc-data"]],
    [{ sub: undefined }, ["x-amzn-oidc-accesstoken", "x-amzn-oidc-data"]]
  ])("with %j are %j", async (change, left) => {
    expect(Object.keys(await forge.headers(change))).toEqual(left)
  })

  it("name another identity on demand", async () => {
    expect((await forge.headers({ identity: "another" }))["x-amzn-oidc-identity"]).toBe("another")
  })

  it("stand twice where they are to", async () => {
    const headers = await forge.headers({ duplicate: ["data"] })
    const [first, second, ...more] = headers["x-amzn-oidc-data"] ?? []
    expect(first).toBe(second)
    expect(more).toEqual([])
    expect(typeof headers["x-amzn-oidc-accesstoken"]).toBe("string")
  })
})

type HeaderChange = Forgery & { readonly omit?: ReadonlyArray<"data" | "accessToken" | "identity"> }

describe("a forge", () => {
  it("shares its keys, and not its settings, with those made from it", async () => {
    const other = forge.with({
      region: "us-gov-west-1",
      clientId: "another",
      albLifetime: "1 second",
      accessLifetime: "2 seconds",
      now: () => 0
    })
    expect(other.keys).toBe(forge.keys)
    expect(other.userPoolId).toBe("us-gov-west-1_AbC123xyz")
    expect(other.albArn).toMatch(/^arn:aws-us-gov:/)
    const { data, accessToken } = await other.tokens()
    expect(decode(data, 1)["exp"]).toBe(1)
    expect(decode(accessToken, 1)).toMatchObject({ exp: 2, iat: 0, client_id: "another" })
    expect(forge.clientId).not.toBe("another")
  })

  it("signs with a new key after a rotation, and publishes both", async () => {
    const own = await ownForge()
    const first = own.keys.alb.current
    await own.keys.alb.rotate()
    const { data } = await own.tokens()
    expect(decode(data, 0)["kid"]).toBe(own.keys.alb.current.kid)
    expect(Object.keys(own.givenKeys().alb ?? {})).toEqual([first.kid, own.keys.alb.current.kid])
    expect(own.keys.alb.withdraw(first.kid)).toBe(true)
    expect(own.keys.alb.withdraw(first.kid)).toBe(false)
    expect(Object.keys(own.givenKeys().alb ?? {})).toEqual([own.keys.alb.current.kid])
  })

  it("rejects what no load balancer has", async () => {
    await expect(makeForge({ albArn: "my-alb" })).rejects.toBeInstanceOf(ConfigurationError)
  })
})

describe("settings", () => {
  const admit = async (auth: CognitoAuth["Service"], headers: Record<string, string>) =>
    Effect.runPromise(Effect.result(auth.authenticate(headers)))

  it("lead to AWS's endpoints while nothing is served", () => {
    const { settings } = CognitoAuth.make(forge.settings().options)
    expect([...settings.issuers]).toEqual([[forge.issuer, `${forge.issuer}/.well-known/jwks.json`]])
    expect([...settings.signers]).toEqual([[forge.albArn, "https://public-keys.auth.elb.eu-west-2.amazonaws.com"]])
  })

  it("say the same as options and as environment, served and not", async () => {
    const expectTheSame = async (from: Forge, policy?: SettingsPolicy) => {
      const { options, env } = from.settings(policy)
      const keySource = from.keySource()
      const ofOptions = CognitoAuth.make({ ...options, keySource })
      const ofEnvironment = CognitoAuth.make({ environment: env, keySource })
      for (const each of ["signers", "issuers", "clientIds", "region"] as const) {
        expect(ofEnvironment.settings[each]).toEqual(ofOptions.settings[each])
      }
      for (const user of [{ groups: ["a"] }, { groups: ["b"], email: "b@example.com" }, { email: "c@example.com" }]) {
        const headers = await from.headers(user)
        const [first, second] = [await admit(ofOptions, headers), await admit(ofEnvironment, headers)]
        expect(second._tag).toBe(first._tag)
        expect(second).toEqual(first)
      }
    }
    await expectTheSame(forge)
    await expectTheSame(forge, { allowedGroups: ["a", "b"], allowedUsers: ["c@example.com"] })
    await using _keys = await forge.serve()
    await expectTheSame(forge)
    await expectTheSame(forge, { allowedUsers: ["c@example.com"] })
    await expectTheSame(forge.with({ issuer: "https://issuer.example/pool" }))
  })

  it("admit any user, or those of the lists", async () => {
    const auth = (policy?: { allowedGroups: ReadonlyArray<string> }) =>
      CognitoAuth.make({ ...forge.settings(policy).options, keySource: forge.keySource() })
    const headers = await forge.headers({ groups: ["staff"] })
    expect(await admit(auth(), headers)).toMatchObject({ _tag: "Success" })
    expect(await admit(auth({ allowedGroups: ["staff"] }), headers)).toMatchObject({ _tag: "Success" })
    expect(await admit(auth({ allowedGroups: ["admins"] }), headers)).toMatchObject({ failure: { _tag: "NotAuthorised" } })
  })

  it("go with a policy of one's own", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"], adminUsers: ["ada@example.com"] })
    const auth = CognitoAuth.make({ ...forge.settings().options, policy, keySource: forge.keySource() })
    expect(await admit(auth, await forge.headers())).toMatchObject({ success: { isAppAdmin: true } })
  })

  it("go with an in-memory key source, which knows the keys published when it was made", async () => {
    const own = await ownForge()
    const auth = CognitoAuth.make({ ...own.settings().options, keySource: own.keySource() })
    expect(await admit(auth, await own.headers({ email: "a@example.com", groups: ["admins"] }))).toMatchObject({
      success: { email: "a@example.com", groups: ["admins"] }
    })
    await own.keys.alb.rotate()
    expect(await admit(auth, await own.headers())).toMatchObject({ failure: { _tag: "KeyUnknown" } })
  })

  it("go with given keys, without a network", async () => {
    const auth = CognitoAuth.make({ ...forge.settings().options, keys: forge.givenKeys() })
    expect(await admit(auth, await forge.headers())).toMatchObject({ _tag: "Success" })
  })
})
