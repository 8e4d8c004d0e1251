/**
 * Every reason why a request has no user, and its HTTP status.
 *
 * Errors are facts for the operators of the app: which header, which check, what was expected. They never contain a
 * token, a signature or a claim's value, so all of them can be logged or shown.
 *
 * @module
 */
import * as Data from "effect/Data"
import type { CheckName, IdentityHeader } from "./Check.ts"

/**
 * `Data.TaggedError` without a stack trace. Recording the trace takes most of the time that creating an error takes. It would
 * always name the same few functions of this package, and a client that sends garbage could cause it at will. To see the
 * trace, raise the limit above V8's default of ten: `node --stack-trace-limit=50`.
 */
const TaggedError: typeof Data.TaggedError = (tag) => {
  const Base = Data.TaggedError(tag) as unknown as new (evidence: object) => Error
  class Fact extends Base {
    constructor(evidence: object) {
      const limit = Error.stackTraceLimit
      // If the limit cannot be set (frozen intrinsics), the trace is recorded.
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

/** Evidence about a refused header: which header, which check failed, and what would have passed. */
export interface Evidence {
  readonly header: IdentityHeader
  /** The check that failed, as the standard term: `signer`, `exp`, `kid` … The union is closed (`Check.ts`). */
  readonly check: CheckName
  /** What was expected: a description, or the configured values. Never the received value. */
  readonly expected: string
  readonly message: string
}

/** A required header is absent or empty: the request did not pass through the ALB's sign-in. */
export class HeaderMissing extends TaggedError("HeaderMissing")<Evidence> {}
/** A header is present, but is not a single string of acceptable size: it was sent twice, is too long, or is not a string. */
export class HeaderInvalid extends TaggedError("HeaderInvalid")<Evidence> {}
/** Not a compact JWS with the required claims (RFC 7515 §3.1, RFC 7519 §7.2). */
export class TokenMalformed extends TaggedError("TokenMalformed")<Evidence> {}
/** Another `alg` than the one that is fixed for this header, or a `crit` or `b64` extension (RFC 8725 §3.1). */
export class AlgorithmRefused extends TaggedError("AlgorithmRefused")<Evidence> {}
/** Signed by a load balancer that is not configured: ALBeast (Miggo, 2024). */
export class SignerRefused extends TaggedError("SignerRefused")<Evidence> {}
/** Issued to an app client that is not configured. */
export class ClientRefused extends TaggedError("ClientRefused")<Evidence> {}
/** Issued by a user pool that is not configured (RFC 7519 §4.1.1). */
export class IssuerRefused extends TaggedError("IssuerRefused")<Evidence> {}
/** The key endpoint responded that it has no key with this `kid`, and none is cached. */
export class KeyUnknown extends TaggedError("KeyUnknown")<Evidence> {}
/** The signature does not match the key and the token as received. */
export class SignatureInvalid extends TaggedError("SignatureInvalid")<Evidence> {}
/** On or after `exp` plus the clock tolerance (RFC 7519 §4.1.4). */
export class TokenExpired extends TaggedError("TokenExpired")<Evidence> {}
/** Before `nbf` minus the clock tolerance (RFC 7519 §4.1.5). */
export class TokenNotYetValid extends TaggedError("TokenNotYetValid")<Evidence> {}
/** Not an access token: for example, an ID token in its place. Or a user's token where a service's is expected. */
export class TokenUseRefused extends TaggedError("TokenUseRefused")<Evidence> {}
/** The headers do not identify the same user. */
export class SubjectMismatch extends TaggedError("SubjectMismatch")<Evidence> {}

/** The user is signed in, but not allowed. `required` describes who is allowed; it contains no e-mail address. */
export class NotAuthorised extends TaggedError("NotAuthorised")<{
  readonly required: string
  /** Of a service alone: the scopes that the route requires (RFC 6750 §3.1); none where it requires something else. */
  readonly requiredScopes?: ReadonlyArray<string>
  readonly message: string
}> {}

/** An outage: no decision is possible now. No request is admitted, and no user is signed out. */
interface Outage {
  /** Seconds to wait before a retry: the `Retry-After` header (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds: number
  readonly message: string
}
/** No usable key is cached, and the endpoint gives no usable response; or it responds 403, 404 or 410 for a key that is cached. */
export class KeySourceUnavailable extends TaggedError("KeySourceUnavailable")<
  Outage & {
    /** The configured endpoint's URL. */
    readonly source: string
    /** Why the response is not usable: `timeout`, `status 500`, `too large` … */
    readonly reason: string
  }
> {}
/** No policy is loaded, or one of its rules failed. */
export class PolicyUnavailable extends TaggedError("PolicyUnavailable")<Outage & { readonly reason: string }> {
  static because(reason: string): PolicyUnavailable {
    return new PolicyUnavailable({
      reason,
      retryAfterSeconds: 5,
      message: `The policy cannot be applied: ${reason}. No request is admitted until it can.`
    })
  }
}

/** The request target has a raw `#`, white space or a control character. Servers interpret these differently (RFC 9112 §3.2). */
export class TargetInvalid extends TaggedError("TargetInvalid")<{ readonly message: string }> {}
/** The request target is longer than a load balancer forwards. */
export class TargetTooLong extends TaggedError("TargetTooLong")<{ readonly message: string }> {}

/** The request itself is refused, for any user: HTTP 400 and 414. `authenticate` reads only headers, so it never fails with these. */
export type TargetError = TargetInvalid | TargetTooLong

/**
 * A page of another origin made the browser send the request: an unsafe method, an upgrade, or signing out. `authenticate` does not know
 * the method, so it never fails with this.
 */
export class CrossOriginRefused extends TaggedError("CrossOriginRefused")<{
  /** The header field that says so. */
  readonly field: "sec-fetch-site" | "origin"
  /** The origins that may send it, as configured. Never the one that did. */
  readonly expected: string
  readonly message: string
}> {}

/** The tokens are refused: HTTP 401. */
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

/** The names of the errors, as in `_tag` and in the body of a refusal. */
export type AuthErrorTag = AuthError["_tag"]

/** The HTTP status and title of an error. The title is safe to show to anyone. */
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
  HeaderMissing: refused("The request has no sign-in headers"),
  HeaderInvalid: refused("A sign-in header is not a single string of acceptable size"),
  TokenMalformed: refused("A sign-in token is malformed"),
  AlgorithmRefused: refused("A sign-in token uses an algorithm that is not accepted"),
  SignerRefused: refused("The sign-in token was signed for another load balancer"),
  ClientRefused: refused("A sign-in token was issued to another app client"),
  IssuerRefused: refused("A sign-in token was issued by another user pool or provider"),
  KeyUnknown: refused("A sign-in token names a key that does not exist"),
  SignatureInvalid: refused("A sign-in token's signature is wrong"),
  TokenExpired: refused("The sign-in has expired"),
  TokenNotYetValid: refused("A sign-in token is not valid yet"),
  TokenUseRefused: refused("The token in the access token header is not an access token"),
  SubjectMismatch: refused("The sign-in headers are not about the same user"),
  NotAuthorised: { status: 403, title: "Signed in, but not allowed" },
  KeySourceUnavailable: { status: 503, title: "Sign-in cannot be checked at the moment" },
  PolicyUnavailable: { status: 503, title: "Permissions cannot be checked at the moment" }
}

/** Whether the error is an outage: a retry may help, and it is never a reason to sign a user out. */
export const isOutage = (error: AuthError): error is KeySourceUnavailable | PolicyUnavailable => httpMeaning[error._tag].status === 503
