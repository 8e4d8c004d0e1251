/**
 * A cache of JOSE headers, by their segment: a memo of a pure function. Many tokens share a header: those that Cognito signs
 * with one key, and those that an ALB signs within a second. Only headers of tokens whose signature was verified are cached,
 * so nobody can fill it with headers of their own.
 *
 * It saves reading the header: without it, a request whose tokens are both new takes 3 % longer (docs/performance-tried.md).
 */
import type { JsonObject } from "./JsonObject.ts"

const maxHeaders = 512
const maxLength = 1_024

/**
 * The end of the segment, where the ALB's headers differ. It finds the entry; the whole segment is compared. V8 hashes every
 * character of a key: with the whole segment for a key, a hit costs more than it saves.
 */
const keyOf = (segment: string): string => segment.slice(-16)

interface Entry {
  readonly segment: string
  readonly header: JsonObject
}

export class JoseHeaderCache {
  readonly #entries = new Map<string, Entry>()

  get(segment: string): JsonObject | undefined {
    const entry = this.#entries.get(keyOf(segment))
    return entry?.segment === segment ? entry.header : undefined
  }

  add(segment: string, header: JsonObject): void {
    if (segment.length > maxLength || this.get(segment) !== undefined) return
    // A copy: a slice would keep the whole token in memory.
    const copy = Buffer.from(segment, "latin1").toString("latin1")
    // All are evicted at once: the few that are in use are soon cached again.
    if (this.#entries.size >= maxHeaders) this.#entries.clear()
    this.#entries.set(keyOf(copy), { segment: copy, header })
  }
}
