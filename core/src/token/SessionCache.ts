/**
 * The cache of verified tokens: a segmented LRU with a TTL, bounded in bytes and in entries.
 *
 * An entry is a session: an access token, and the last few of the load balancer's tokens that were verified with it. The load
 * balancer signs a new one all the time, which evicts only another of the same session.
 *
 * A new session enters the probationary segment, and moves to the protected one at its first hit. A million sessions with one
 * request each evict each other, and none of those that come again. Both segments are queues. At the head of the protected
 * one, a session that was hit since it was last there goes to the end instead (CLOCK): so a hit only sets a flag.
 */
import { type Entry, Segment } from "./Segment.ts"
import { tokenHash } from "./tokenHash.ts"

export interface CacheBounds {
  readonly maxBytes: number
  readonly maxEntries: number
}

/** What is cached of a verified token. */
interface Verified {
  readonly token: string
  /** Milliseconds since 1970 when its signature was verified. */
  readonly verifiedAt: number
}

/** `S` is what is cached of an access token, `P` of a load balancer's token beside it. */
export interface Session<S, P> extends Entry<Session<S, P>> {
  readonly hash: number
  readonly value: S
  /** The last one first. */
  besides: ReadonlyArray<P>
  isHit: boolean
}

/** Short, compared with how long keys are in use. The `exp` of a token is checked for every request, hit or miss. */
const ttlMillis = 300_000

/** After the clock was set back, nobody knows how long ago a token was verified. */
const isFresh = ({ verifiedAt }: Verified, nowMillis: number): boolean => verifiedAt <= nowMillis && nowMillis < verifiedAt + ttlMillis

/** A browser's requests reach the nodes of the load balancer in turn, and each node signs for itself. */
const maxBesides = 4

/** The protected segment's share of both bounds. */
const protectedShare = 0.8

/** An estimate: the string, its claims as objects, which take about as much again, and the records around them. */
const bytesOf = ({ token }: Verified): number => 2 * token.length + 1_024

export class SessionCache<S extends Verified, P extends Verified> {
  readonly #bounds: CacheBounds
  readonly #sessions = new Map<number, Session<S, P>>()
  readonly #probationary = new Segment<Session<S, P>>()
  readonly #protected = new Segment<Session<S, P>>()

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  /** The session of this access token. */
  get(accessToken: string, nowMillis: number): Session<S, P> | undefined {
    const session = this.#sessions.get(tokenHash(accessToken))
    if (session === undefined || session.value.token !== accessToken) return undefined
    if (!isFresh(session.value, nowMillis)) {
      this.#delete(session)
      return undefined
    }
    if (session.segment === this.#protected) session.isHit = true
    else {
      this.#protected.push(session)
      this.#evict()
    }
    return session
  }

  /** What is cached of the load balancer's token, beside the access token of this session. */
  getBeside({ besides }: Session<S, P>, albToken: string, nowMillis: number): P | undefined {
    for (const beside of besides) {
      if (beside.token === albToken) return isFresh(beside, nowMillis) ? beside : undefined
    }
    return undefined
  }

  /** Caches two tokens that were verified. A session that takes more than the probationary segment's share is not cached. */
  add(value: S, beside: P): void {
    const hash = tokenHash(value.token)
    const before = this.#sessions.get(hash)
    if (before !== undefined) this.#delete(before)
    const bytes = bytesOf(value) + bytesOf(beside)
    if (bytes > this.#bounds.maxBytes * (1 - protectedShare)) return
    const session = { hash, value, besides: [beside], bytes, isHit: false, segment: undefined, older: undefined, newer: undefined }
    this.#sessions.set(hash, session)
    this.#probationary.push(session)
    this.#evict()
  }

  /** Caches another of the load balancer's tokens in a session. It evicts the oldest of too many. */
  addBeside(session: Session<S, P>, beside: P): void {
    session.besides = [beside, ...session.besides.slice(0, maxBesides - 1)]
    let bytes = bytesOf(session.value)
    for (const each of session.besides) bytes += bytesOf(each)
    // A session that was evicted while its request waited for a key is in no segment.
    session.segment?.resize(session, bytes)
    this.#evict()
  }

  #delete(session: Session<S, P>): void {
    this.#sessions.delete(session.hash)
    session.segment?.remove(session)
  }

  #evict(): void {
    const { maxBytes, maxEntries } = this.#bounds
    const [probationary, kept] = [this.#probationary, this.#protected]
    while (kept.oldest !== undefined && (kept.bytes > maxBytes * protectedShare || kept.size > maxEntries * protectedShare)) {
      const { oldest } = kept
      if (!oldest.isHit) this.#delete(oldest)
      else {
        oldest.isHit = false
        kept.push(oldest)
      }
    }
    while (probationary.oldest !== undefined && (kept.bytes + probationary.bytes > maxBytes || this.#sessions.size > maxEntries)) {
      this.#delete(probationary.oldest)
    }
  }
}
