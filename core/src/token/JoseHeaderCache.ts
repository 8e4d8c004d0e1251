/**
 * JOSE headers of tokens whose signature held, by their text. Many tokens share one: an access token's for as long as its
 * key, an ALB's within a second. Only what was signed gets in, so that nobody can fill it with headers of his own.
 */
import type { JsonObject } from "./JsonObject.ts"

const maxHeaders = 512
const maxLength = 1_024

/** The end of the text, where the ALB's headers differ. It finds the text; the whole of it is compared. */
const keyOf = (segment: string): string => segment.slice(-16)

/** `Read` is what its place has made of it. */
export interface KnownHeader<Read> {
  readonly segment: string
  readonly header: JsonObject
  readonly read: Read
}

export class JoseHeaderCache<Read> {
  readonly #headers = new Map<string, KnownHeader<Read>>()

  get(segment: string): KnownHeader<Read> | undefined {
    const found = this.#headers.get(keyOf(segment))
    return found?.segment === segment ? found : undefined
  }

  add(segment: string, header: JsonObject, read: Read): void {
    if (segment.length > maxLength) return
    // A copy: a slice would keep the whole token that it was cut from.
    const copy = Buffer.from(segment, "latin1").toString("latin1")
    // All at once: they are parsed anew in no time, and to let go of one after the other costs more.
    if (this.#headers.size >= maxHeaders) this.#headers.clear()
    this.#headers.set(keyOf(copy), { segment: copy, header, read })
  }
}
