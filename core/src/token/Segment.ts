/**
 * A segment of a segmented LRU: a queue of entries as a doubly linked list, and their bytes.
 *
 * A Map keeps its entries in order too, but finding its first one walks past all that were deleted before. Two Maps that
 * rotate take as long, but evict half of the entries at once: a cache that is 60 % in use then misses a fifth of its requests,
 * where this one misses none (docs/performance-tried.md).
 */

/** An entry has its own links, so that it is found and removed without a search. It is in one segment at most. */
export interface Entry<E extends Entry<E>> {
  bytes: number
  segment: Segment<E> | undefined
  older: E | undefined
  newer: E | undefined
}

export class Segment<E extends Entry<E>> {
  #oldest: E | undefined
  #newest: E | undefined
  #size = 0
  #bytes = 0

  get oldest(): E | undefined {
    return this.#oldest
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds an entry as the newest. It leaves the segment that it was in. */
  push(entry: E): void {
    entry.segment?.remove(entry)
    entry.segment = this
    entry.older = this.#newest
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
    this.#size++
    this.#bytes += entry.bytes
  }

  /** Of an entry that is in this segment. */
  remove(entry: E): void {
    if (entry.older === undefined) this.#oldest = entry.newer
    else entry.older.newer = entry.newer
    if (entry.newer === undefined) this.#newest = entry.older
    else entry.newer.older = entry.older
    entry.segment = entry.older = entry.newer = undefined
    this.#size--
    this.#bytes -= entry.bytes
  }

  /** Of an entry that is in this segment: it takes more bytes, or fewer. */
  resize(entry: E, bytes: number): void {
    this.#bytes += bytes - entry.bytes
    entry.bytes = bytes
  }
}
