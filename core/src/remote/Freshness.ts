/** How old a fetched thing may be, in the terms of RFC 5861: fresh, stale, usable only while its source is down, or expired. */

export interface Ages {
  readonly maxAgeMillis: number
  readonly staleIfErrorMillis: number
}

/** After a failure, the source is asked again no more often than this. */
const retryMillis = 5_000

/**
 * - `fresh`: use it.
 * - `refresh`: use it, and ask the source in the background.
 * - `stale`: ask the source first. Use it only where that fails and `at` then says `fresh`.
 * - `refused`: do not use it. The source answered a moment ago that it does not have it, so do not ask yet.
 * - `expired`: do not use it: it is past even stale-if-error.
 */
export type State = "fresh" | "refresh" | "stale" | "refused" | "expired"

const never = Number.NEGATIVE_INFINITY

/** When a thing was last fetched, and last asked for in vain. Times are in milliseconds. */
export class Freshness {
  readonly #ages: Ages
  /** Since when its age is counted. A clock that shows an earlier time was set back. */
  #since = never
  /** From when on it is stale. */
  #staleAt = never
  #failedAt = never
  /** Whether the last failure was an outage, which is what stale-if-error is for. */
  #isOutage = false

  constructor(ages: Ages) {
    this.#ages = ages
  }

  fetched(nowMillis: number): void {
    this.#since = nowMillis
    this.#staleAt = nowMillis + this.#ages.maxAgeMillis
    this.#failedAt = never
  }

  /** It was fetched at a time that nobody knows: it is stale from now on, and the source is asked first. */
  fetchedBefore(nowMillis: number): void {
    this.#since = nowMillis
    this.#staleAt = nowMillis
    this.#failedAt = never
  }

  /** `isOutage`: the source did not answer or failed (RFC 5861 §4). Anything else does not let a stale thing be used. */
  failed(nowMillis: number, isOutage: boolean): void {
    if (nowMillis < this.#since) this.fetchedBefore(nowMillis)
    this.#failedAt = nowMillis
    this.#isOutage = isOutage
  }

  /** Whether the last attempt, if it failed, is long enough ago. */
  mayAsk(nowMillis: number): boolean {
    return nowMillis - this.#failedAt >= retryMillis || nowMillis < this.#failedAt
  }

  at(nowMillis: number): State {
    // The clock was ahead when it was fetched, and nobody knows by how much: a negative age is no age.
    if (nowMillis < this.#since) this.fetchedBefore(nowMillis)
    if (nowMillis < this.#staleAt) {
      const isHalfway = nowMillis - this.#since >= this.#ages.maxAgeMillis / 2
      return isHalfway && this.mayAsk(nowMillis) ? "refresh" : "fresh"
    }
    if (nowMillis > this.#staleAt + this.#ages.staleIfErrorMillis) return "expired"
    if (this.#failedAt === never) return "stale"
    if (!this.#isOutage) return this.mayAsk(nowMillis) ? "stale" : "refused"
    // A source that is known to be down is asked in the background, so that nobody waits for its time-out.
    return this.mayAsk(nowMillis) ? "refresh" : "fresh"
  }
}
