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
import { type Session, SessionCache } from "./internal/SessionCache.ts"
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

/** A token whose signature held with this key. */
interface Signed {
  readonly text: string
  readonly jws: Jws
  readonly payload: JsonObject
  readonly key: VerificationKey
  readonly verifiedAt: number
}

/** Cognito's, and the load balancer's token beside it: the two passed every check together. */
interface SignedAccess extends Signed {
  readonly read: AccessClaims
}
interface SignedAlb<A> extends Signed {
  readonly read: AlbHeader
  readonly sub: unknown
  readonly validity: Validity
  readonly outcome: Result.Result<A, never>
}

type Sessions<A> = SessionCache<SignedAccess, SignedAlb<A>>

/** Both tokens, in order as far as can be told without keys; and which keys they need. */
export interface ReadTokens<A> {
  readonly alb: AlbHeader
  readonly access: AccessClaims
  readonly albJws: Jws
  readonly accessJws: Jws
  /** What an earlier request has found of the same texts. */
  readonly session: Session<SignedAccess, SignedAlb<A>> | undefined
  readonly albSeen: SignedAlb<A> | undefined
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
  const sessions: Sessions<A> = new SessionCache(settings.tokenCache)

  const inspect: Verifier<A>["inspect"] = (raw, nowMillis) => {
    const { identity } = raw
    const session = sessions.get(raw.accessToken, nowMillis)
    const accessSeen = session?.value
    const albSeen = session && sessions.getBeside(session, raw.data, nowMillis)
    if (accessSeen !== undefined && albSeen !== undefined && stillHolds(albSeen, identity, nowMillis)) {
      return Result.succeed({
        alb: albSeen.read,
        access: accessSeen.read,
        albJws: albSeen.jws,
        accessJws: accessSeen.jws,
        session,
        albSeen,
        identity
      })
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
      session,
      albSeen,
      identity
    })
  }

  const verify: Verifier<A>["verify"] = (tokens, albKey, accessKey, nowMillis) => {
    const { alb, access, albJws, accessJws, session, albSeen, identity } = tokens
    const accessSeen = session?.value
    if (albSeen !== undefined && albSeen.key === albKey && accessSeen?.key === accessKey && stillHolds(albSeen, identity, nowMillis)) {
      return albSeen.outcome
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
    const validity = validityOf(settings, alb, oidc, access.payload)
    const albKept = albSeen?.key === albSigned.success
    const beside = {
      text: albJws.text,
      jws: albJws,
      read: alb,
      payload: oidc,
      key: albSigned.success,
      verifiedAt: albKept ? albSeen.verifiedAt : nowMillis,
      sub: oidc["sub"],
      validity,
      outcome
    }
    rememberHeader(albHeaders, albJws)
    if (session !== undefined && accessSeen?.key === accessSigned.success) sessions.addBeside(session, beside)
    else {
      rememberHeader(accessHeaders, accessJws)
      const { payload } = access
      sessions.add(
        { text: accessJws.text, jws: accessJws, read: access, payload, key: accessSigned.success, verifiedAt: nowMillis },
        beside
      )
    }
    return outcome
  }

  return { inspect, verify }
}

/** Whether the clock, and the plain `sub`, say the same of tokens that passed together before. */
const stillHolds = ({ sub, validity }: SignedAlb<unknown>, identity: string | undefined, nowMillis: number): boolean =>
  (identity === undefined || identity === sub) && isWithin(validity, nowMillis)

const rememberHeader = (headers: HeaderMemory, jws: Jws): void => {
  if (!jws.isHeaderKnown) headers.add(jws.text.slice(0, jws.payloadStart - 1), jws.header)
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
