import { Provider } from "@cognito-auth/core"
import type { LocalAlbOptions } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"
import { appEnvironment, deploymentOf } from "../../src/local-alb/run/appEnvironment.ts"
import { guard, stage, told } from "./apps.ts"
import { Visitor } from "./visitor.ts"

const provider = Provider.oidc({ issuer: "https://idp.example.com", clientId: "client-1", groupsClaim: "https://example.com/roles" })
const ada = { email: "ada@example.com", name: "Ada Lovelace", groups: ["staff"] }
const signedIn = async (
  options: Partial<LocalAlbOptions>,
  user = ada as Parameters<Awaited<ReturnType<typeof stage>>["alb"]["signIn"]>[0]
) => {
  const behind = await stage({ provider, ...options })
  const cookie = await behind.alb.signIn(user)
  return { ...behind, ask: async (path = "/") => fetch(`${behind.alb.url}${path}`, { headers: { cookie }, redirect: "manual" }) }
}
const decode = (token = "") =>
  token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()))

describe("a local ALB in front of another provider", () => {
  it("sends the userinfo's claims, with groups under their own name, and an access token that is opaque", async () => {
    const { ask, alb, ...behind } = await signedIn({}, { ...ada, claims: { locale: "cy", email_verified: null } })
    await using _ = behind
    const { headers } = told(await (await ask()).text())
    const [header, payload] = decode(headers["x-amzn-oidc-data"])
    expect(header).toMatchObject({ iss: "https://idp.example.com", client: "client-1", signer: alb.forge.albArn })
    expect(payload).toMatchObject({ email: ada.email, "https://example.com/roles": ["staff"], locale: "cy" })
    expect(payload.email_verified).toBeNull()
    expect(payload).not.toHaveProperty("username")
    expect(headers["x-amzn-oidc-accesstoken"]).toMatch(/^[0-9a-f]{32}$/)
  })

  it("gives the app variables with which it admits the user, by a browser's way too", async () => {
    await using behind = await stage({ provider })
    const auth = guard(behind.app, behind.alb)
    const home = await new Visitor().signIn(behind.alb.url, { email: "new@example.com", name: "Niamh", groups: "staff" })
    expect(home.body).toBe("Hello Niamh, of staff")
    await auth.dispose()
  })

  it("issues a JWT of the audience, which the app verifies", async () => {
    const { ask, alb, app, ...behind } = await signedIn({ provider: Provider.oidc({ ...provider, audience: "api://orders" }) })
    await using _ = behind
    const { headers } = told(await (await ask()).text())
    expect(decode(headers["x-amzn-oidc-accesstoken"])[1]).toMatchObject({ aud: "api://orders", iss: "https://idp.example.com" })
    const auth = guard(app, alb)
    expect(await (await ask()).text()).toBe("Hello Ada Lovelace, of staff")
    expect(alb.keys.requests.count("cognito")).toBeGreaterThan(0)
    await auth.dispose()
  })

  it("names the user by the sub of the claims, in every header that has it", async () => {
    const { ask, alb, app, ...behind } = await signedIn({}, { ...ada, claims: { sub: "f:ldap:ada" } })
    await using _ = behind
    const { headers } = told(await (await ask()).text())
    expect([decode(headers["x-amzn-oidc-data"])[1].sub, headers["x-amzn-oidc-identity"]]).toEqual(["f:ldap:ada", "f:ldap:ada"])
    const auth = guard(app, alb)
    expect(await (await ask()).text()).toBe("Hello Ada Lovelace, of staff")
    await auth.dispose()
  })

  it("signs out by the parameters of RP-Initiated Logout", async () => {
    await using behind = await stage({ provider })
    const { cognitoDomain, url } = behind.alb
    const end = (uri: string) =>
      fetch(`${cognitoDomain}/logout?${new URLSearchParams({ client_id: "client-1", post_logout_redirect_uri: uri })}`, {
        redirect: "manual"
      })
    expect((await end(`${url}/bye`)).headers.get("location")).toBe(`${url}/bye`)
    expect((await end("https://evil.example/")).status).toBe(400)
  })

  it("is of the deployment that the environment names, and leaves the app no setting of another kind", async () => {
    const environment = { COGNITO_AUTH_PROVIDER: "oidc", COGNITO_AUTH_GROUPS_CLAIM: "groups", COGNITO_AUTH_USER_POOL_ID: "eu-west-2_Old" }
    const { provider: named } = deploymentOf(environment)
    expect(named).toMatchObject({ _tag: "oidc", groupsClaim: "groups" })
    await using behind = await stage({ provider: named })
    const { COGNITO_AUTH_USER_POOL_ID, COGNITO_AUTH_PROVIDER, COGNITO_AUTH_ISSUER } = appEnvironment(behind.alb, environment)
    expect([COGNITO_AUTH_USER_POOL_ID, COGNITO_AUTH_PROVIDER, COGNITO_AUTH_ISSUER]).toEqual([undefined, "oidc", "https://idp.example.com"])
    expect(() => deploymentOf({ ...environment, COGNITO_AUTH_PROVIDER: "OIDC" })).toThrow("expected cognito or oidc")
    for (const name of ["COGNITO_AUTH_GROUPS_CLAIM", "COGNITO_AUTH_AUDIENCE"]) {
      expect(() => deploymentOf({ [name]: "groups" })).toThrow(`(${name}): is of no use with Cognito`)
      expect(deploymentOf({ COGNITO_AUTH_PROVIDER: "cognito", [name]: "groups" })).toEqual({})
    }
    await using cognito = await stage()
    expect(appEnvironment(cognito.alb, environment)).not.toHaveProperty("COGNITO_AUTH_PROVIDER")
  })
})
