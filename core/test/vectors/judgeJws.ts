/** The compact-JWS step: form, JOSE header, key and signature. */
import { accessForm, albForm, hasValidSignature, type Jws, type JwsForm, readJws } from "@cognito-auth/core/Jws"
import { type Algorithm, type Jwk, readJwk, readJwkSet, type VerificationKey } from "@cognito-auth/core/Key"
import * as Result from "effect/Result"
import { accept, type Judge, reject, type Verdict } from "./Row.ts"

const formOf = (input: Readonly<Record<string, unknown>>): JwsForm => (input["require_alg"] === "ES256" ? albForm : accessForm)

/** One key, for one algorithm. Keys of RFC examples have no kid, and a key without one is none here: so they get one. */
export const judgeJws: Judge = (input) => {
  const form = formOf(input)
  const jwk = input["jwk"] as Jwk
  return judgeToken(String(input["jws"]), form, readJwk({ ...jwk, kid: jwk.kid ?? "example" }, form.algorithm))
}

/** A whole key set; the token's kid picks. A pool's set holds RS256 keys alone; ES256 sets are read key by key. */
export const judgeJwkSet: Judge = (input) => {
  const form = formOf(input)
  const { keys } = input["jwks"] as { readonly keys: ReadonlyArray<Jwk> }
  const { kid } = input["jws_header"] as { readonly kid: string }
  return judgeToken(String(input["jws"]), form, pick(keys, kid, form.algorithm))
}

const pick = (jwks: ReadonlyArray<Jwk>, kid: string, algorithm: Algorithm): Result.Result<VerificationKey, string> => {
  if (algorithm === "RS256") {
    const key = readJwkSet(jwks).get(kid)
    return key === undefined ? Result.fail("the set has no usable key of this kid") : Result.succeed(key)
  }
  const named = jwks.filter((jwk) => jwk.kid === kid)
  return named.length === 1 && named[0] !== undefined ? readJwk(named[0], algorithm) : Result.fail(`${named.length} keys of this kid`)
}

const judgeToken = (token: string, form: JwsForm, key: Result.Result<VerificationKey, string>): Verdict => {
  const jws = readEvenIfEmpty(token, form)
  if (Result.isFailure(jws)) return reject(`${jws.failure._tag}: ${jws.failure.check}`)
  if (Result.isFailure(key)) return reject(`key: ${key.failure}`)
  return hasValidSignature(jws.success, key.success) ? accept("the signature is the key's") : reject("SignatureInvalid")
}

/**
 * A payload of no bytes is a compact JWS, though no token: `readJws` refuses it for its form. What the rows ask is whether
 * the signature over it is right; so all else is read beside another payload.
 */
const readEvenIfEmpty = (token: string, form: JwsForm): ReturnType<typeof readJws> => {
  const read = readJws(token, form)
  const [header = "", payload, signature = ""] = token.split(".")
  if (Result.isSuccess(read) || payload !== "") return read
  const withPayload = readJws(`${header}.e30.${signature}`, form)
  const payloadStart = header.length + 1
  return Result.map(withPayload, (jws): Jws => ({ ...jws, text: token, payloadStart, signatureStart: payloadStart + 1 }))
}
