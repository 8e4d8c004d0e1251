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
import { KeyUnknown, SignatureInvalid, type TokenError } from "../errors/AuthError.ts"
import type { VerificationKey } from "../keys/Key.ts"
import type { KeyRef } from "../keys/KeySource.ts"
import type { RawTokens } from "../request/Headers.ts"
import {
  type AccessClaims,
  type AlbHeader,
  checkAccessClaims,
  checkAlbClaims,
  checkKnownHeader,
  checkSameSubject,
  type Expected,
  isWithin,
  readAccessToken,
  readAlbHeader,
  type Validity,
  type VerifiedClaims,
  validityOf
} from "./Claims.ts"
import { JoseHeaderCache } from "./JoseHeaderCache.ts"
import type { JsonObject } from "./JsonObject.ts"
import { accessForm, albForm, hasValidSignature, type Jws, readJws, readPayload } from "./Jws.ts"
import { type CacheBounds, type Session, SessionCache } from "./SessionCache.ts"

/** A token whose signature held with this key. Few objects are kept of it: they are what remembering costs. */
interface Signed {
  readonly text: string
  readonly payload: JsonObject
  readonly ref: KeyRef
  readonly key: VerificationKey
  readonly verifiedAt: number
}

/** Cognito's, as it was read: one that comes with another of the load balancer's tokens need not be read again. */
interface SignedAccess extends Signed {
  readonly jws: Jws<KeyRef>
}

/** The load balancer's token, which passed every check together with the access token that it is remembered beside. */
interface SignedAlb<A> extends Signed {
  readonly validity: Validity
  readonly outcome: Result.Result<A, never>
}

/** What earlier requests have found of the same texts. */
interface Seen<A> {
  readonly session: Session<SignedAccess, SignedAlb<A>> | undefined
  readonly alb: SignedAlb<A> | undefined
}

/** What was read of the texts. */
interface Reading {
  readonly alb: AlbHeader
  readonly access: AccessClaims
  readonly albJws: Jws<AlbHeader>
  readonly accessJws: Jws<KeyRef>
}

