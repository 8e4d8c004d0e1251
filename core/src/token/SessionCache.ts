/**
 * The cache of verified tokens: a segmented LRU, bounded in bytes and in entries, with a TTL.
 *
 * An entry is a session: an access token, and the load balancer's tokens that came with it last. A load balancer signs a new
 * one all the time; it evicts another of the same session only.
 *
 * A new session enters the probationary segment, and moves to the protected one at its first hit. So a million sessions with
 * one request each evict each other, and none of those that come again. Both segments are FIFO; what was hit since it last
 * stood at the head of the protected one gets a second chance (CLOCK), which costs a hit no more than a flag.
 */

export interface CacheBounds {
  readonly maxBytes: number
  readonly maxEntries: number
}

/** What is cached of a verified token. */
interface Verified {
  readonly text: string
  /** Milliseconds since 1970 when its signature was verified. */
  readonly verifiedAt: number
}

/** An access token, and the load balancer's tokens that were verified with it, the last one first. */
export interface Session<S, P> {
  readonly value: S
  besides: ReadonlyArray<P>
  bytes: number
  isHit: boolean
}

/** Short beside the age of keys. No token outlives its own `exp` here: that is checked for every request. */
const ttlMillis = 300_000

/** After the clock was set back, nobody knows how long ago a token was verified. */
const isFresh = ({ verifiedAt }: Verified, nowMillis: number): boolean => verifiedAt <= nowMillis && nowMillis < verifiedAt + ttlMillis

/** A browser's requests reach the load balancer's nodes in turn, and each node signs for itself. */
const maxBesides = 4

/** The share of the bounds that is for the protected segment. */
const protectedShare = 0.8

/** What a token takes: its string, its claims as objects, about as much again, and the records around them. */
const bytesOf = ({ text }: Verified): number => 2 * text.length + 1_024

/** The end of the signature, which tells tokens apart. It finds the entry; the whole string is compared. */
const keyOf = (text: string): string => text.slice(-24)

/** First in, first out. */
class Segment<S extends Verified, P extends Verified> {
  readonly #sessions = new Map<string, Session<S, P>>()
  /** A Map's iterator goes on where it stopped. A new one would walk past all that was deleted: 5 µs at ten thousand entries. */
  #oldestFirst = this.#sessions.values()
  bytes = 0

  get size(): number {
    return this.#sessions.size
  }

  get(key: string): Session<S, P> | undefined {
    return this.#sessions.get(key)
  }

  add(session: Session<S, P>): void {
    this.#sessions.set(keyOf(session.value.text), session)
    this.bytes += session.bytes
  }

  delete(session: Session<S, P>): void {
    if (this.#sessions.delete(keyOf(session.value.text))) this.bytes -= session.bytes
  }

  /** Takes the oldest session out. */
  shift(): Session<S, P> | undefined {
    let next = this.#oldestFirst.next()
    if (next.done === true) {
      this.#oldestFirst = this.#sessions.values()
      next = this.#oldestFirst.next()
    }
    if (next.value !== undefined) this.delete(next.value)
    return next.value
  }
}

/** `S` is what is cached of an access token, `P` of a load balancer's token beside it. */
export class SessionCache<S extends Verified, P extends Verified> {
  readonly #bounds: CacheBounds
  readonly #probationary = new Segment<S, P>()
  readonly #protected = new Segment<S, P>()

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  /** The session of this access token. */
  get(text: string, nowMillis: number): Session<S, P> | undefined {
    const key = keyOf(text)
    const kept = this.#protected.get(key)
    const session = kept ?? this.#probationary.get(key)
    if (session === undefined || session.value.text !== text) return undefined
    if (!isFresh(session.value, nowMillis)) {
      this.#delete(session)
      return undefined
    }
    if (kept !== undefined) session.isHit = true
    else {
      this.#probationary.delete(session)
      this.#protected.add(session)
      this.#evict()
    }
    return session
  }

  /** What is cached of the load balancer's token beside that access token. */
  getBeside({ besides }: Session<S, P>, text: string, nowMillis: number): P | undefined {
    const found = besides.find((each) => each.text === text)
    return found !== undefined && isFresh(found, nowMillis) ? found : undefined
  }

  /** Caches two tokens that have been verified. */
  add(value: S, beside: P): void {
    const key = keyOf(value.text)
    const before = this.#protected.get(key) ?? this.#probationary.get(key)
    if (before !== undefined) this.#delete(before)
    const bytes = bytesOf(value) + bytesOf(beside)
    if (bytes > this.#bounds.maxBytes * (1 - protectedShare)) return
    this.#probationary.add({ value, besides: [beside], bytes, isHit: false })
    this.#evict()
  }

  /** Caches another of the load balancer's tokens beside an access token, and evicts the oldest of too many. */
  addBeside(session: Session<S, P>, beside: P): void {
    const segment = [this.#protected, this.#probationary].find((each) => each.get(keyOf(session.value.text)) === session)
    session.besides = [beside, ...session.besides.slice(0, maxBesides - 1)]
    const bytes = bytesOf(session.value) + session.besides.reduce((sum, each) => sum + bytesOf(each), 0)
    if (segment !== undefined) segment.bytes += bytes - session.bytes
    session.bytes = bytes
    this.#evict()
  }

  #delete(session: Session<S, P>): void {
    this.#protected.delete(session)
    this.#probationary.delete(session)
  }

  #evict(): void {
    const { maxBytes, maxEntries } = this.#bounds
    const [kept, newcomers] = [this.#protected, this.#probationary]
    while (kept.bytes > maxBytes * protectedShare || kept.size > maxEntries * protectedShare) {
      const oldest = kept.shift()
      if (oldest === undefined) break
      if (!oldest.isHit) continue
      oldest.isHit = false
      kept.add(oldest)
    }
    while (kept.bytes + newcomers.bytes > maxBytes || kept.size + newcomers.size > maxEntries) {
      if (newcomers.shift() === undefined) break
    }
  }
}
