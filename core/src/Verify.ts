/**
 * Step 2: raw tokens → verified claims: form, JOSE headers, keys, signatures, claims, subject; cheap before dear.
 *
 * A token whose signature was verified a moment ago is found again by its whole text, and by the key that is still in
 * use. Of two tokens that were verified together it is known what their texts alone decide; what the clock, the keys and
 * the plain `sub` decide is asked of every request.
 *
 * @module
 */
import * as Result from "effect/Result"
import { KeyUnknown, SignatureInvalid, type TokenError } from "./AuthError.ts"
import {
  type AccessClaims,
  type AlbHeader,
  checkAccessClaims,
  checkAlbClaims,
  checkSameSubject,
  isWithin,
  readAccessToken,
  readAlbHeader,
  type Validity,
  validityOf
} from "./Claims.ts"
import type { RawTokens } from "./Headers.ts"
import { HeaderMemory } from "./internal/HeaderMemory.ts"
import type { JsonObject } from "./internal/json.ts"
import { TokenCache } from "./internal/TokenCache.ts"
import { accessForm, albForm, hasValidSignature, type Jws, readJws, readPayload } from "./Jws.ts"
import type { VerificationKey } from "./Key.ts"
import type { Settings } from "./Settings.ts"

/** The claims of both tokens, after every check. Objects without a prototype. */
export interface VerifiedClaims {
  /** The payload of the ALB's token. */
  readonly oidc: JsonObject
  /** The payload of Cognito's access token. */
  readonly access: JsonObject
}

/** A token whose signature held with this key. `Read` is what its JOSE header and claims said of the key and the issuer. */
interface Signed<Read> {
  readonly jws: Jws
  readonly read: Read
  readonly payload: JsonObject
  readonly key: VerificationKey
}

/** Two tokens that passed every check together. */
interface Together<A> {
  readonly oidc: JsonObject
  readonly sub: unknown
  readonly validity: Validity
  readonly outcome: Result.Result<A, never>
}

interface SeenAccess<A> extends Signed<AccessClaims> {
  /** The ALB's token that last came with it. Of that, it keeps the claims and not the text. */
  together: Together<A> | undefined
}

/** Both tokens, in order as far as can be told without keys; and which keys they need. */
export interface ReadTokens<A> {
  readonly alb: AlbHeader
  readonly access: AccessClaims
  readonly albJws: Jws
  readonly accessJws: Jws
  /** What an earlier request has found of the same texts. */
  readonly albSeen: Signed<AlbHeader> | undefined
  readonly accessSeen: SeenAccess<A> | undefined
  readonly identity: string | undefined
}

/** `A` is what claims are for, made once for as long as both tokens are remembered. */
export interface Verifier<A> {
  /** Everything that can refuse a token before a key is fetched. */
  readonly inspect: (raw: RawTokens, nowMillis: number) => Result.Result<ReadTokens<A>, TokenError>
  /** The signatures, and all that must hold of what was signed. An `undefined` key is one that its endpoint does not have. */
  readonly verify: (
    tokens: ReadTokens<A>,
    albKey: VerificationKey | undefined,
    accessKey: VerificationKey | undefined,
    nowMillis: number
  ) => Result.Result<A, TokenError>
}

