/**
 * A cache of JOSE headers, by their segment: a memo of a pure function. Many tokens share a header: those that Cognito signs
 * with one key, and those that an ALB signs within a second. Only headers of tokens whose signature was verified are cached,
 * so nobody can fill it with headers of their own.
 *
 * It saves reading the header: 3 % of a request whose tokens are both new (docs/performance-tried.md).
 */
import type { JsonObject } from "./JsonObject.ts"

const maxHeaders = 512
const maxLength = 1_024

export class JoseHeaderCache {
  readonly #headers = new Map<string, JsonObject>()

  get(segment: string): JsonObject | undefined {
    return this.#headers.get(segment)
  }

  add(segment: string, header: JsonObject): void {
    if (segment.length > maxLength || this.#headers.has(segment)) return
    // All are evicted at once: soon the few that are in use are cached again.
    if (this.#headers.size >= maxHeaders) this.#headers.clear()
    // A copy: a slice would keep the whole token in memory.
    this.#headers.set(Buffer.from(segment, "latin1").toString("latin1"), header)
  }
}
