/**
 * Step 2a: a compact JWS: parsed strictly, and its signature.
 *
 * The text is verified exactly as it was received. The ALB pads its segments with `=` and signs the padding with them, so a
 * parser that strips it breaks the signature (awslabs/aws-jwt-verify#109).
 *
 * @module
 */
import { verify } from "node:crypto"
import * as Result from "effect/Result"
import type { AlgorithmRefused, IdentityHeader, TokenMalformed } from "../errors/AuthError.ts"
import { refuse } from "../errors/refuse.ts"
import type { Algorithm, VerificationKey } from "../keys/Key.ts"
import { maxHeaderLength } from "../request/Headers.ts"
import type { JoseHeaderCache } from "./JoseHeaderCache.ts"
import { type JsonObject, readJsonObject } from "./JsonObject.ts"

/** What a header's token must look like. */
export interface JwsForm {
  readonly header: IdentityHeader
  /** The only algorithm accepted. It comes from configuration, never from the token (RFC 8725 §3.1). */
  readonly algorithm: Algorithm
  /** Whether segments may carry the `=` padding that the ALB writes: all that base64 has for their length. RFC 7515 §2 has none. */
  readonly padding: boolean
}

/** The ALB's token in `x-amzn-oidc-data`. */
export const albForm: JwsForm = { header: "x-amzn-oidc-data", algorithm: "ES256", padding: true }
/** Cognito's token in `x-amzn-oidc-accesstoken`. */
export const accessForm: JwsForm = { header: "x-amzn-oidc-accesstoken", algorithm: "RS256", padding: false }

/** What a signature is verified over. */
export interface SignedText {
  readonly form: JwsForm
  readonly text: string
  readonly signatureStart: number
}

/** A token whose form and JOSE header are in order. Its signature is not verified yet. */
export interface Jws extends SignedText {
  /** The JOSE header, without a prototype. */
  readonly header: JsonObject
  readonly payloadStart: number
}

// Each segment: base64url characters (RFC 4648 §5), at least one, then at most two "=". To say what is wrong with a token.
const threeSegments = /^[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}$/

/** The characters that may end a segment of two (or three) over a multiple of four: their unused bits are zero. */
const endOfTwo = "AQgw"
const endOfThree = "AEIMQUYcgkosw048"

/**
 * Parses a compact JWS and its JOSE header.
 *
 * Fails with `TokenMalformed` where it is not three non-empty segments of canonical base64url or where its header is no
 * JSON object with unique names, and with `AlgorithmRefused` where `alg` is another than the form's or an extension
 * (`crit`, `b64`) would change what is verified. A header that is `cached` has passed this before.
 */
export const readJws = (text: string, form: JwsForm, cached?: JoseHeaderCache): Result.Result<Jws, TokenMalformed | AlgorithmRefused> => {
  const headerEnd = text.indexOf(".")
  const payloadEnd = text.indexOf(".", headerEnd + 1)
  const segment = text.slice(0, headerEnd)
  const known = cached?.get(segment)
  if (
    payloadEnd === -1 ||
    !isPlain(text) ||
    !(known !== undefined || isSegment(segment, form.padding)) ||
    !isSegment(text.slice(headerEnd + 1, payloadEnd), form.padding) ||
    !isSegment(text.slice(payloadEnd + 1), form.padding)
  ) {
    return threeSegments.test(text)
      ? malformed(form, "form", "canonical base64url", "a segment is not canonical base64url")
      : malformed(form, "form", "three base64url segments", "it is not three base64url segments")
  }
  const header = known === undefined ? readJoseHeader(segment, form) : Result.succeed(known)
  if (Result.isFailure(header)) return Result.fail(header.failure)
  return Result.succeed({ form, text, header: header.success, payloadStart: headerEnd + 1, signatureStart: payloadEnd + 1 })
}

const readJoseHeader = (segment: string, form: JwsForm): Result.Result<JsonObject, TokenMalformed | AlgorithmRefused> => {
  const header = readJsonObject(decode(segment))
  if (typeof header === "string") return malformed(form, "jose", "a JSON object", `its JOSE header is ${header}`)
  if (header["alg"] !== form.algorithm) return refuseAlgorithm(form, "alg", form.algorithm)
  // RFC 7515 §4.1.11: an extension that is not understood must be refused; RFC 7797 b64 changes what is signed.
  if ("crit" in header) return refuseAlgorithm(form, "crit", "no crit")
  if ("b64" in header) return refuseAlgorithm(form, "b64", "no b64")
  return Result.succeed(header)
}

