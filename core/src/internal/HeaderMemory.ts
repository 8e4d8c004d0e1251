/**
 * JOSE headers of tokens whose signature held, by their text. Many tokens share one: an access token's for as long as its
 * key, an ALB's within a second. Only what was signed gets in, so that nobody can fill it with headers of his own.
 */
import type { JsonObject } from "./json.ts"

const maxHeaders = 512
const maxLength = 1_024

export class HeaderMemory {
  readonly #headers = new Map<string, JsonObject>()

  get(segment: string): JsonObject | undefined {
    return this.#headers.get(segment)
  }

  add(segment: string, header: JsonObject): void {
    if (segment.length > maxLength || this.#headers.has(segment)) return
    if (this.#headers.size >= maxHeaders) this.#headers.delete(this.#headers.keys().next().value ?? "")
    this.#headers.set(segment, header)
  }
}
