/** What the libraries are compared with: ours, and the bare signatures. */
import { createPublicKey, type KeyObject, verify } from "node:crypto"
import { CognitoAuth, type Options } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { type Trust, toOptions } from "./peers.ts"
import { expectThat } from "./Scenario.ts"
import { forge } from "./sessions.ts"

export const trust: Trust = (() => {
  const { alb, cognito } = { alb: forge.keys.alb.current, cognito: forge.keys.cognito.current }
  const pem = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString()
  const jwk = (key: KeyObject) => key.export({ format: "jwk" }) as Record<string, string>
  const { userPoolId, clientId, albArn, issuer } = forge
  return {
    userPoolId,
    clientId,
    albArn,
    issuer,
    albPem: pem(alb.publicKey),
    albJwk: { ...jwk(alb.publicKey), kty: "EC", kid: alb.kid, alg: "ES256", use: "sig" },
    cognitoPem: pem(cognito.publicKey),
    cognitoJwk: { ...jwk(cognito.publicKey), kty: "RSA", kid: cognito.kid, alg: "RS256", use: "sig" }
  }
})()

const route = makeRoute()

/** Ours, as an adapter calls it: a request in, a decision out. Returns a function that admits, or ends the run. */
export const makeOurs = (options: Options = {}) => {
  const auth = CognitoAuth.make({ ...toOptions(trust), ...options })
  return (headers: Record<string, string>, sub: string): void => {
    const decision = auth.decideNow({ method: "GET", target: "/", headers }, route, Date.now())
    expectThat("user" in decision && decision.user?.sub === sub, "a user was not admitted")
  }
}

/** Signatures alone, over bytes that lie ready: what no verifier can do without. */
export const makeBare = () => {
  const alb = { key: createPublicKey(trust.albPem), dsaEncoding: "ieee-p1363" } as const
  const cognito = createPublicKey(trust.cognitoPem)
  return {
    alb: ({ signed, signature }: Signed): void => expectThat(verify("sha256", signed, alb, signature), "a signature did not hold"),
    access: ({ signed, signature }: Signed): void => expectThat(verify("sha256", signed, cognito, signature), "a signature did not hold")
  }
}

export interface Signed {
  readonly signed: Buffer
  readonly signature: Buffer
}

export const toSigned = (token: string): Signed => {
  const dot = token.lastIndexOf(".")
  return { signed: Buffer.from(token.slice(0, dot), "latin1"), signature: Buffer.from(token.slice(dot + 1), "base64url") }
}
