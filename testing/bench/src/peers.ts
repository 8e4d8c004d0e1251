/** The libraries that others use, each at its best: its keys are cached, and it is built once. */
import { createPublicKey } from "node:crypto"
import { type Options, Policy } from "@cognito-auth/core"
import { AlbJwtVerifier, CognitoJwtVerifier } from "aws-jwt-verify"
import { createVerifier } from "fast-jwt"
import { jwtVerify } from "jose"
import { expectThat } from "./Scenario.ts"

/** What a server in another process needs to know of the forge. */
export interface Trust {
  readonly userPoolId: string
  readonly clientId: string
  readonly albArn: string
  readonly issuer: string
  readonly albPem: string
  readonly albJwk: Jwk
  readonly cognitoPem: string
  readonly cognitoJwk: Jwk
}

/** As much of a JSON Web Key as every library asks for. */
type Jwk = { readonly kid: string; readonly alg: "ES256" | "RS256"; readonly use: "sig"; readonly kty: "EC" | "RSA" } & Record<
  string,
  string
>

/** Options of an app that has its keys already. */
export const toOptions = ({ userPoolId, clientId, albArn, albJwk, albPem, cognitoJwk }: Trust): Options => ({
  environment: {},
  userPoolId,
  clientId,
  albArn,
  policy: Policy.fromLists({ allowedGroups: ["staff"] }),
  keys: { alb: { [albJwk.kid]: albPem }, jwks: { keys: [cognitoJwk] } }
})

/** Two tokens in, the user's `sub` out; throws, or rejects, where one is refused. */
export type Peer<A> = (data: string, accessToken: string) => A

/** The peer that checks what an ALB requires: the signer, the client, the issuer. Its keys are cached. */
export const makeAws = ({ albArn, issuer, clientId, userPoolId, albJwk, cognitoJwk }: Trust): Peer<string> => {
  const alb = AlbJwtVerifier.create({ albArn, issuer, clientId })
  const cognito = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "access" })
  alb.cacheJwks({ keys: [albJwk] })
  cognito.cacheJwks({ keys: [cognitoJwk] })
  return (data, accessToken) => {
    const { sub } = alb.verifySync(data)
    expectThat(cognito.verifySync(accessToken).sub === sub, "the tokens are about two users")
    return String(sub)
  }
}

/** Checks issuer and time, nothing of the ALB's. Takes no padding. `cacheSize` 0: without its cache. */
export const makeFastJwt = ({ issuer, albPem, cognitoPem }: Trust, cacheSize = 0): Peer<string> => {
  const cache = cacheSize === 0 ? false : cacheSize
  const alb = createVerifier({ key: albPem, algorithms: ["ES256"], allowedIss: issuer, cache })
  const cognito = createVerifier({ key: cognitoPem, algorithms: ["RS256"], allowedIss: issuer, cache })
  return (data, accessToken) => {
    const { sub } = alb(data) as { sub: string }
    expectThat((cognito(accessToken) as { sub: string }).sub === sub, "the tokens are about two users")
    return sub
  }
}

/** Checks issuer and time, nothing of the ALB's. Takes no padding. Signatures go through WebCrypto, so through a thread pool. */
export const makeJose = ({ issuer, albPem, cognitoPem }: Trust): Peer<Promise<string>> => {
  const alb = createPublicKey(albPem)
  const cognito = createPublicKey(cognitoPem)
  return async (data, accessToken) => {
    const { sub } = (await jwtVerify(data, alb, { issuer, algorithms: ["ES256"] })).payload
    expectThat(
      (await jwtVerify(accessToken, cognito, { issuer, algorithms: ["RS256"] })).payload.sub === sub,
      "the tokens are about two users"
    )
    return String(sub)
  }
}
