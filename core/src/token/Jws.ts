/**
 * Step 2a: a compact JWS, parsed strictly; and its signature.
 *
 * The string is verified exactly as it was received. The ALB pads its segments with `=`, and signs the padding too: a parser
 * that strips it breaks the signature (awslabs/aws-jwt-verify#109).
 *
 * @module
 */
import { verify } from "node:crypto"
import * as Result from "effect/Result"
import type { AlgorithmRefused, IdentityHeader, TokenMalformed } from "../errors/AuthError.ts"
import { refuse } from "../errors/refuse.ts"
import type { Algorithm, VerificationKey } from "../keys/Key.ts"
import type { JoseHeaderCache } from "./JoseHeaderCache.ts"
import { type JsonObject, readJsonObject } from "./JsonObject.ts"

/** The form that the token in a header must have. */
export interface JwsForm {
  readonly header: IdentityHeader
  /** The only algorithm accepted. It comes from configuration, never from the token (RFC 8725 §3.1). */
  readonly algorithm: Algorithm
  /** Whether segments may have the `=` padding of base64, as the ALB writes it. RFC 7515 §2 has none. */
  readonly padding: boolean
}

/** The ALB's token in `x-amzn-oidc-data`. */
export const albForm: JwsForm = { header: "x-amzn-oidc-data", algorithm: "ES256", padding: true }
/** Cognito's token in `x-amzn-oidc-accesstoken`. */
export const accessForm: JwsForm = { header: "x-amzn-oidc-accesstoken", algorithm: "RS256", padding: false }

/** A service's token in `Authorization`: Cognito's access token too. */
export const bearerForm: JwsForm = { header: "authorization", algorithm: "RS256", padding: false }

/** A token whose form and JOSE header are in order. Its signature is not verified yet. */
export interface Jws {
  readonly form: JwsForm
  /** The whole token, as it was received. */
  readonly text: string
  /** The JOSE header, without a prototype. */
  readonly header: JsonObject
  readonly payloadStart: number
  readonly signatureStart: number
  /** The bytes of both segments. Of a cached token they are `undefined`, and decoded again if they are needed. */
  readonly payload: Buffer | undefined
  readonly signature: Buffer | undefined
}

// Each segment: base64url characters (RFC 4648 §5), at least one, then at most two "=". Only for the message.
const threeSegments = /^[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}$/

/** The last characters of a segment whose length is two, or three, over a multiple of four: their unused bits are zero. */
const endOfTwo = "AQgw"
const endOfThree = "AEIMQUYcgkosw048"

/**
 * Parses a compact JWS and its JOSE header.
 *
 * Fails with `TokenMalformed` where it is not three non-empty segments of canonical base64url or where its header is no
 * JSON object with unique names, and with `AlgorithmRefused` where `alg` is another than the form's or an extension
 * (`crit`, `b64`) would change what is verified. A `cached` header has passed all of this before.
 */
export const readJws = (text: string, form: JwsForm, cached?: JoseHeaderCache): Result.Result<Jws, TokenMalformed | AlgorithmRefused> => {
  const headerEnd = text.indexOf(".")
  const payloadEnd = text.indexOf(".", headerEnd + 1)
  if (payloadEnd === -1 || !isPlain(text)) return notCanonical(text, form)
  const payload = readSegment(text.slice(headerEnd + 1, payloadEnd), form.padding)
  const signature = readSegment(text.slice(payloadEnd + 1), form.padding)
  if (payload === undefined || signature === undefined) return notCanonical(text, form)
  const segment = text.slice(0, headerEnd)
  const hit = cached?.get(segment)
  const header = hit === undefined ? readJoseHeader(text, segment, form) : Result.succeed(hit)
  if (Result.isFailure(header)) return Result.fail(header.failure)
  return Result.succeed({
    form,
    text,
    header: header.success,
    payloadStart: headerEnd + 1,
    signatureStart: payloadEnd + 1,
    payload,
    signature
  })
}

