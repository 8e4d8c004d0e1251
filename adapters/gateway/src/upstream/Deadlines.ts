/**
 * Time limits of many exchanges, checked by one periodic timer: a timer for each exchange, and each phase of it, costs more.
 *
 * @module
 */

/** An exchange that must not stall. */
export interface Watched {
  /** The time of its last progress, by `performance.now()`. */
  readonly movedAt: number
  /** Its index in the watched list: used by `Deadlines` alone. */
  place: number | undefined
  /** Called when it has stalled for too long. It is not watched any more. */
  readonly expire: () => void
}

/** Limits are accurate to an eighth. */
const sweepsPerLimit = 8
const longestSweepMillis = 1_000

export class Deadlines {
  readonly #limitMillis: number
  /**
   * Not a Set: V8 leaves each table that a Set has outgrown pointing to the next one, so a table in the old generation retains
   * entries that were removed long ago until a full garbage collection. That was an eighth of a small request's cost (npm run bench:gateway).
   */
  readonly #watched: Array<Watched> = []
  #timer: NodeJS.Timeout | undefined

  constructor(limitMillis: number) {
    this.#limitMillis = limitMillis
  }

  /** May be called several times. */
  add(watched: Watched): void {
    if (watched.place !== undefined) return
    watched.place = this.#watched.push(watched) - 1
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#sweep(), Math.min(this.#limitMillis / sweepsPerLimit, longestSweepMillis))
    this.#timer.unref()
  }

  delete(watched: Watched): void {
    const { place } = watched
    if (place === undefined) return
    watched.place = undefined
    // The last one takes its place.
    const last = this.#watched.pop()
    if (last === undefined || last === watched) return
    last.place = place
    this.#watched[place] = last
  }

  /** Ends the timer. */
  clear(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const watched of this.#watched) watched.place = undefined
    this.#watched.length = 0
  }

  #sweep(): void {
    const longAgo = performance.now() - this.#limitMillis
    for (const watched of this.#watched.filter(({ movedAt }) => movedAt <= longAgo)) {
      // An earlier one's callback may have ended it.
      if (watched.place === undefined) continue
      this.delete(watched)
      watched.expire()
    }
    // Nothing to watch, no timer.
    if (this.#watched.length === 0) this.clear()
  }
}