/** Both tokens, in order as far as can be told without keys; and which keys they need. */
export interface ReadTokens<A> {
  readonly albKey: KeyRef
  readonly accessKey: KeyRef
  readonly raw: RawTokens
  readonly seen: Seen<A>
  /** `undefined`: both were seen together, and nothing had to be read. */
  readonly reading: Reading | undefined
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

/** What the tokens are compared with, and how many are cached. */
export interface VerifierSettings extends Expected {
  readonly tokenCache: CacheBounds
}

export const makeVerifier = <A>(settings: VerifierSettings, use: (claims: VerifiedClaims) => A): Verifier<A> => {
  // One for each place: a header that was in order in the one has another algorithm than the other's.
  const albHeaders = new JoseHeaderCache<AlbHeader>()
  const accessHeaders = new JoseHeaderCache<KeyRef>()
  const sessions = new SessionCache<SignedAccess, SignedAlb<A>>(settings.tokenCache)

  const inspect: Verifier<A>["inspect"] = (raw, nowMillis) => {
    const session = sessions.get(raw.accessToken, nowMillis)
    const alb = session && sessions.getBeside(session, raw.data, nowMillis)
    const seen = { session, alb }
    if (session !== undefined && alb !== undefined && stillHolds(alb, raw, nowMillis)) {
      return Result.succeed({ albKey: alb.ref, accessKey: session.value.ref, raw, seen, reading: undefined })
    }
    const reading = read(raw, session?.value, nowMillis)
    if (Result.isFailure(reading)) return Result.fail(reading.failure)
    const { alb: albHeader, access } = reading.success
    return Result.succeed({ albKey: albHeader.key, accessKey: access.key, raw, seen, reading: reading.success })
  }

  /** An access token that was seen before is not read again. */
  const read = (raw: RawTokens, accessSeen: SignedAccess | undefined, nowMillis: number): Result.Result<Reading, TokenError> => {
    const albJws = readJws(raw.data, albForm, albHeaders)
    if (Result.isFailure(albJws)) return Result.fail(albJws.failure)
    const accessJws = accessSeen === undefined ? readJws(raw.accessToken, accessForm, accessHeaders) : Result.succeed(accessSeen.jws)
    if (Result.isFailure(accessJws)) return Result.fail(accessJws.failure)
    const { header, known } = albJws.success
    const alb = known === undefined ? readAlbHeader(settings, header, nowMillis) : checkKnownHeader(settings, known.read, nowMillis)
    if (Result.isFailure(alb)) return Result.fail(alb.failure)
    const payload = accessSeen === undefined ? readPayload(accessJws.success) : Result.succeed(accessSeen.payload)
    if (Result.isFailure(payload)) return Result.fail(payload.failure)
    const access = readAccessToken(settings, accessJws.success.header, payload.success, alb.success, nowMillis)
    if (Result.isFailure(access)) return Result.fail(access.failure)
    return Result.succeed({ alb: alb.success, access: access.success, albJws: albJws.success, accessJws: accessJws.success })
  }

  const verify: Verifier<A>["verify"] = ({ raw, seen, reading }, albKey, accessKey, nowMillis) => {
    const { session, alb: albSeen } = seen
    const isSeen = albSeen !== undefined && albSeen.key === albKey && session?.value.key === accessKey
    if (isSeen && stillHolds(albSeen, raw, nowMillis)) return albSeen.outcome
    // A key is another one by now: what the last one signed is verified again.
    const again = reading === undefined ? read(raw, session?.value, nowMillis) : Result.succeed(reading)
    if (Result.isFailure(again)) return Result.fail(again.failure)
    const { alb, access, albJws, accessJws } = again.success
    const albSigned = checkSignature(albJws, albKey, albSeen)
    if (Result.isFailure(albSigned)) return Result.fail(albSigned.failure)
    const accessSigned = checkSignature(accessJws, accessKey, session?.value)
    if (Result.isFailure(accessSigned)) return Result.fail(accessSigned.failure)
    const payload = albSeen === undefined ? readPayload(albJws) : Result.succeed(albSeen.payload)
    if (Result.isFailure(payload)) return Result.fail(payload.failure)
    const oidc = payload.success
    const albChecked = checkAlbClaims(settings, alb, oidc, nowMillis)
    if (Result.isFailure(albChecked)) return Result.fail(albChecked.failure)
    const accessChecked = checkAccessClaims(settings, alb, access.payload, nowMillis)
    if (Result.isFailure(accessChecked)) return Result.fail(accessChecked.failure)
    const same = checkSameSubject(oidc, access.payload, raw.identity)
    if (Result.isFailure(same)) return Result.fail(same.failure)

    const outcome = Result.succeed(use({ oidc, access: access.payload }))
    const beside = {
      text: raw.data,
      payload: oidc,
      ref: cacheHeader(albHeaders, albJws, alb).key,
      key: albSigned.success,
      verifiedAt: albSeen?.key === albSigned.success ? albSeen.verifiedAt : nowMillis,
      validity: validityOf(settings, alb, oidc, access.payload),
      outcome
    }
    if (session?.value.key === accessSigned.success) sessions.addBeside(session, beside)
    else {
      // Pools may share a kid, not its key.
      const shared = cacheHeader(accessHeaders, accessJws, access.key)
      const ref = shared.source === access.key.source ? shared : access.key
      const { payload } = access
      sessions.add({ text: raw.accessToken, jws: accessJws, payload, ref, key: accessSigned.success, verifiedAt: nowMillis }, beside)
    }
    return outcome
  }

  return { inspect, verify }
}

/** Whether the clock, and the plain `sub`, say the same of tokens that passed together before. */
const stillHolds = ({ payload, validity }: SignedAlb<unknown>, { identity }: RawTokens, nowMillis: number): boolean =>
  (identity === undefined || identity === payload["sub"]) && isWithin(validity, nowMillis)

/** What was read of the header, in the one copy that all tokens of this header share. */
const cacheHeader = <Read>(headers: JoseHeaderCache<Read>, { text, header, known, payloadStart }: Jws<Read>, read: Read): Read => {
  if (known !== undefined) return known.read
  headers.add(text.slice(0, payloadStart - 1), header, read)
  return read
}

/** The key that the signature holds with: it held a moment ago with the very key that is in use, or it holds now. */
const checkSignature = (
  jws: Jws,
  key: VerificationKey | undefined,
  seen: Signed | undefined
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
  // A key that is fetched again unchanged is the same object (keyEndpoint.ts); another object is another key.
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
