/** How old a fetched value may be, in the terms of RFC 5861: fresh, stale, stale-if-error, or expired. */

export interface Ages {
  readonly maxAgeMillis: number
  readonly staleIfErrorMillis: number
}

/** Minimum time between a failure and the next attempt. */
export const retryMillis = 5_000

/**
 * - `fresh`: use it.
 * - `refresh`: use it, and fetch it again in the background.
 * - `stale`: fetch it again first. If that fails, use it only if `at` then returns `fresh`.
 * - `refused`: do not use it. The source recently responded that it does not have it, so do not fetch it yet.
 * - `expired`: do not use it: it is older than stale-if-error allows.
 */
export type State = "fresh" | "refresh" | "stale" | "refused" | "expired"

const never = Number.NEGATIVE_INFINITY

/** When a value was last fetched, and when fetching it last failed. Times are in milliseconds. */
export class Freshness {
  readonly #ages: Ages
  /** The start of its age. If the clock shows an earlier time, it was set back. */
  #since = never
  /** When it becomes stale. */
  #staleAt = never
  #failedAt = never
  /** Whether the last failure was an outage: stale-if-error covers only outages. */
  #isOutage = false

  constructor(ages: Ages) {
    this.#ages = ages
  }

  fetched(nowMillis: number): void {
    this.#since = nowMillis
    this.#staleAt = nowMillis + this.#ages.maxAgeMillis
    this.#failedAt = never
  }

  /** It was fetched at an unknown time: it is stale from now on, so the source is asked first. */
  fetchedBefore(nowMillis: number): void {
    this.#since = nowMillis
    this.#staleAt = nowMillis
    this.#failedAt = never
  }

  /** `isOutage`: the source did not respond, or failed (RFC 5861 §4). After any other failure a stale value is not used. */
  failed(nowMillis: number, isOutage: boolean): void {
    if (nowMillis < this.#since) this.fetchedBefore(nowMillis)
    this.#failedAt = nowMillis
    this.#isOutage = isOutage
  }

  /** Whether another attempt is allowed: the last one did not fail, or failed long enough ago. */
  mayAsk(nowMillis: number): boolean {
    return nowMillis - this.#failedAt >= retryMillis || nowMillis < this.#failedAt
  }

  /** Whether a request that needs it would get it, as far as is known: a stale one unless the source has said that it does not have it. */
  isUsableAt(nowMillis: number): boolean {
    const state = this.at(nowMillis)
    return state === "fresh" || state === "refresh" || (state === "stale" && this.#failedAt === never)
  }

  /** How long ago it was fetched, in milliseconds; `undefined`: it is not known when. */
  ageAt(nowMillis: number): number | undefined {
    return this.#since === never ? undefined : Math.max(0, nowMillis - this.#since)
  }

  at(nowMillis: number): State {
    // The clock was ahead when the value was fetched, by an unknown amount, so its age is unknown.
    if (nowMillis < this.#since) this.fetchedBefore(nowMillis)
    if (nowMillis < this.#staleAt) {
      const isHalfway = nowMillis - this.#since >= this.#ages.maxAgeMillis / 2
      return isHalfway && this.mayAsk(nowMillis) ? "refresh" : "fresh"
    }
    if (nowMillis > this.#staleAt + this.#ages.staleIfErrorMillis) return "expired"
    if (this.#failedAt === never) return "stale"
    if (!this.#isOutage) return this.mayAsk(nowMillis) ? "stale" : "refused"
    // A source that is known to be down is asked in the background, so that no request waits for its timeout.
    return this.mayAsk(nowMillis) ? "refresh" : "fresh"
  }
}
