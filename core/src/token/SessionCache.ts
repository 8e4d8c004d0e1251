/**
 * Sessions whose tokens were verified a moment ago, found by the whole text of both, within a bound in bytes and in entries.
 *
 * A session is an access token, with the few load balancer's tokens that came with it last: those are signed anew all the
 * time, and push out each other only.
 *
 * Two generations keep a scan from pushing out who is really there: a session enters on probation, and is kept for good
 * only once it comes again. A million visitors who come once push out each other, not the ones who stay.
 */

export interface CacheBounds {
  readonly maxBytes: number
  readonly maxEntries: number
}

/** What is known of a verified token. */
interface Verified {
  readonly text: string
  /** Milliseconds since 1970 when its signature was verified. */
  readonly verifiedAt: number
}

interface Pair<P> {
  readonly value: P
  previous: Pair<P> | undefined
}

export interface Session<S, P> {
  readonly hash: number
  readonly value: S
  latest: Pair<P>
  bytes: number
  /** Asked for since it last stood at the head of the queue for eviction. */
  isVisited: boolean
  queue: Queue<S, P> | undefined
  older: Session<S, P> | undefined
  newer: Session<S, P> | undefined
}

/** Short beside the age of keys. What is remembered does not outlive its token either: expiry is checked of every request. */
const rememberMillis = 300_000

/** Of a clock that was set back, nobody knows how long ago a token was verified. */
const isRecent = ({ verifiedAt }: Verified, nowMillis: number): boolean =>
  verifiedAt <= nowMillis && nowMillis < verifiedAt + rememberMillis

/** A browser's requests reach the load balancer's nodes in turn, and each node signs for itself. */
const maxPairs = 4

/** The share of the bounds that is for those who came again. */
const keptShare = 0.8

/** What a token takes beside the text: its claims as objects, about as much again, and the records around them. */
const bytesOf = ({ text }: Verified): number => 2 * text.length + 1_024

/**
 * Of some characters of the signature, which tell tokens apart. It is no proof: the whole text is compared on a hit, and of
 * two texts that share a hash the later one is remembered.
 */
const hashOf = (text: string): number => {
  let hash = 0
  for (let at = text.length - 12; at < text.length - 2; at++) hash = (hash * 33 + text.charCodeAt(at)) | 0
  return hash & 0x3fffffff
}

/**
 * Entries, the oldest first. A Map has that order too, but whoever asks it for the first entry walks past all that were
 * deleted before: of ten thousand entries, that took longer than all the rest of remembering one.
 */
class Queue<S, P> {
  oldest: Session<S, P> | undefined
  #newest: Session<S, P> | undefined
  size = 0
  bytes = 0

  add(entry: Session<S, P>): void {
    entry.queue = this
    entry.older = this.#newest
    if (this.#newest === undefined) this.oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
    this.size++
    this.bytes += entry.bytes
  }

  remove(entry: Session<S, P>): void {
    if (entry.older === undefined) this.oldest = entry.newer
    else entry.older.newer = entry.newer
    if (entry.newer === undefined) this.#newest = entry.older
    else entry.newer.older = entry.older
    entry.queue = entry.older = entry.newer = undefined
    this.size--
    this.bytes -= entry.bytes
  }
}

/** `S` is what is known of the access token, `P` of a load balancer's token beside it. */
export class SessionCache<S extends Verified, P extends Verified> {
  readonly #bounds: CacheBounds
  readonly #entries = new Map<number, Session<S, P>>()
  readonly #newcomers = new Queue<S, P>()
  readonly #kept = new Queue<S, P>()

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  /** What is known of the access token of this text. */
  get(text: string, nowMillis: number): Session<S, P> | undefined {
    const entry = this.#entries.get(hashOf(text))
    if (entry === undefined || entry.value.text !== text) return undefined
    if (!isRecent(entry.value, nowMillis)) {
      this.#delete(entry)
      return undefined
    }
    if (entry.queue === this.#kept) entry.isVisited = true
    else this.#keep(entry)
    return entry
  }

  /** What is known of the load balancer's token of this text, beside that access token. */
  getBeside({ latest }: Session<S, P>, text: string, nowMillis: number): P | undefined {
    for (let pair: Pair<P> | undefined = latest; pair !== undefined; pair = pair.previous) {
      if (pair.value.text === text) return isRecent(pair.value, nowMillis) ? pair.value : undefined
    }
    return undefined
  }

  /** Remembers two tokens that have been verified. */
  add(value: S, beside: P): void {
    const hash = hashOf(value.text)
    const before = this.#entries.get(hash)
    if (before !== undefined) this.#delete(before)
    const bytes = bytesOf(value) + bytesOf(beside)
    if (bytes > this.#bounds.maxBytes * (1 - keptShare)) return
    const latest = { value: beside, previous: undefined }
    const entry = { hash, value, latest, bytes, isVisited: false, queue: undefined, older: undefined, newer: undefined }
    this.#entries.set(hash, entry)
    this.#newcomers.add(entry)
    this.#makeRoom()
  }

  /** Remembers another of the load balancer's tokens beside an access token, and forgets the oldest of too many. */
  addBeside(entry: Session<S, P>, beside: P): void {
    entry.latest = { value: beside, previous: entry.latest }
    let bytes = bytesOf(entry.value)
    let count = 0
    for (let pair: Pair<P> | undefined = entry.latest; pair !== undefined; pair = pair.previous) {
      bytes += bytesOf(pair.value)
      if (++count === maxPairs) pair.previous = undefined
    }
    const { queue } = entry
    if (queue !== undefined) queue.bytes += bytes - entry.bytes
    entry.bytes = bytes
    this.#makeRoom()
  }

  /** Of those who came again, and of all. */
  #makeRoom(): void {
    const { maxBytes, maxEntries } = this.#bounds
    const kept = this.#kept
    while (kept.oldest !== undefined && (kept.bytes > maxBytes * keptShare || kept.size > maxEntries * keptShare)) {
      if (kept.oldest.isVisited) this.#spare(kept.oldest)
      else this.#delete(kept.oldest)
    }
    const newcomers = this.#newcomers
    while (newcomers.oldest !== undefined && (kept.bytes + newcomers.bytes > maxBytes || this.#entries.size > maxEntries)) {
      this.#delete(newcomers.oldest)
    }
  }

  #delete(entry: Session<S, P>): void {
    this.#entries.delete(entry.hash)
    entry.queue?.remove(entry)
  }

  #keep(entry: Session<S, P>): void {
    this.#newcomers.remove(entry)
    this.#kept.add(entry)
    this.#makeRoom()
  }

  /** A second chance: to the end of the queue, which costs a hit nothing but a flag. */
  #spare(entry: Session<S, P>): void {
    entry.isVisited = false
    this.#kept.remove(entry)
    this.#kept.add(entry)
  }
}
