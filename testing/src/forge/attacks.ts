/**
 * Attacks on a sign-in, each with the error that it must cause.
 *
 * @module
 */
import { createHmac, randomUUID } from "node:crypto"
import { makeAlbKey, makeCognitoKey, type SigningKey, toPem } from "../keys/SigningKey.ts"
import { once } from "../once.ts"
import { type Attack, attack, attackOn, attackOnAccessToken, dayMillis, decode, rewrite, secondsFrom } from "./Attack.ts"
import type { ForgedHeaders } from "./forgeHeaders.ts"

/**
 * The attacks on a Cognito sign-in, by name. `attacksOn` has those on the sign-in of any forge.
 *
 * @example
 * for (const { title, error, headers } of Object.values(attacks)) {
 *   it(`refuses: ${title}`, async () => {
 *     const response = await fetch(url, { headers: await headers(forge) })
 *     expect(response.status).toBe(httpMeaning[error].status)
 *   })
 * }
 */
export const attacks = {
  // Headers
  noHeaders: attack("no sign-in headers at all", "HeaderMissing", () => ({})),
  noAlbToken: attack("no token of the load balancer", "HeaderMissing", (forge, user) => forge.headers({ ...user, omit: ["data"] })),
  noAccessToken: attackOnAccessToken("no access token", "HeaderMissing", (forge, user) =>
    forge.headers({ ...user, omit: ["accessToken"] })
  ),
  // Node joins two headers of one name with a comma, so this is how either spelling arrives.
  sentTwice: attack("the load balancer's token twice", "HeaderInvalid", (forge, user) =>
    forge.headers({ ...user, alb: { afterSigning: (token) => `${token}, ${token}` } })
  ),

  // Form and JOSE header
  noToken: attackOn("alb", "a string that is not a token", "TokenMalformed", () => ({ afterSigning: () => "admin" })),
  unsigned: attackOn("alb", "alg none, and no signature", "TokenMalformed", () => ({
    header: { alg: "none" },
    signWith: () => new Uint8Array()
  })),
  algTwice: attack("two alg in one JOSE header", "TokenMalformed", async (forge, user) => {
    const { data } = await forge.tokens(user)
    const [header = ""] = data.split(".")
    return forge.headers({ ...user, alb: { header: `{"alg":"none",${decode(header).slice(1)}` } })
  }),
  kidLeavesPath: attack("a kid that climbs out of the key's path", "TokenMalformed", (forge, user) =>
    forge.headers({ ...user, alb: { header: { kid: "../another-bucket/key" } } })
  ),
  algNone: attackOn("alb", "alg none beside a signature", "AlgorithmRefused", () => ({ header: { alg: "none" } })),
  // RFC 8725 §2.1: a verifier that believes the token's alg uses the public key as an HMAC secret.
  hmacOfAlbKey: attack("HS256 with the load balancer's public key", "AlgorithmRefused", (forge, user) =>
    forge.headers({ ...user, alb: { header: { alg: "HS256" }, signWith: hs256(forge.keys.alb.current) } })
  ),
  hmacOfPoolKey: attackOn("access", "HS256 with the pool's public key", "AlgorithmRefused", (forge) => ({
    header: { alg: "HS256" },
    signWith: hs256(forge.keys.cognito.current)
  })),
  critical: attackOn("alb", "an unknown critical extension", "AlgorithmRefused", () => ({ header: { crit: ["exp"] } })),

  // Signer, client and pool
  // ALBeast (Miggo, 2024): all load balancers of a region sign with the same keys, the attacker's too.
  anotherAlb: attack("another account's load balancer", "SignerRefused", (forge, user) =>
    forge.with({ albArn: forge.albArn.replace(/:(\d)(?=\d{11}:)/, (_, digit) => `:${(Number(digit) + 1) % 10}`) }).headers(user)
  ),
  anotherClient: attack("another app client of the pool", "ClientRefused", (forge, user) =>
    forge.with({ clientId: `${forge.clientId}0` }).headers(user)
  ),
  accessOfAnotherClient: attackOn("access", "an access token of another app client", "ClientRefused", (forge) => ({
    claims: { client_id: `${forge.clientId}0` }
  })),
  anotherPool: attack("another user pool", "IssuerRefused", (forge, user) => forge.with({ issuer: `${forge.issuer}0` }).headers(user)),
  accessOfAnotherPool: attackOn("access", "an access token of another user pool", "IssuerRefused", (forge) => ({
    claims: { iss: `${forge.issuer}0` }
  })),

  // Keys and signatures
  unknownAlbKey: attack("a key that the load balancers do not have", "KeyUnknown", async (forge, user) => {
    const key = await otherKeys.alb()
    return forge.headers({ ...user, alb: { header: { kid: key.kid }, signWith: key } })
  }),
  unknownPoolKey: attackOn("access", "a key that the pool does not have", "KeyUnknown", async () => {
    const key = await otherKeys.cognito()
    return { header: { kid: key.kid }, signWith: key }
  }),
  otherAlbKey: attack("another key under the load balancer's kid", "SignatureInvalid", async (forge, user) =>
    forge.headers({ ...user, alb: { signWith: await otherKeys.alb() } })
  ),
  otherPoolKey: attackOn("access", "another key under the pool's kid", "SignatureInvalid", async () => ({
    signWith: await otherKeys.cognito()
  })),
  tamperedEmail: attack("another e-mail written into a signed token", "SignatureInvalid", (forge, user) =>
    forge.headers({ ...user, alb: { afterSigning: rewrite({ email: "admin@example.com" }) } })
  ),
  tamperedGroups: attackOn("access", "a group written into a signed token", "SignatureInvalid", () => ({
    afterSigning: rewrite({ "cognito:groups": ["admins", "platform-admins"] })
  })),
  // The ALB's signature covers its padding: stripping it breaks the signature (awslabs/aws-jwt-verify#109).
  strippedPadding: attack("padding stripped on the way", "SignatureInvalid", (forge, user) => {
    // Of two lengths that differ by one, at most one needs no padding.
    const strip = async (filler: string): Promise<ForgedHeaders> => {
      let wasPadded = false
      const afterSigning = (token: string) => {
        wasPadded = token.includes("=.")
        return token.replaceAll("=", "")
      }
      const headers = await forge.headers({ ...user, alb: { claims: { "custom:filler": filler }, afterSigning } })
      return wasPadded ? headers : strip(`${filler}.`)
    }
    return strip("")
  }),

  // Time
  expired: attack("both tokens of yesterday", "TokenExpired", (forge, user) =>
    forge.with({ now: () => forge.now() - dayMillis }).headers(user)
  ),
  accessExpired: attackOn("access", "an access token of yesterday", "TokenExpired", (forge) => ({
    claims: { exp: secondsFrom(forge, -dayMillis) }
  })),
  payloadExpired: attack("a payload that says yesterday under a header that says today", "TokenExpired", (forge, user) =>
    forge.headers({ ...user, alb: { claims: { exp: secondsFrom(forge, -dayMillis) } } })
  ),
  notYetValid: attackOn("access", "an access token of tomorrow", "TokenNotYetValid", (forge) => ({
    claims: { nbf: secondsFrom(forge, dayMillis) }
  })),

  // Subject and use
  idToken: attackOn("access", "the ID token in the access token's place", "TokenUseRefused", (forge) => ({
    claims: { token_use: "id", aud: forge.clientId, client_id: undefined, scope: undefined }
  })),
  crossedUsers: attackOn("access", "one user's token with another's access token", "SubjectMismatch", () => ({
    claims: { sub: randomUUID() }
  })),
  crossedIdentity: attack("another user's identity header", "SubjectMismatch", (forge, user) =>
    forge.headers({ ...user, identity: randomUUID() })
  )
} satisfies Record<string, Attack>

/** The attacks' names. */
export type AttackName = keyof typeof attacks

const hs256 = (key: SigningKey) => (signed: string) => createHmac("sha256", toPem(key)).update(signed).digest()

/** Keys that no endpoint serves, made when first needed. */
const otherKeys = {
  alb: once(makeAlbKey),
  cognito: once(makeCognitoKey)
}
