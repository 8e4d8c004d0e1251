/**
 * Forges whose RSA keys all tests of a worker share: a pair takes a fifth of a second of a processor. `makeForge` itself is for the
 * tests of what it makes.
 */
import { randomBytes } from "node:crypto"
import { type Forge, type ForgeOptions, makeForge } from "@cognito-auth/testing"
import { forgeOf } from "../src/forge/makeForge.ts"
import { makeAlbKey, makeCognitoKey, makeKeyRing, type SigningKey } from "../src/keys/SigningKey.ts"

let shared: Promise<Forge> | undefined
let another: Promise<Forge> | undefined
const rsaKeys: Array<Promise<SigningKey>> = []

/** For tests of a key by itself. Two indices give two keys. */
export const sharedRsaKey = (index = 0): Promise<SigningKey> => {
  rsaKeys[index] ??= makeCognitoKey()
  return rsaKeys[index]
}

/** For tests that leave the keys as they are. */
export const sharedForge = async (options: ForgeOptions = {}): Promise<Forge> => {
  shared ??= ownForge()
  return (await shared).with(options)
}

/** With other keys, which no endpoint serves. */
export const unrelatedForge = async (options: ForgeOptions = {}): Promise<Forge> => {
  another ??= makeForge()
  return (await another).with(options)
}

/**
 * For tests that rotate or withdraw keys: with key rings of its own. The RSA keys of one ring differ from each other; those of two
 * rings may be the same, each under a kid of its own, and so are those of `sharedForge`.
 */
export const ownForge = async (options: ForgeOptions = {}): Promise<Forge> => {
  let made = 0
  const nextKey = async (): Promise<SigningKey> => {
    const key = await sharedRsaKey(made++)
    return { ...key, kid: randomBytes(32).toString("base64") }
  }
  const [alb, cognito] = await Promise.all([makeKeyRing(makeAlbKey), makeKeyRing(nextKey)])
  return forgeOf(options, { alb, cognito })
}
