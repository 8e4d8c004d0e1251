/**
 * What a key must be before it verifies anything: read strictly from a PEM or a JWK, and bound to one algorithm.
 *
 * @module
 */
import { createPublicKey, type JsonWebKey, KeyObject } from "node:crypto"
import * as Result from "effect/Result"

/** The two algorithms of the two tokens (RFC 7518 §3.3, §3.4). */
export type Algorithm = "ES256" | "RS256"

/** A public key and the one algorithm that it may be used with. */
export interface VerificationKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly key: KeyObject
}

/** A member of a JWK Set (RFC 7517 §4). */
export interface Jwk {
  readonly kid?: unknown
  readonly kty?: unknown
  readonly use?: unknown
  readonly key_ops?: unknown
  readonly alg?: unknown
  readonly [parameter: string]: unknown
}

const onePem = /^\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/

/** RFC 7518 §3.3: 2,048 bits or more. */
const minRsaBits = 2048
/** Above it a verification costs milliseconds: a key source must not be able to stop the process. */
const maxRsaBits = 8192

/** Reads one SPKI public key on P-256, as the ALB's key endpoint serves it. The failure says what it was instead. */
export const readPem = (kid: string, pem: string): Result.Result<VerificationKey, string> =>
  // Exactly one "PUBLIC KEY": createPublicKey would also take a certificate, or derive it from a private key.
  onePem.test(pem) ? bind(kid, "ES256", () => createPublicKey(pem)) : Result.fail("not one PEM public key")

/**
 * Reads a JWK for one algorithm. The failure says why it is not for verifying with it: another type, use, operation or
 * algorithm, a curve other than P-256, an RSA key of less than 2,048 bits, or parameters that are no key at all.
 */
export const readJwk = (jwk: Jwk, algorithm: Algorithm): Result.Result<VerificationKey, string> => {
  if (typeof jwk.kid !== "string" || jwk.kid === "") return Result.fail("no kid")
  if (jwk.kty !== (algorithm === "ES256" ? "EC" : "RSA")) return Result.fail(`kty is not for ${algorithm}`)
  if (jwk.alg !== undefined && jwk.alg !== algorithm) return Result.fail(`alg is not ${algorithm}`)
  // RFC 7517 §4.2, §4.3: a key for encryption must not verify.
  if (jwk.use !== undefined && jwk.use !== "sig") return Result.fail("use is not sig")
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes("verify"))) {
    return Result.fail("key_ops is without verify")
  }
  if ("d" in jwk) return Result.fail("it is a private key")
  return bind(jwk.kid, algorithm, () => createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }))
}

/** The usable RS256 keys of a set, by kid. A kid that two of them have is nobody's (RFC 7517 §4.5: kids should be distinct). */
export const readJwkSet = (jwks: ReadonlyArray<Jwk>): ReadonlyMap<string, VerificationKey> => {
  const keys = new Map<string, VerificationKey>()
  const twice = new Set<string>()
  for (const jwk of jwks) {
    const key = typeof jwk === "object" && jwk !== null ? readJwk(jwk, "RS256") : Result.fail("not an object")
    if (Result.isFailure(key)) continue
    if (keys.has(key.success.kid)) twice.add(key.success.kid)
    keys.set(key.success.kid, key.success)
  }
  for (const kid of twice) keys.delete(kid)
  return keys
}

/** Takes a `KeyObject`, of a test or a key store, as a verification key. */
export const fromKeyObject = (kid: string, algorithm: Algorithm, key: KeyObject): Result.Result<VerificationKey, string> =>
  bind(kid, algorithm, () => key)

/** Whether both are one key: the same kid, algorithm and key material. */
export const isSameKey = (one: VerificationKey, other: VerificationKey): boolean =>
  one.kid === other.kid && one.algorithm === other.algorithm && one.key.equals(other.key)

const bind = (kid: string, algorithm: Algorithm, make: () => KeyObject): Result.Result<VerificationKey, string> => {
  let key: KeyObject
  try {
    key = make()
  } catch {
    return Result.fail("not a valid key")
  }
  if (!(key instanceof KeyObject) || key.type !== "public") return Result.fail("not a public key")
  const details = key.asymmetricKeyDetails ?? {}
  if (algorithm === "ES256") {
    if (details.namedCurve !== "prime256v1") return Result.fail("not on P-256")
  } else {
    const bits = details.modulusLength ?? 0
    const exponent = details.publicExponent ?? 0n
    if (key.asymmetricKeyType !== "rsa") return Result.fail("not RSA")
    if (bits < minRsaBits || bits > maxRsaBits) return Result.fail(`not of ${minRsaBits} to ${maxRsaBits} bits`)
    // An exponent of 1 makes every text its own signature; an even one is no RSA key.
    if (exponent < 3n || exponent % 2n === 0n) return Result.fail("its public exponent is not odd and above 2")
  }
  return Result.succeed({ kid, algorithm, key })
}
