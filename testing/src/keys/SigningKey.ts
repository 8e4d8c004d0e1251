/**
 * The key pairs with which the ALB and Cognito sign, and which of them are published.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes, randomUUID, sign } from "node:crypto"
import { promisify } from "node:util"
import type { Algorithm, Jwk, VerificationKey } from "@cognito-auth/core"

/** A key pair under its `kid`, bound to one algorithm. */
export interface SigningKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** The two signers: the load balancer and the user pool. */
export type KeyOwner = "alb" | "cognito"

/** The keys of one signer: the current one, and all that its endpoint serves. */
export interface KeyRing {
  /** The current signing key. */
  readonly current: SigningKey
  /** The keys that the endpoint serves, oldest first. */
  readonly published: ReadonlyArray<SigningKey>
  /** Makes a new key, publishes it and signs with it from now on. The older ones stay published. */
  readonly rotate: () => Promise<SigningKey>
  /** Removes a key from the endpoint; tokens can still be signed with it. `false`: no such key was published. */
  readonly withdraw: (kid: string) => boolean
}

const generate = promisify(generateKeyPair)

const publicKeyEncoding = { type: "spki", format: "der" } as const
const privateKeyEncoding = { type: "pkcs8", format: "der" } as const

/**
 * Key objects from their bytes: a key object that Node 20 generates shares a lock with its generator, and the process deadlocks
 * if the generator is garbage-collected while the key is exported.
 */
const read = ({ publicKey, privateKey }: { readonly publicKey: Buffer; readonly privateKey: Buffer }) => ({
  publicKey: createPublicKey({ key: publicKey, ...publicKeyEncoding }),
  privateKey: createPrivateKey({ key: privateKey, ...privateKeyEncoding })
})

/** A key like the ALB's: P-256, with a UUID as its `kid` (AWS ELB guide, "Authenticate users"). */
export const makeAlbKey = async (): Promise<SigningKey> => ({
  kid: randomUUID(),
  algorithm: "ES256",
  ...read(await generate("ec", { namedCurve: "P-256", publicKeyEncoding, privateKeyEncoding }))
})

/** A key like Cognito's: RSA of 2,048 bits, with a `kid` of 32 bytes in base64. */
export const makeCognitoKey = async (): Promise<SigningKey> => ({
  kid: randomBytes(32).toString("base64"),
  algorithm: "RS256",
  ...read(await generate("rsa", { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding }))
})

/** A ring with one key. */
export const makeKeyRing = async (makeKey: () => Promise<SigningKey>): Promise<KeyRing> => {
  let current = await makeKey()
  let published: ReadonlyArray<SigningKey> = [current]
  return {
    get current() {
      return current
    },
    get published() {
      return published
    },
    rotate: async () => {
      current = await makeKey()
      published = [...published, current]
      return current
    },
    withdraw: (kid) => {
      const before = published.length
      published = published.filter((key) => key.kid !== kid)
      return published.length < before
    }
  }
}

/** The key's signature over the string, as a JWS holds it (RFC 7518 §3.3, §3.4). */
export const signText = (key: SigningKey, text: string): Uint8Array =>
  key.algorithm === "ES256"
    ? sign("sha256", Buffer.from(text, "latin1"), { key: key.privateKey, dsaEncoding: "ieee-p1363" })
    : sign("sha256", Buffer.from(text, "latin1"), key.privateKey)

/** The public key as the ALB's endpoint serves it: SPKI in PEM. */
export const toPem = (key: SigningKey): string => key.publicKey.export({ type: "spki", format: "pem" }).toString()

/** The public key as a member of a pool's JWK Set. */
export const toJwk = (key: SigningKey): Jwk => ({
  alg: key.algorithm,
  kid: key.kid,
  use: "sig",
  ...key.publicKey.export({ format: "jwk" })
})

/** The public key as core verifies with it. */
export const toVerificationKey = ({ kid, algorithm, publicKey }: SigningKey): VerificationKey => ({ kid, algorithm, key: publicKey })
