import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto"
import { fromKeyObject, isSameKey, type Jwk, readJwk, readJwkSet, readPem } from "@cognito-auth/core/Key"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedRsaKey } from "../../../testing/test/sharedForge.ts"
import { failureOf, successOf } from "../outcome.ts"

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" })
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" })
const koblitz = generateKeyPairSync("ec", { namedCurve: "secp256k1" })
const ed25519 = generateKeyPairSync("ed25519")
const rsa = await sharedRsaKey()
const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 })

const spki = (key: { publicKey: { export: (options: { type: "spki"; format: "pem" }) => string | Buffer } }) =>
  key.publicKey.export({ type: "spki", format: "pem" }).toString()
const pkcs8 = (key: { privateKey: { export: (options: { type: "pkcs8"; format: "pem" }) => string | Buffer } }) =>
  key.privateKey.export({ type: "pkcs8", format: "pem" }).toString()

const rsaJwk: Jwk = { ...rsa.publicKey.export({ format: "jwk" }), kid: "rsa-1", use: "sig", alg: "RS256" }
const ecJwk: Jwk = { ...ec.publicKey.export({ format: "jwk" }), kid: "ec-1" }

/** A public key of a modulus that nobody made from primes: no verifier can tell. */
const rsaJwkOf = (bits: number, e = "AQAB"): Jwk => {
  const modulus = randomBytes(bits / 8)
  modulus[0] = 0xff
  modulus[modulus.length - 1] = 0xff
  return { kty: "RSA", kid: "made-up", n: modulus.toString("base64url"), e }
}

describe("readPem", () => {
  it("reads one public key on P-256 for ES256", () => {
    const key = successOf(readPem("kid-1", spki(ec)))
    expect(key).toMatchObject({ kid: "kid-1", algorithm: "ES256" })
    expect(key.key.equals(ec.publicKey)).toBe(true)
    for (const pem of [`\n${spki(ec)}\n`, spki(ec).replaceAll("\n", "\r\n"), spki(ec).trim()]) {
      expect(successOf(readPem("kid-1", pem)).key.equals(ec.publicKey)).toBe(true)
    }
  })

  it.each([
    ["on P-384", spki(p384), "not on P-256"],
    ["on secp256k1", spki(koblitz), "not on P-256"],
    ["of Ed25519", spki(ed25519), "not on P-256"],
    ["of RSA", spki(rsa), "not on P-256"],
    ["private", pkcs8(ec), "not one PEM public key"],
    ["in SEC1", ec.privateKey.export({ type: "sec1", format: "pem" }).toString(), "not one PEM public key"],
    ["of RSA in PKCS#1", rsa.publicKey.export({ type: "pkcs1", format: "pem" }).toString(), "not one PEM public key"],
    ["one of two", spki(ec) + spki(ec), "not one PEM public key"],
    ["a public and a private one", spki(ec) + pkcs8(ec), "not one PEM public key"],
    ["after other text", `key: ${spki(ec)}`, "not one PEM public key"],
    ["before other text", `${spki(ec)}<html>`, "not one PEM public key"],
    ["a certificate", spki(ec).replaceAll("PUBLIC KEY", "CERTIFICATE"), "not one PEM public key"],
    ["empty", "", "not one PEM public key"],
    ["without content", "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----", "not a valid key"],
    ["cut short", spki(ec).replace(/.{20}\n-----END/, "\n-----END"), "not a valid key"]
  ])("refuses a key that is %s", (_, pem, reason) => {
    expect(failureOf(readPem("kid-1", pem))).toBe(reason)
  })

  it("∀ text: a key or a reason, never a throw", () => {
    const body = fc.base64String().map((text) => `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----`)
    fc.assert(
      fc.property(fc.oneof(fc.string(), body), (text) => {
        expect(typeof failureOf(readPem("kid-1", text))).toBe("string")
      }),
      { numRuns: runs(1_000) }
    )
  })
})

