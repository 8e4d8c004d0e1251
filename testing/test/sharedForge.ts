/**
 * A forge with the keys that all tests of a worker share: a pair of RSA keys takes a fifth of a second. For tests that leave the
 * keys as they are; a test that rotates or withdraws them makes its own forge.
 */
import { type Forge, type ForgeOptions, makeForge } from "@cognito-auth/testing"

let shared: Promise<Forge> | undefined
let another: Promise<Forge> | undefined

export const sharedForge = async (options: ForgeOptions = {}): Promise<Forge> => {
  shared ??= makeForge()
  return (await shared).with(options)
}

/** With other keys, which no endpoint serves. */
export const unrelatedForge = async (options: ForgeOptions = {}): Promise<Forge> => {
  another ??= makeForge()
  return (await another).with(options)
}
