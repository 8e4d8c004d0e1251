// RSA keys that one run's thousands of test processes share: each would take seconds to generate its own, which no test is about.
import crypto from "node:crypto"
import { readFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { promisify } from "node:util"

const modulusLength = 2048

/** Made once for a run, for the file that MUTATION_RSA_KEYS names. */
export const makeRsaKeys = () =>
  JSON.stringify(
    Array.from({ length: 12 }, () =>
      crypto.generateKeyPairSync("rsa", { modulusLength }).privateKey.export({ type: "pkcs8", format: "pem" })
    )
  )

const { MUTATION_RSA_KEYS } = process.env
if (MUTATION_RSA_KEYS !== undefined) {
  const keys = JSON.parse(readFileSync(MUTATION_RSA_KEYS, "utf8"))
  const { generateKeyPairSync, generateKeyPair } = crypto
  let made = 0
  const isShared = (type, options) => type === "rsa" && options.modulusLength === modulusLength && made < keys.length
  const encode = (key, encoding) => (encoding === undefined ? key : key.export(encoding))
  const nextPair = ({ publicKeyEncoding, privateKeyEncoding }) => {
    const privateKey = crypto.createPrivateKey(keys[made++])
    return {
      publicKey: encode(crypto.createPublicKey(privateKey), publicKeyEncoding),
      privateKey: encode(privateKey, privateKeyEncoding)
    }
  }
  const generate = promisify(generateKeyPair)
  crypto.generateKeyPairSync = (type, options) => (isShared(type, options) ? nextPair(options) : generateKeyPairSync(type, options))
  crypto.generateKeyPair = Object.assign((...all) => generateKeyPair(...all), {
    [promisify.custom]: async (type, options) => (isShared(type, options) ? nextPair(options) : generate(type, options))
  })
  syncBuiltinESMExports()
}