describe("readJwk", () => {
  it("reads an RSA key for RS256, and one on P-256 for ES256", () => {
    const key = successOf(readJwk(rsaJwk, "RS256"))
    expect(key).toMatchObject({ kid: "rsa-1", algorithm: "RS256" })
    expect(key.key.equals(rsa.publicKey)).toBe(true)
    expect(successOf(readJwk(ecJwk, "ES256")).key.equals(ec.publicKey)).toBe(true)
    const { alg: _, use: __, ...bare } = rsaJwk
    expect(successOf(readJwk(bare, "RS256")).algorithm).toBe("RS256")
    expect(successOf(readJwk({ ...bare, key_ops: ["verify"] }, "RS256")).algorithm).toBe("RS256")
  })

  it.each<[string, Jwk, "RS256" | "ES256", string]>([
    ["without a kid", { ...rsaJwk, kid: undefined }, "RS256", "no kid"],
    ["with an empty kid", { ...rsaJwk, kid: "" }, "RS256", "no kid"],
    ["with a number for its kid", { ...rsaJwk, kid: 1 }, "RS256", "no kid"],
    ["of EC for RS256", ecJwk, "RS256", "kty is not for RS256"],
    ["of RSA for ES256", { ...rsaJwk, alg: undefined }, "ES256", "kty is not for ES256"],
    ["symmetric", { kty: "oct", kid: "oct-1", k: "c2VjcmV0" }, "RS256", "kty is not for RS256"],
    ["for another algorithm", { ...rsaJwk, alg: "RS512" }, "RS256", "alg is not RS256"],
    ["for a list of algorithms", { ...rsaJwk, alg: ["RS256"] }, "RS256", "alg is not RS256"],
    ["for encryption", { ...rsaJwk, use: "enc" }, "RS256", "use is not sig"],
    ["for signing only", { ...rsaJwk, key_ops: ["sign"] }, "RS256", "key_ops is without verify"],
    ["with a string for its operations", { ...rsaJwk, key_ops: "verify" }, "RS256", "key_ops is without verify"],
    ["private", { ...rsa.privateKey.export({ format: "jwk" }), kid: "rsa-1" }, "RS256", "it is a private key"],
    ["private, on P-256", { ...ec.privateKey.export({ format: "jwk" }), kid: "ec-1" }, "ES256", "it is a private key"],
    ["on P-384", { ...p384.publicKey.export({ format: "jwk" }), kid: "ec-2" }, "ES256", "not on P-256"],
    ["on secp256k1", { ...koblitz.publicKey.export({ format: "jwk" }), kid: "ec-3" }, "ES256", "not on P-256"],
    ["off its curve", { ...ecJwk, x: ecJwk["y"] }, "ES256", "not a valid key"],
    ["without a modulus", { ...rsaJwk, n: undefined }, "RS256", "not a valid key"],
    ["with a number for its modulus", { ...rsaJwk, n: 65537 }, "RS256", "not a valid key"],
    ["of 1,024 bits", rsaJwkOf(1024), "RS256", "not of 2048 to 8192 bits"],
    ["of 2,040 bits", rsaJwkOf(2040), "RS256", "not of 2048 to 8192 bits"],
    ["of 8,200 bits", rsaJwkOf(8200), "RS256", "not of 2048 to 8192 bits"],
    ["of exponent 1", rsaJwkOf(2048, "AQ"), "RS256", "its public exponent is not odd and above 2"],
    ["of exponent 2", rsaJwkOf(2048, "Ag"), "RS256", "its public exponent is not odd and above 2"],
    ["of exponent 65,536", rsaJwkOf(2048, "AQAA"), "RS256", "its public exponent is not odd and above 2"]
  ])("refuses a key that is %s", (_, jwk, algorithm, reason) => {
    expect(failureOf(readJwk(jwk, algorithm))).toBe(reason)
  })

  it("takes RSA keys of 2,048 to 8,192 bits, and an exponent of 3", () => {
    for (const bits of [2048, 3072, 4096, 8192]) expect(successOf(readJwk(rsaJwkOf(bits), "RS256")).kid).toBe("made-up")
    expect(successOf(readJwk(rsaJwkOf(2048, "Aw"), "RS256")).kid).toBe("made-up")
  })

  it("∀ members: a key or a reason, never a throw", () => {
    const parameter = fc.oneof(fc.anything(), fc.constantFrom("RSA", "EC", "sig", "AQAB", "P-256", rsaJwk["n"]))
    const jwk = fc.record(
      {
        kid: parameter,
        kty: parameter,
        use: parameter,
        key_ops: parameter,
        alg: parameter,
        n: parameter,
        e: parameter,
        x: parameter,
        y: parameter
      },
      { requiredKeys: [] }
    )
    fc.assert(
      fc.property(jwk, fc.constantFrom<"RS256" | "ES256">("RS256", "ES256"), (any, algorithm) => {
        const key = readJwk({ ...rsaJwk, ...any }, algorithm)
        expect(["Success", "Failure"]).toContain(key._tag)
      }),
      { numRuns: runs(1_000) }
    )
  })
})

