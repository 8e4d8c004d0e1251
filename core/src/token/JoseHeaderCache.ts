/**
 * JOSE headers of tokens whose signature held, by their segment. Many tokens share one: an access token's for as long as its
 * key, an ALB's within a second. Only what was signed is added, so that nobody can fill it with headers of their own.
 *
 * A memo of a pure function. It saves parsing: 3 % of a request with new tokens (builds with and without it, each run in turn with a third; Node 20).
 */
import type { JsonObject } from "./JsonObject.ts"

const maxHeaders = 512
const maxLength = 1_024

/** The end of the segment, where the ALB's headers differ. It finds the entry; the whole segment is compared. */
const keyOf = (segment: string): string => segment.slice(-16)

interface Entry {
  readonly segment: string
  readonly header: JsonObject
}

export class JoseHeaderCache {
  readonly #headers = new Map<string, Entry>()

  get(segment: string): JsonObject | undefined {
    const found = this.#headers.get(keyOf(segment))
    return found?.segment === segment ? found.header : undefined
  }

  add(segment: string, header: JsonObject): void {
    if (segment.length > maxLength || this.get(segment) !== undefined) return
    // A copy: a slice would keep the whole token that it was cut from.
    const copy = Buffer.from(segment, "latin1").toString("latin1")
    // All at once: they are parsed again in no time, and to evict one after the other costs more.
    if (this.#headers.size >= maxHeaders) this.#headers.clear()
    this.#headers.set(keyOf(copy), { segment: copy, header })
  }
}