/** Whether the signature is the key's over exactly the text that was received. */
export const hasValidSignature = ({ form, text, signatureStart }: SignedText, key: VerificationKey): boolean => {
  if (key.algorithm !== form.algorithm) return false
  const signed = toBytes(text.slice(0, signatureStart - 1), "latin1")
  const signature = toBytes(text.slice(signatureStart), "base64url", signed.length)
  // RFC 7518 §3.4: R and S, 32 bytes each; node:crypto takes no other length. OpenSSL refuses zero and out-of-range values.
  if (key.algorithm === "ES256") return verify("sha256", signed, { key: key.key, dsaEncoding: "ieee-p1363" }, signature)
  return verify("sha256", signed, key.key, signature)
}

/** The payload as claims: a JSON object with unique names, without a prototype. Fails with `TokenMalformed`. */
export const readPayload = (jws: Jws): Result.Result<JsonObject, TokenMalformed> => {
  const claims = readJsonObject(decode(jws.text.slice(jws.payloadStart, jws.signatureStart - 1)))
  return typeof claims === "string" ? malformed(jws.form, "payload", "a JSON object", `its payload is ${claims}`) : Result.succeed(claims)
}

const decode = (segment: string): Buffer => toBytes(segment, "base64url")

/** What is decoded is read at once, before anything else is: one piece of memory serves every token that a header can hold. */
const scratch = Buffer.allocUnsafeSlow(maxHeaderLength)

/** The text as bytes, which stand until the next are asked for at or before the same place. */
const toBytes = (text: string, encoding: "latin1" | "base64url", at = 0): Buffer =>
  at + text.length > scratch.length ? Buffer.from(text, encoding) : scratch.subarray(at, at + scratch.write(text, at, encoding))

/**
 * Without what Node's decoder takes for base64url too: the characters of base64, and any whose lowest byte is one of them.
 * Whatever else is no base64url it skips, and then decodes to fewer bytes.
 */
const isPlain = (text: string): boolean => !text.includes("+") && !text.includes("/") && Buffer.byteLength(text) === text.length

const equals = 61

/** Base64url, and the only spelling of its bytes: no token is accepted in another than the one that was signed. */
const isSegment = (text: string, padding: boolean): boolean => {
  let length = text.length
  while (text.charCodeAt(length - 1) === equals) length--
  if (length === 0) return false
  const over = length % 4
  if (over === 1) return false
  // RFC 4648 §4: "=" up to a multiple of four, so none where it is one already, and never more than two. Or none at all.
  if (length !== text.length && (!padding || over === 0 || text.length - length !== 4 - over)) return false
  if (over === 2 && !endOfTwo.includes(text.charAt(length - 1))) return false
  if (over === 3 && !endOfThree.includes(text.charAt(length - 1))) return false
  return decode(text).length === (length * 3) >> 2
}

/** Which token's checks these are. */
const idsOf = (form: JwsForm) => (form.header === albForm.header ? ids.alb : ids.access)
const ids = {
  alb: { form: "alb.form", jose: "alb.jose", alg: "alb.alg", crit: "alb.crit", b64: "alb.b64", payload: "alb.payload" },
  access: { form: "access.form", jose: "access.jose", alg: "access.alg", crit: "access.crit", b64: "access.b64", payload: "access.payload" }
} as const

const malformed = (form: JwsForm, check: "form" | "jose" | "payload", expected: string, what: string) =>
  refuse(
    idsOf(form)[check],
    "TokenMalformed",
    expected,
    `The token in ${form.header} is malformed: ${what}. Look for a proxy in between that rewrites or cuts headers.`
  )

const refuseAlgorithm = (form: JwsForm, check: "alg" | "crit" | "b64", expected: string) =>
  refuse(
    idsOf(form)[check],
    "AlgorithmRefused",
    expected,
    `The token in ${form.header} was refused: its JOSE header must have alg ${form.algorithm}, and neither crit nor b64.`
  )