export const makeVerifier = <A>(settings: Settings, use: (claims: VerifiedClaims) => A): Verifier<A> => {
  // One for each place: a header that was in order in the one has another algorithm than the other's.
  const albHeaders = new HeaderMemory()
  const accessHeaders = new HeaderMemory()
  const albCache = new TokenCache<Signed<AlbHeader>>(settings.tokenCache)
  const accessCache = new TokenCache<SeenAccess<A>>(settings.tokenCache)

  const inspect: Verifier<A>["inspect"] = (raw, nowMillis) => {
    const { identity } = raw
    const albSeen = albCache.get(raw.data, nowMillis)
    const accessSeen = accessCache.get(raw.accessToken, nowMillis)
    if (albSeen !== undefined && accessSeen !== undefined && findTogether(albSeen, accessSeen, identity, nowMillis) !== undefined) {
      const { read: alb, jws: albJws } = albSeen
      const { read: access, jws: accessJws } = accessSeen
      return Result.succeed({ alb, access, albJws, accessJws, albSeen, accessSeen, identity })
    }
    const albJws = albSeen === undefined ? readJws(raw.data, albForm, albHeaders) : Result.succeed(albSeen.jws)
    if (Result.isFailure(albJws)) return Result.fail(albJws.failure)
    const accessJws = accessSeen === undefined ? readJws(raw.accessToken, accessForm, accessHeaders) : Result.succeed(accessSeen.jws)
    if (Result.isFailure(accessJws)) return Result.fail(accessJws.failure)
    const alb = readAlbHeader(settings, albJws.success.header, nowMillis)
    if (Result.isFailure(alb)) return Result.fail(alb.failure)
    const payload = accessSeen === undefined ? readPayload(accessJws.success) : Result.succeed(accessSeen.payload)
    if (Result.isFailure(payload)) return Result.fail(payload.failure)
    const access = readAccessToken(settings, accessJws.success.header, payload.success, alb.success, nowMillis)
    if (Result.isFailure(access)) return Result.fail(access.failure)
    return Result.succeed({
      alb: alb.success,
      access: access.success,
      albJws: albJws.success,
      accessJws: accessJws.success,
      albSeen,
      accessSeen,
      identity
    })
  }

  const verify: Verifier<A>["verify"] = (tokens, albKey, accessKey, nowMillis) => {
    const { alb, access, albJws, accessJws, albSeen, accessSeen, identity } = tokens
    if (albSeen !== undefined && accessSeen !== undefined && albSeen.key === albKey && accessSeen.key === accessKey) {
      const together = findTogether(albSeen, accessSeen, identity, nowMillis)
      if (together !== undefined) return together.outcome
    }
    const albSigned = checkSignature(albJws, albKey, albSeen)
    if (Result.isFailure(albSigned)) return Result.fail(albSigned.failure)
    const accessSigned = checkSignature(accessJws, accessKey, accessSeen)
    if (Result.isFailure(accessSigned)) return Result.fail(accessSigned.failure)
    const payload = albSeen === undefined ? readPayload(albJws) : Result.succeed(albSeen.payload)
    if (Result.isFailure(payload)) return Result.fail(payload.failure)
    const oidc = payload.success
    const albChecked = checkAlbClaims(settings, alb, oidc, nowMillis)
    if (Result.isFailure(albChecked)) return Result.fail(albChecked.failure)
    const accessChecked = checkAccessClaims(settings, alb, access.payload, nowMillis)
    if (Result.isFailure(accessChecked)) return Result.fail(accessChecked.failure)
    const same = checkSameSubject(oidc, access.payload, identity)
    if (Result.isFailure(same)) return Result.fail(same.failure)

    const outcome = Result.succeed(use({ oidc, access: access.payload }))
    const together = { oidc, sub: oidc["sub"], validity: validityOf(settings, alb, oidc, access.payload), outcome }
    if (albSeen?.key !== albSigned.success) {
      remember(albHeaders, albCache, { jws: albJws, read: alb, payload: oidc, key: albSigned.success }, nowMillis)
    }
    if (accessSeen?.key === accessSigned.success) accessSeen.together = together
    else {
      const seen = { jws: accessJws, read: access, payload: access.payload, key: accessSigned.success, together }
      remember(accessHeaders, accessCache, seen, nowMillis)
    }
    return outcome
  }

  return { inspect, verify }
}

/** What is known of the two texts, if they passed together before, are still in time, and the plain `sub` is theirs. */
const findTogether = <A>(
  alb: Signed<AlbHeader>,
  access: SeenAccess<A>,
  identity: string | undefined,
  nowMillis: number
): Together<A> | undefined => {
  const { together } = access
  if (together === undefined || together.oidc !== alb.payload) return undefined
  const isTheirs = identity === undefined || identity === together.sub
  return isTheirs && isWithin(together.validity, nowMillis) ? together : undefined
}

const remember = <S extends Signed<unknown>>(headers: HeaderMemory, cache: TokenCache<S>, signed: S, nowMillis: number): void => {
  const { jws } = signed
  if (!jws.isHeaderKnown) headers.add(jws.text.slice(0, jws.payloadStart - 1), jws.header)
  cache.set(jws.text, signed, nowMillis)
}

/** The key that the signature holds with: it held a moment ago with the very key that is in use, or it holds now. */
const checkSignature = (
  jws: Jws,
  key: VerificationKey | undefined,
  seen: Signed<unknown> | undefined
): Result.Result<VerificationKey, KeyUnknown | SignatureInvalid> => {
  const { header } = jws.form
  if (key === undefined) {
    return Result.fail(
      new KeyUnknown({
        header,
        check: "kid",
        expected: "a key of the configured endpoint",
        message: `${header} was refused: its endpoint has no key of this kid. If the load balancer's keys lie elsewhere, set albKeysUrl or jwksUrl.`
      })
    )
  }
  // A key that was fetched again is another object: what it signed is verified again.
  if (seen?.key === key || hasValidSignature(jws, key)) return Result.succeed(key)
  return Result.fail(
    new SignatureInvalid({
      header,
      check: "signature",
      expected: `a signature by the key of this kid over the text as it was sent`,
      message: `${header} was refused: its signature is wrong. The token was changed on its way, or forged.`
    })
  )
}