const readJoseHeader = (text: string, segment: string, form: JwsForm): Result.Result<JsonObject, TokenMalformed | AlgorithmRefused> => {
  const bytes = readSegment(segment, form.padding)
  if (bytes === undefined) return notCanonical(text, form)
  const header = readJsonObject(bytes)
  if (typeof header === "string") return malformed(form, "jose", "a JSON object", `its JOSE header is ${header}`)
  if (header["alg"] !== form.algorithm) return refuseAlgorithm(form, "alg", form.algorithm)
  // RFC 7515 §4.1.11: an extension that is not understood must be refused; RFC 7797 b64 changes what is signed.
  if ("crit" in header) return refuseAlgorithm(form, "crit", "no crit")
  if ("b64" in header) return refuseAlgorithm(form, "b64", "no b64")
  return Result.succeed(header)
}

/** Whether the key signed exactly the string that was received. */
export const hasValidSignature = (
  { form, text, signatureStart, signature = decode(text.slice(signatureStart)) }: Jws,
  key: VerificationKey
): boolean => {
  if (key.algorithm !== form.algorithm) return false
  const signed = Buffer.from(text.slice(0, signatureStart - 1), "latin1")
  // RFC 7518 §3.4: an ES256 signature is R and S, 32 bytes each; node:crypto accepts no other length. OpenSSL refuses zero and
  // out-of-range values. RS256 has one encoding, and no use for this option.
  return verify("sha256", signed, { key: key.key, dsaEncoding: "ieee-p1363" }, signature)
}

/** The payload as claims: a JSON object with unique names, without a prototype. Fails with `TokenMalformed`. */
export const readPayload = (jws: Jws): Result.Result<JsonObject, TokenMalformed> => {
  const claims = readJsonObject(jws.payload ?? decode(jws.text.slice(jws.payloadStart, jws.signatureStart - 1)))
  return typeof claims === "string" ? malformed(jws.form, "payload", "a JSON object", `its payload is ${claims}`) : Result.succeed(claims)
}

const decode = (segment: string): Buffer => Buffer.from(segment, "base64url")

/**
 * Whether Node's decoder reads nothing in it but base64url. It also accepts the two other characters of base64, and any
 * character whose lowest byte is an accepted one. Every other character it skips, so that there are too few bytes.
 */
const isPlain = (text: string): boolean => !text.includes("+") && !text.includes("/") && Buffer.byteLength(text) === text.length

const equals = 61

/** The bytes, if it is the only base64url of them: a token is accepted in no other spelling than the signed one. */
const readSegment = (text: string, padding: boolean): Buffer | undefined => {
  let length = text.length
  while (text.charCodeAt(length - 1) === equals) length--
  if (length === 0) return undefined
  const over = length % 4
  if (over === 1) return undefined
  // RFC 4648 §4: "=" up to a multiple of four, so none where it is one already, and never more than two. Or none at all.
  if (length !== text.length && (!padding || over === 0 || text.length - length !== 4 - over)) return undefined
  if (over === 2 && !endOfTwo.includes(text.charAt(length - 1))) return undefined
  if (over === 3 && !endOfThree.includes(text.charAt(length - 1))) return undefined
  const bytes = decode(text)
  return bytes.length === (length * 3) >> 2 ? bytes : undefined
}

/** The names of the form's checks. */
const idsOf = (form: JwsForm) => (form.header === albForm.header ? ids.alb : form.header === bearerForm.header ? ids.bearer : ids.access)
const ids = {
  alb: { form: "alb.form", jose: "alb.jose", alg: "alb.alg", crit: "alb.crit", b64: "alb.b64", payload: "alb.payload" },
  access: {
    form: "access.form",
    jose: "access.jose",
    alg: "access.alg",
    crit: "access.crit",
    b64: "access.b64",
    payload: "access.payload"
  },
  bearer: { form: "bearer.form", jose: "bearer.jose", alg: "bearer.alg", crit: "bearer.crit", b64: "bearer.b64", payload: "bearer.payload" }
} as const

const notCanonical = (text: string, form: JwsForm) =>
  threeSegments.test(text)
    ? malformed(form, "form", "canonical base64url", "a segment is not canonical base64url")
    : malformed(form, "form", "three base64url segments", "it is not three base64url segments")

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
