/**
 * What happens, as plain data: every decision, key fetch and policy load, and every connection that is closed.
 *
 * No event holds a token, a claim or a header's value, nor a path, which may contain personal data. `sub` says which user; the log
 * and metrics leave it out.
 *
 * @module
 */
import type { AuthErrorTag } from "../errors/AuthError.ts"
import type { CheckName, IdentityHeader } from "../errors/Check.ts"

interface Occurred {
  /** When: milliseconds since 1970, by the clock that tokens are checked with. */
  readonly atMillis: number
}

/** What every decision has. */
interface Decided extends Occurred {
  /** What it was made for: `express`, `fastify`, `node`, `lambda`, `gradio`, `gateway`, or `effect` without an adapter. */
  readonly framework: string
  /** The guard's `name`, if it has one. */
  readonly route: string | undefined
  /** How long the decision took, in milliseconds, waiting for keys and the policy included. */
  readonly durationMillis: number
}

/** Who asks. Both are absent before the tokens are verified. */
interface Subject {
  /** The user's id at the issuer (OpenID Connect Core §2). Personal data. */
  readonly sub: string | undefined
  /** The app client's id, of a service. */
  readonly clientId: string | undefined
}

/** A request was admitted. */
export interface Admitted extends Decided, Subject {
  readonly _tag: "Admitted"
  /** Whether the signatures had been verified for an earlier request, or by an earlier guard. */
  readonly cached: boolean
}

/** A request was admitted on a path that the guard leaves open. */
export interface Bypassed extends Decided {
  readonly _tag: "Bypassed"
}

/** A request was refused, or redirected. */
export interface Refused extends Decided, Subject {
  readonly _tag: "Refused"
  readonly error: AuthErrorTag
  /** The check that failed, if the tokens are refused. */
  readonly check: CheckName | undefined
  /** The header that it failed on. */
  readonly header: IdentityHeader | undefined
  /** The status of the response: 302 where the request was redirected. */
  readonly status: 302 | 400 | 401 | 403 | 414 | 503
  /** The error's message. */
  readonly message: string
}

/** Keys were fetched. */
export interface KeysFetched extends Occurred {
  readonly _tag: "KeysFetched"
  /** The configured endpoint's URL. */
  readonly source: string
  /** How many usable keys were received. */
  readonly keys: number
  readonly durationMillis: number
}

/** Keys could not be fetched. Cached ones are used meanwhile, as long as `keys.staleIfError` allows. */
export interface KeyFetchFailed extends Occurred {
  readonly _tag: "KeyFetchFailed"
  readonly source: string
  /** `timeout`, `status 500`, `too large` … */
  readonly reason: string
  readonly durationMillis: number
}

/** A policy document that was read while the app runs is in force: the first of its source, or another than before. A file that is read at start-up has no such event until it changes. */
export interface PolicyLoaded extends Occurred {
  readonly _tag: "PolicyLoaded"
  /** The document's name: `file auth-config.json`. */
  readonly source: string
  /** What changed: names of groups, numbers of users. */
  readonly change: string
}

/** A policy document could not be read, or is invalid. */
export interface PolicyLoadFailed extends Occurred {
  readonly _tag: "PolicyLoadFailed"
  readonly source: string
  readonly reason: string
  /** Whether the last valid policy stays in force. If not, no request is admitted. */
  readonly isKept: boolean
}

/** A WebSocket, an event stream or a tunnel was told to close, because its user's sign-in has ended. */
export interface ConnectionClosed extends Occurred, Subject {
  readonly _tag: "ConnectionClosed"
  readonly framework: string
  readonly reason: "expired"
}

/** Lines of the audit log were lost. */
export interface AuditDropped extends Occurred {
  readonly _tag: "AuditDropped"
  /** `full`: the sink is slower than lines come. `failed`: it threw or rejected. */
  readonly reason: "full" | "failed"
  /** How many lines have been lost since the last such event. */
  readonly lines: number
}

/** Something is set up wrongly, and goes on in a safe way: a server option, the app's own function that threw, dev mode. */
export interface Warned extends Occurred {
  readonly _tag: "Warned"
  readonly message: string
}

/** Everything that `observe` is called with. The union is closed: a `switch` over `_tag` is exhaustive. */
export type AuthEvent =
  | Admitted
  | Bypassed
  | Refused
  | KeysFetched
  | KeyFetchFailed
  | PolicyLoaded
  | PolicyLoadFailed
  | ConnectionClosed
  | AuditDropped
  | Warned
