/**
 * Every reason why a request has no user, and what each one means over HTTP.
 *
 * Errors are facts for the people who run the app: which header, which check, what was expected. They never carry a
 * token, a signature or a claim's value, so any of them can be logged or shown.
 *
 * @module
 */
import * as Data from "effect/Data"
import type { CheckName, IdentityHeader } from "./Check.ts"

/**
 * `Data.TaggedError`, without the stack trace that takes most of an error's time: it would name the same few functions of
 * this package every time, and whoever sends garbage would decide how often it is taken. Where somebody wants to see it,
 * and has raised the limit above V8's default of ten (`node --stack-trace-limit=50`), it is there.
 */
const TaggedError: typeof Data.TaggedError = (tag) => {
  const Base = Data.TaggedError(tag) as unknown as new (evidence: object) => Error
  class Fact extends Base {
    constructor(evidence: object) {
      const limit = Error.stackTraceLimit
      // Where it cannot be set, as with frozen intrinsics, the trace is taken.
      if (limit <= usualStackTrace) Reflect.set(Error, "stackTraceLimit", 0)
      try {
        super(evidence)
      } finally {
        Reflect.set(Error, "stackTraceLimit", limit)
      }
    }
  }
  return Fact as unknown as ReturnType<typeof Data.TaggedError<typeof tag>>
}

const usualStackTrace = 10

export type { IdentityHeader } from "./Check.ts"

/** What a refused header leaves behind: where it was seen, which check failed, what would have passed. */
export interface Evidence {
  readonly header: IdentityHeader
  /** The check that failed, in the field's own term: `signer`, `exp`, `kid` … The union is closed (`Check.ts`). */
  readonly check: CheckName
  /** What was expected, in words or as the configured values. Never what was sent. */
  readonly expected: string
  readonly message: string
}

/** A header that identifies the user is absent or empty: the request did not come through the ALB's sign-in. */
export class HeaderMissing extends TaggedError("HeaderMissing")<Evidence> {}
/** A header is present, but not as one string of reasonable size: sent twice, too long, or not a string. */
export class HeaderInvalid extends TaggedError("HeaderInvalid")<Evidence> {}
/** Not a compact JWS with the claims that are required (RFC 7515 §3.1, RFC 7519 §7.2). */
export class TokenMalformed extends TaggedError("TokenMalformed")<Evidence> {}
/** An `alg` other than the one that this header's token has, or a `crit` or `b64` extension (RFC 8725 §3.1). */
export class AlgorithmRefused extends TaggedError("AlgorithmRefused")<Evidence> {}
/** Signed for another load balancer than the configured ones: ALBeast (Miggo, 2024). */
export class SignerRefused extends TaggedError("SignerRefused")<Evidence> {}
/** Issued to another app client than the configured ones. */
export class ClientRefused extends TaggedError("ClientRefused")<Evidence> {}
/** Issued by another user pool than the configured ones (RFC 7519 §4.1.1). */
export class IssuerRefused extends TaggedError("IssuerRefused")<Evidence> {}
/** The key endpoint answered that it has no key of this `kid`, and none is cached. */
export class KeyUnknown extends TaggedError("KeyUnknown")<Evidence> {}
/** The signature is not this key's over the token as it was sent. */
export class SignatureInvalid extends TaggedError("SignatureInvalid")<Evidence> {}
/** On or after `exp` plus the clock tolerance (RFC 7519 §4.1.4). */
export class TokenExpired extends TaggedError("TokenExpired")<Evidence> {}
/** Before `nbf` minus the clock tolerance (RFC 7519 §4.1.5). */
export class TokenNotYetValid extends TaggedError("TokenNotYetValid")<Evidence> {}
/** Not an access token: an ID token in its place, say. */
export class TokenUseRefused extends TaggedError("TokenUseRefused")<Evidence> {}
/** The headers are not about the same user. */
export class SubjectMismatch extends TaggedError("SubjectMismatch")<Evidence> {}

/** Signed in, and not allowed. `required` says what would have let the user in, without anybody's e-mail address. */
export class NotAuthorised extends TaggedError("NotAuthorised")<{
  readonly required: string
  readonly message: string
}> {}

