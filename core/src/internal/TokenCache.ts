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
  queue: Queue<A> | undefined
  older: Entry<A> | undefined
  newer: Entry<A> | undefined
}

/** Short beside the age of keys. An entry does not outlive its token either: expiry is checked of every request. */
const rememberMillis = 300_000

/** The share of the bounds that is for those who came again. */
const keptShare = 0.8

/** What an entry takes beside the text: its claims as objects, about as much again, and the records around them. */
const bytesOf = (text: string): number => 2 * text.length + 1_024

/**
 * The end of a signature tells tokens apart, and hashes in no time. It is no proof: the whole text is compared on a hit.
 */
const keyOf = (text: string): string => text.slice(-24)

/**
 * Entries, the oldest first. A Map has that order too, but whoever asks it for the first entry walks past all that were
 * deleted before: of ten thousand entries, that took longer than all the rest of remembering one.
 */
class Queue<A> {
  oldest: Entry<A> | undefined
  #newest: Entry<A> | undefined
  size = 0
  bytes = 0

  add(entry: Entry<A>): void {
    entry.queue = this
    entry.older = this.#newest
    if (this.#newest === undefined) this.oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
    this.size++
    this.bytes += bytesOf(entry.text)
  }

  remove(entry: Entry<A>): void {
    if (entry.older === undefined) this.oldest = entry.newer
    else entry.older.newer = entry.newer
    if (entry.newer === undefined) this.#newest = entry.older
    else entry.newer.older = entry.older
    entry.queue = entry.older = entry.newer = undefined
    this.size--
    this.bytes -= bytesOf(entry.text)
  }
}

export class TokenCache<A> {
  readonly #bounds: CacheBounds
  readonly #entries = new Map<string, Entry<A>>()
  readonly #newcomers = new Queue<A>()
  readonly #kept = new Queue<A>()

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  get(text: string, nowMillis: number): A | undefined {
    const entry = this.#entries.get(keyOf(text))
    if (entry === undefined || entry.text !== text) return undefined
    // Of a clock that was set back nobody knows how long ago the token was verified.
    if (nowMillis >= entry.until || nowMillis < entry.until - rememberMillis) {
      this.#delete(entry)
      return undefined
    }
    if (entry.queue === this.#kept) entry.isVisited = true
    else this.#keep(entry)
    return entry.value
  }

  /** Remembers what has been verified now. */
  set(text: string, value: A, nowMillis: number): void {
    const key = keyOf(text)
    const before = this.#entries.get(key)
    if (before !== undefined) this.#delete(before)
    const { maxBytes, maxEntries } = this.#bounds
    if (bytesOf(text) > maxBytes * (1 - keptShare)) return
    const entry: Entry<A> = {
      key,
      text,
      value,
      until: nowMillis + rememberMillis,
      isVisited: false,
      queue: undefined,
      older: undefined,
      newer: undefined
    }
    this.#entries.set(key, entry)
    this.#newcomers.add(entry)
    while (this.bytes > maxBytes || this.size > maxEntries) {
      const { oldest } = this.#newcomers
      if (oldest === undefined) return
      this.#delete(oldest)
    }
  }

  /** What the entries are reckoned to take. */
  get bytes(): number {
    return this.#newcomers.bytes + this.#kept.bytes
  }

  get size(): number {
    return this.#entries.size
  }

  #delete(entry: Entry<A>): void {
    this.#entries.delete(entry.key)
    entry.queue?.remove(entry)
  }

  #keep(entry: Entry<A>): void {
    this.#newcomers.remove(entry)
    this.#kept.add(entry)
    const { maxBytes, maxEntries } = this.#bounds
    while (this.#kept.bytes > maxBytes * keptShare || this.#kept.size > maxEntries * keptShare) {
      const { oldest } = this.#kept
      if (oldest === undefined) return
      if (oldest.isVisited) this.#spare(oldest)
      else this.#delete(oldest)
    }
  }

  /** A second chance: to the end of the queue, which costs a hit nothing but a flag. */
  #spare(entry: Entry<A>): void {
    entry.isVisited = false
    this.#kept.remove(entry)
    this.#kept.add(entry)
  }
}
