/**
 * Verification keys: read strictly from a PEM or a JWK, and bound to one algorithm.
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
/** With a longer key, a verification takes milliseconds: a key source must not be able to block the process. */
const maxRsaBits = 8192

/** Reads one SPKI public key on P-256, as the ALB's key endpoint serves it. The failure says what is wrong. */
export const readPem = (kid: string, pem: string): Result.Result<VerificationKey, string> =>
  // Exactly one "PUBLIC KEY": createPublicKey would also accept a certificate or a private key.
  onePem.test(pem) ? bind(kid, "ES256", () => createPublicKey(pem)) : Result.fail("not one PEM public key")

/**
 * Reads a JWK for one algorithm. The failure says why it cannot verify with that algorithm: another type, use, operation or
 * algorithm, a curve other than P-256, an RSA key of less than 2,048 bits, or parameters that are not a valid key.
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

/** The usable RS256 keys of a set, by kid. If two keys have the same kid, both are ignored (RFC 7517 §4.5: kids should be distinct). */
export const readJwkSet = (jwks: ReadonlyArray<Jwk>): ReadonlyMap<string, VerificationKey> => {
  const keys = new Map<string, VerificationKey>()
  const duplicates = new Set<string>()
  for (const jwk of jwks) {
    const key = typeof jwk === "object" && jwk !== null ? readJwk(jwk, "RS256") : Result.fail("not an object")
    if (Result.isFailure(key)) continue
    if (keys.has(key.success.kid)) duplicates.add(key.success.kid)
    keys.set(key.success.kid, key.success)
  }
  for (const kid of duplicates) keys.delete(kid)
  return keys
}

/** A verification key from a `KeyObject`, for example of a test or a key store. */
export const fromKeyObject = (kid: string, algorithm: Algorithm, key: KeyObject): Result.Result<VerificationKey, string> =>
  bind(kid, algorithm, () => key)

/** Whether both are the same key: the same kid, algorithm and key material. */
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
    // With an exponent of 1, every message is its own signature; an even exponent is not valid in RSA.
    if (exponent < 3n || exponent % 2n === 0n) return Result.fail("its public exponent is not odd and above 2")
  }
  return Result.succeed({ kid, algorithm, key })
}