/** An outage: no verdict is possible now. Nobody is let in, and nobody is signed out by it. */
interface Outage {
  /** Seconds after which asking again makes sense: the `Retry-After` header (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds: number
  readonly message: string
}
/** No usable key is cached, and its endpoint gives no usable answer; or a 403, 404 or 410 for a key that was cached before. */
export class KeySourceUnavailable extends TaggedError("KeySourceUnavailable")<
  Outage & {
    /** The configured endpoint's URL. */
    readonly source: string
    /** What its answer was: `timeout`, `status 500`, `too large` … */
    readonly reason: string
  }
> {}
/** No policy is loaded, or a rule of it failed. */
export class PolicyUnavailable extends TaggedError("PolicyUnavailable")<Outage & { readonly reason: string }> {
  static because(reason: string): PolicyUnavailable {
    return new PolicyUnavailable({
      reason,
      retryAfterSeconds: 5,
      message: `The policy cannot be applied: ${reason}. Nobody is let in until it can.`
    })
  }
}

/** The request target has a raw `#`, white space or a control character, which servers read in different ways (RFC 9112 §3.2). */
export class TargetInvalid extends TaggedError("TargetInvalid")<{ readonly message: string }> {}
/** The request target is longer than a load balancer passes. */
export class TargetTooLong extends TaggedError("TargetTooLong")<{ readonly message: string }> {}

/** The request itself is refused, whoever asks: HTTP 400 and 414. `authenticate` sees headers alone, and never fails so. */
export type TargetError = TargetInvalid | TargetTooLong

/**
 * A page of another origin made the browser send the request: an unsafe method, an upgrade, or signing out. `authenticate` does not know
 * the method, and never fails so.
 */
export class CrossOriginRefused extends TaggedError("CrossOriginRefused")<{
  /** The header field that says so. */
  readonly field: "sec-fetch-site" | "origin"
  /** The origins that may send it, as configured. Never the one that did. */
  readonly expected: string
  readonly message: string
}> {}

/** The tokens say no: HTTP 401. */
export type TokenError =
  | HeaderMissing
  | HeaderInvalid
  | TokenMalformed
  | AlgorithmRefused
  | SignerRefused
  | ClientRefused
  | IssuerRefused
  | KeyUnknown
  | SignatureInvalid
  | TokenExpired
  | TokenNotYetValid
  | TokenUseRefused
  | SubjectMismatch

/** Why a request is refused. The union is closed: a `switch` over `_tag` is exhaustive. */
export type AuthError = TargetError | CrossOriginRefused | TokenError | NotAuthorised | KeySourceUnavailable | PolicyUnavailable

/** The names of the errors, as they stand in `_tag` and in a refusal's body. */
export type AuthErrorTag = AuthError["_tag"]

/** What an error means over HTTP. `title` is safe to show to anybody. */
export interface HttpMeaning {
  readonly status: 400 | 401 | 403 | 414 | 503
  readonly title: string
}

const refused = (title: string): HttpMeaning => ({ status: 401, title })

/** The one table of error and HTTP meaning: 400 and 414 for the request itself, 401 for tokens, 403 for another origin and policy, 503 for outages. */
export const httpMeaning: Readonly<Record<AuthErrorTag, HttpMeaning>> = {
  TargetInvalid: { status: 400, title: "The request's address is malformed" },
  TargetTooLong: { status: 414, title: "The request's address is too long" },
  CrossOriginRefused: { status: 403, title: "The request comes from a page of another origin" },
  HeaderMissing: refused("The request carries no sign-in"),
  HeaderInvalid: refused("A sign-in header is not one text of reasonable size"),
  TokenMalformed: refused("A sign-in token is malformed"),
  AlgorithmRefused: refused("A sign-in token uses an algorithm that is not accepted"),
  SignerRefused: refused("The sign-in token was signed for another load balancer"),
  ClientRefused: refused("A sign-in token was issued to another app client"),
  IssuerRefused: refused("A sign-in token was issued by another user pool"),
  KeyUnknown: refused("A sign-in token names a key that does not exist"),
  SignatureInvalid: refused("A sign-in token's signature is wrong"),
  TokenExpired: refused("The sign-in has expired"),
  TokenNotYetValid: refused("A sign-in token is not valid yet"),
  TokenUseRefused: refused("The access token's place holds another kind of token"),
  SubjectMismatch: refused("The sign-in headers are not about the same user"),
  NotAuthorised: { status: 403, title: "Signed in, but not allowed" },
  KeySourceUnavailable: { status: 503, title: "Sign-in cannot be checked at the moment" },
  PolicyUnavailable: { status: 503, title: "Permissions cannot be checked at the moment" }
}

/** Whether the error is an outage: worth asking again, and never a reason to sign anybody out. */
export const isOutage = (error: AuthError): error is KeySourceUnavailable | PolicyUnavailable => httpMeaning[error._tag].status === 503
