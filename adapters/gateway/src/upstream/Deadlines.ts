/**
 * Time limits of many exchanges, by one timer that sweeps: setting a timer for each, and each phase of it, costs more than that.
 *
 * @module
 */

/** Something that must not stand still. */
export interface Watched {
  /** When it last moved, by `performance.now()`. */
  readonly movedAt: number
  /** It has stood still for too long. It is not watched any more. */
  readonly expire: () => void
}

/** A limit is kept to within an eighth of it. */
const sweepsPerLimit = 8
const longestSweepMillis = 1_000

export class Deadlines {
  readonly #limitMillis: number
  readonly #watched = new Set<Watched>()
  #timer: NodeJS.Timeout | undefined

  constructor(limitMillis: number) {
    this.#limitMillis = limitMillis
  }

  add(watched: Watched): void {
    this.#watched.add(watched)
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#sweep(), Math.min(this.#limitMillis / sweepsPerLimit, longestSweepMillis))
    this.#timer.unref()
  }

  delete(watched: Watched): void {
    this.#watched.delete(watched)
  }

  /** Ends the timer. */
  clear(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#watched.clear()
  }

  #sweep(): void {
    const longAgo = performance.now() - this.#limitMillis
    for (const watched of this.#watched) {
      if (watched.movedAt > longAgo) continue
      this.#watched.delete(watched)
      watched.expire()
    }
    // Nothing to watch, no timer.
    if (this.#watched.size === 0) this.clear()
  }
}