describe("readJwkSet", () => {
  it("keeps the usable keys by kid, and passes over the others", () => {
    const second = { ...rsaJwkOf(2048), kid: "rsa-2" }
    const keys = readJwkSet([rsaJwk, ecJwk, second, { ...rsaJwk, kid: "enc", use: "enc" }])
    expect([...keys.keys()]).toEqual(["rsa-1", "rsa-2"])
    expect(keys.get("rsa-1")?.key.equals(rsa.publicKey)).toBe(true)
  })

  it("gives a kid that two keys have to neither", () => {
    const impostor = { ...rsaJwkOf(2048), kid: "rsa-1" }
    for (const set of [
      [rsaJwk, impostor],
      [impostor, rsaJwk],
      [rsaJwk, impostor, rsaJwk]
    ]) {
      expect(readJwkSet(set).size).toBe(0)
    }
    expect([...readJwkSet([rsaJwk, impostor, { ...impostor, kid: "rsa-3" }]).keys()]).toEqual(["rsa-3"])
  })

  it("ignores values that are not objects", () => {
    const set = [null, 1, "key", undefined, [], rsaJwk] as ReadonlyArray<Jwk>
    expect([...readJwkSet(set).keys()]).toEqual(["rsa-1"])
  })
})

describe("fromKeyObject", () => {
  it("takes public keys of the algorithm's type", () => {
    expect(successOf(fromKeyObject("kid-1", "ES256", ec.publicKey))).toEqual({ kid: "kid-1", algorithm: "ES256", key: ec.publicKey })
    expect(successOf(fromKeyObject("kid-1", "RS256", rsa.publicKey)).algorithm).toBe("RS256")
  })

  it("refuses private keys, keys of another type, and values that are not keys", () => {
    expect(failureOf(fromKeyObject("kid-1", "ES256", createPrivateKey(pkcs8(ec))))).toBe("not a public key")
    expect(failureOf(fromKeyObject("kid-1", "ES256", rsa.publicKey))).toBe("not on P-256")
    expect(failureOf(fromKeyObject("kid-1", "RS256", ec.publicKey))).toBe("not RSA")
    expect(failureOf(fromKeyObject("kid-1", "RS256", pss.publicKey))).toBe("not RSA")
    const notAKey: unknown = { type: "public", asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: "prime256v1" } }
    expect(failureOf(fromKeyObject("kid-1", "ES256", notAKey as typeof ec.publicKey))).toBe("not a public key")
  })
})

describe("isSameKey", () => {
  it("holds of the same kid, algorithm and key material, however often it was read", () => {
    const key = successOf(readPem("kid-1", spki(ec)))
    expect(isSameKey(key, successOf(readPem("kid-1", spki(ec))))).toBe(true)
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" })
    expect(isSameKey(key, successOf(readPem("kid-2", spki(ec))))).toBe(false)
    expect(isSameKey(key, successOf(readPem("kid-1", spki(other))))).toBe(false)
    expect(isSameKey(key, { ...key, algorithm: "RS256" })).toBe(false)
  })
})
