/** What AWS's own verifier makes of our tokens: those of the local ALB, and those of the forge. */
import { attacks, type Forge } from "@cognito-auth/testing"
import { AlbJwtVerifier, CognitoJwtVerifier } from "aws-jwt-verify"
import { AlbJwksCache } from "aws-jwt-verify/alb-cache"
import { SimpleJwksCache } from "aws-jwt-verify/jwk"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../sharedForge.ts"
import { stage, told } from "./apps.ts"
import { Visitor } from "./visitor.ts"

interface KeyUrls {
  readonly albKeysUrl: string
  readonly jwksUrl: string
}

/** AWS's verifiers for a forge's load balancer and pool; their keys come from ours, over HTTP. */
const verifiersOf = (forge: Pick<Forge, "albArn" | "clientId" | "issuer" | "userPoolId">, { albKeysUrl, jwksUrl }: KeyUrls) => {
  const asked: Array<string> = []
  const fetcher = {
    fetch: async (uri: string) => {
      asked.push(uri)
      // Its address of a pool's keys is fixed, and on https.
      const response = await fetch(uri === `${forge.issuer}/.well-known/jwks.json` ? jwksUrl : uri)
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      return response.arrayBuffer()
    }
  }
  const { albArn, clientId, issuer, userPoolId } = forge
  const alb = AlbJwtVerifier.create({ albArn, clientId, issuer, jwksUri: albKeysUrl }, { jwksCache: new AlbJwksCache({ fetcher }) })
  const cognito = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "access" }, { jwksCache: new SimpleJwksCache({ fetcher }) })
  return { alb, cognito, asked }
}

describe("aws-jwt-verify", () => {
  for (const sign of ["each request", "when stale"] as const) {
    it(`verifies what the local ALB sends, signed ${sign}, before and after a rotation of keys`, async () => {
      await using behind = await stage({ sign })
      const { alb } = behind
      const { alb: ofAlb, cognito, asked } = verifiersOf(alb.forge, alb.keys)
      const visitor = new Visitor()
      const tokens = async () => told((await visitor.open(alb.url)).body).headers
      await visitor.signIn(alb.url, { email: "zoe@example.com", name: "Zoë Ångström 🦊", groups: "admins, staff" })
      for (let round = 0; round < 2; round++) {
        const { "x-amzn-oidc-data": data = "", "x-amzn-oidc-accesstoken": accessToken = "", "x-amzn-oidc-identity": sub } = await tokens()
        expect(data.split(".").some((segment) => segment.endsWith("="))).toBe(true)
        expect(await ofAlb.verify(data)).toMatchObject({ sub, email: "zoe@example.com", email_verified: "true", name: "Zoë Ångström 🦊" })
        expect(await cognito.verify(accessToken)).toMatchObject({
          sub,
          "cognito:groups": ["admins", "staff"],
          client_id: alb.forge.clientId
        })
        await alb.rotateKeys()
        alb.putUser({ email: "zoe@example.com", name: "Zoë Ångström 🦊", groups: ["admins", "staff"] })
      }
      expect(asked.filter((uri) => uri.startsWith(alb.keys.albKeysUrl))).toHaveLength(2)
    })
  }

  it("refuses what the local ALB sends once its tokens have expired", async () => {
    await using behind = await stage()
    const { alb } = behind
    const { alb: ofAlb, cognito } = verifiersOf(alb.forge, alb.keys)
    const cookie = await alb.signIn({ email: "zoe@example.com" })
    alb.expireTokens()
    const { headers } = told(await (await fetch(alb.url, { headers: { cookie } })).text())
    await expect(ofAlb.verify(headers["x-amzn-oidc-data"] ?? "")).rejects.toThrow(/expired/)
    await expect(cognito.verify(headers["x-amzn-oidc-accesstoken"] ?? "")).rejects.toThrow(/expired/)
  })

  it("refuses what another load balancer of the region signs, and what is for another client, pool or use", async () => {
    const forge = await sharedForge()
    await using keys = await forge.serve()
    const { alb, cognito } = verifiersOf(forge, keys)
    const { data, accessToken } = await forge.tokens()
    await expect(alb.verify(data)).resolves.toBeDefined()
    await expect(cognito.verify(accessToken)).resolves.toBeDefined()

    const otherAlb = await forge.with({ albArn: forge.albArn.replace(/\d{12}/, "999999999999") }).tokens()
    await expect(alb.verify(otherAlb.data)).rejects.toThrow(/ALB ARN not allowed/)
    const otherClient = await forge.with({ clientId: "another" }).tokens()
    await expect(alb.verify(otherClient.data)).rejects.toThrow(/Client ID not allowed/)
    await expect(cognito.verify(otherClient.accessToken)).rejects.toThrow(/Client ID not allowed/)
    const otherPool = await forge.with({ userPoolId: "eu-west-2_Another1" }).tokens()
    await expect(alb.verify(otherPool.data)).rejects.toThrow(/Issuer not allowed|issuer/)
    await expect(cognito.verify(otherPool.accessToken)).rejects.toThrow(/issuer/)
    const idToken = await forge.tokens({ access: { claims: { token_use: "id", aud: forge.clientId } } })
    await expect(cognito.verify(idToken.accessToken)).rejects.toThrow(/Token use not allowed/)
    const unpadded = await forge.tokens({ alb: { afterSigning: (token) => token.replaceAll("=", "") } })
    expect(unpadded.data).not.toBe(data)
    await expect(alb.verify(unpadded.data)).rejects.toThrow(/Invalid signature/)
  })

  describe("refuses the forge's attacks that are on a token", async () => {
    const forge = await sharedForge()
    // What the pair of headers, or the app's own stricter form, is there to refuse is no business of a verifier of one token.
    // It does not look at crit either (RFC 7515 §4.1.11).
    const ofOneToken = Object.entries(attacks).filter(
      ([name, { error }]) =>
        name !== "critical" &&
        [
          "AlgorithmRefused",
          "SignerRefused",
          "ClientRefused",
          "IssuerRefused",
          "SignatureInvalid",
          "TokenExpired",
          "TokenUseRefused"
        ].includes(error)
    )
    it("of which there are some", () => expect(ofOneToken.length).toBeGreaterThan(8))
    it.each(ofOneToken)("%s", async (_name, { headers }) => {
      await using keys = await forge.serve()
      const { alb, cognito } = verifiersOf(forge, keys)
      const { "x-amzn-oidc-data": data, "x-amzn-oidc-accesstoken": accessToken } = await headers(forge, {})
      await expect(Promise.all([alb.verify(String(data)), cognito.verify(String(accessToken))])).rejects.toThrow()
    })
  })
})
