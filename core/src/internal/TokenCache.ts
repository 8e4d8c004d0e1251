/**
 * Tokens that were verified a moment ago, found by their whole text, within a bound in bytes and in entries.
 *
 * Two generations keep a scan from pushing out who is really there: a token enters on probation, and is kept for good
 * only once it comes again. A million visitors who come once push out each other, not the ones who stay.
 */

export interface CacheBounds {
  readonly maxBytes: number
  readonly maxEntries: number
}

interface Entry<A> {
  readonly key: string
  readonly text: string
  readonly value: A
  /** Milliseconds since 1970 from which on the entry is not there. */
  readonly until: number
  /** Asked for since it last stood at the head of the queue for eviction. */
  isVisited: boolean
}

/** Short beside the age of keys. An entry does not outlive its token either: expiry is checked of every request. */
const rememberMillis = 300_000

/** The share of the bounds that is for those who came again. */
const keptShare = 0.8

/** What an entry takes beside the text: its claims as objects, about as much again, and the Maps' own records. */
const bytesOf = (text: string): number => 2 * text.length + 1_024

/**
 * The end of a signature tells tokens apart, and hashes in no time. It is no proof: the whole text is compared on a hit.
 */
const keyOf = (text: string): string => text.slice(-24)

export class TokenCache<A> {
  readonly #bounds: CacheBounds
  // Maps keep the order of insertion: the first entry is the oldest.
  readonly #newcomers = new Map<string, Entry<A>>()
  readonly #kept = new Map<string, Entry<A>>()
  #newcomerBytes = 0
  #keptBytes = 0

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  get(text: string, nowMillis: number): A | undefined {
    const key = keyOf(text)
    const kept = this.#kept.get(key)
    const entry = kept ?? this.#newcomers.get(key)
    if (entry === undefined || entry.text !== text) return undefined
    // Of a clock that was set back nobody knows how long ago the token was verified.
    if (nowMillis >= entry.until || nowMillis < entry.until - rememberMillis) {
      this.#delete(key)
      return undefined
    }
    if (kept === undefined) this.#keep(entry)
    else entry.isVisited = true
    return entry.value
  }

  /** Remembers what has been verified now. */
  set(text: string, value: A, nowMillis: number): void {
    const key = keyOf(text)
    this.#delete(key)
    const bytes = bytesOf(text)
    if (bytes > this.#bounds.maxBytes * (1 - keptShare)) return
    this.#newcomers.set(key, { key, text, value, until: nowMillis + rememberMillis, isVisited: false })
    this.#newcomerBytes += bytes
    this.#shrink()
  }

  #delete(key: string): void {
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      this.#kept.delete(key)
      this.#keptBytes -= bytesOf(kept.text)
    }
    const newcomer = this.#newcomers.get(key)
    if (newcomer !== undefined) {
      this.#newcomers.delete(key)
      this.#newcomerBytes -= bytesOf(newcomer.text)
    }
  }

  /** What the entries are reckoned to take. */
  get bytes(): number {
    return this.#newcomerBytes + this.#keptBytes
  }

  get size(): number {
    return this.#newcomers.size + this.#kept.size
  }

  #keep(entry: Entry<A>): void {
    this.#newcomers.delete(entry.key)
    this.#kept.set(entry.key, entry)
    const bytes = bytesOf(entry.text)
    this.#newcomerBytes -= bytes
    this.#keptBytes += bytes
    const { maxBytes, maxEntries } = this.#bounds
    while (this.#keptBytes > maxBytes * keptShare || this.#kept.size > maxEntries * keptShare) {
      const oldest = this.#kept.values().next().value
      if (oldest === undefined) return
      if (oldest.isVisited) this.#spare(oldest)
      else this.#delete(oldest.key)
    }
  }

  /** A second chance: to the end of the queue, which costs a hit nothing but a flag. */
  #spare(entry: Entry<A>): void {
    entry.isVisited = false
    this.#kept.delete(entry.key)
    this.#kept.set(entry.key, entry)
  }

  #shrink(): void {
    const { maxBytes, maxEntries } = this.#bounds
    while (this.bytes > maxBytes || this.size > maxEntries) {
      const oldest = this.#newcomers.values().next().value
      if (oldest === undefined) return
      this.#delete(oldest.key)
    }
  }
}
