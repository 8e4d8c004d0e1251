/** Signatures that no key made, put on a fresh token and sent through the whole pipeline. */
import { CognitoAuth } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { type Forgery, makeForge } from "@cognito-auth/testing"
import { runAt, toVerdict } from "./judgeAlbToken.ts"
import type { Judge, Verdict } from "./Row.ts"

interface Input {
  readonly token: "alb" | "access"
  readonly mutate: ReadonlyArray<Mutation>
}

interface Mutation {
  readonly op: string
  readonly hex?: string
  readonly value?: string
  readonly n?: number
  readonly r?: string
  readonly s?: string
  readonly bytes_each?: number
}

const nowSeconds = 1_800_000_000

const forge = makeForge({ now: () => nowSeconds * 1000 })

export const judgeTransplant: Judge = async (input) => {
  const { token, mutate } = input as unknown as Input
  const modulus = await rsaModulus()
  const change = (signature: Buffer) => mutate.reduce((bytes, mutation) => apply(mutation, bytes, modulus), signature)
  // A fresh token that is refused anyway would say nothing of what was put on it.
  const control = await send(token, (signature) => signature)
  if (control.outcome !== "accept") throw new Error(`the fresh token was refused: ${control.because}`)
  return send(token, change)
}

const send = async (which: Input["token"], change: (signature: Buffer) => Buffer): Promise<Verdict> => {
  const forging = await forge
  const afterSigning = (text: string) => {
    const [header = "", payload = "", signature = ""] = text.split(".")
    const changed = change(Buffer.from(signature, "base64url")).toString("base64url")
    return `${header}.${payload}.${which === "alb" ? changed.padEnd(Math.ceil(changed.length / 4) * 4, "=") : changed}`
  }
  const forgery: Forgery = which === "alb" ? { alb: { afterSigning } } : { access: { afterSigning } }
  const auth = CognitoAuth.make({ ...forging.settings().options, keySource: forging.keySource() })
  const headers = await forging.headers(forgery)
  return toVerdict(await runAt(nowSeconds, auth.decide({ method: "GET", target: "/", headers }, makeRoute())))
}

/** The order of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const rsaModulus = async (): Promise<bigint> => {
  const { n = "" } = (await forge).keys.cognito.current.publicKey.export({ format: "jwk" })
  return toInteger(Buffer.from(n, "base64url"))
}

const apply = (mutation: Mutation, signature: Buffer, modulus: bigint): Buffer => {
  const { op, hex = "", value = "", n = 0, bytes_each = 32 } = mutation
  const r = toInteger(signature.subarray(0, 32))
  const s = toInteger(signature.subarray(32))
  switch (op) {
    case "replace_signature_hex":
      return Buffer.from(hex, "hex")
    case "replace_signature_b64url":
      return Buffer.from(value, "base64url")
    case "truncate_signature_bytes":
      return signature.subarray(0, signature.length - n)
    case "append_signature_bytes_hex":
      return Buffer.concat([signature, Buffer.from(hex, "hex")])
    case "es256_arith": {
      const numbers = { r, s, n: order }
      return Buffer.concat([mutation.r, mutation.s].map((term) => toBytes(compute(term ?? "", numbers), bytes_each)))
    }
    case "es256_to_der": {
      const integers = Buffer.concat([derInteger(r), derInteger(s)])
      return Buffer.concat([Buffer.from([0x30, integers.length]), integers])
    }
    case "replace_signature_rsa_int":
      return toBytes(compute(value, { n: modulus }), 256)
    default:
      throw new Error(`unknown mutation ${op}`)
  }
}

/** A sum of terms as `r`, `256n`, `2^320` and `1`. */
const compute = (expression: string, numbers: Readonly<Record<string, bigint>>): bigint =>
  [...expression.matchAll(/([+-]?)([^+-]+)/g)].reduce((sum, [, sign, term = ""]) => {
    const [, factor = "", name] = /^(\d*)([a-z])$/.exec(term) ?? []
    const [base = term, exponent = "1"] = term.split("^")
    const value = name === undefined ? BigInt(base) ** BigInt(exponent) : BigInt(factor || 1) * (numbers[name] ?? unknownNumber(name))
    return sign === "-" ? sum - value : sum + value
  }, 0n)

const unknownNumber = (name: string): never => {
  throw new Error(`unknown number ${name}`)
}

const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`)
const toBytes = (value: bigint, length: number): Buffer => Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex")

/** ASN.1: no more bytes than are needed, and a zero before a set first bit. */
const derInteger = (value: bigint): Buffer => {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex")
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive])
}
