/** How old a fetched thing may be: fresh, due for a refresh, usable only while its source is down, or gone. */

export interface Ages {
  readonly maxAgeMillis: number
  readonly staleIfErrorMillis: number
}

/** While the source is down, it is asked again in the background no more often than this. */
const retryMillis = 5_000

/** When a thing was last fetched, and last asked for in vain. */
export class Freshness {
  readonly #ages: Ages
  #fetchedAt = Number.NEGATIVE_INFINITY
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(ages: Ages) {
    this.#ages = ages
  }

  fetched(nowMillis: number): void {
    this.#fetchedAt = nowMillis
    this.#failedAt = Number.NEGATIVE_INFINITY
  }

  failed(nowMillis: number): void {
    this.#failedAt = nowMillis
  }

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#failedAt !== Number.NEGATIVE_INFINITY
  }

  /** Whether the last attempt, if it failed, is long enough ago. */
  mayAsk(nowMillis: number): boolean {
    return nowMillis - this.#failedAt >= retryMillis || nowMillis < this.#failedAt
  }

  /**
   * `fresh`: use it. `due`: use it, and refresh it in the background. `expired`: ask the source first, and use it only
   * if the source is down. `gone`: past even that.
   */
  at(nowMillis: number): "fresh" | "due" | "expired" | "gone" {
    const age = nowMillis - this.#fetchedAt
    if (age > this.#ages.maxAgeMillis + this.#ages.staleIfErrorMillis) return "gone"
    const mayAsk = this.mayAsk(nowMillis)
    // A source that is known to be down is asked in the background, so that nobody waits for its time-out.
    if (age >= this.#ages.maxAgeMillis) return this.isFailing ? (mayAsk ? "due" : "fresh") : "expired"
    return age >= this.#ages.maxAgeMillis / 2 && mayAsk ? "due" : "fresh"
  }
}
