/**
 * Keeps a flood of forged kids off the network: a negative cache of kids, and a rate limit (token bucket) for look-ups of new
 * kids. Neither affects cached keys.
 */

/** TTL of an entry. A new key that was requested just before it was published is found after this time. */
const ttlMillis = 30_000
const maxEntries = 1_000
/** Size of the bucket: look-ups in a burst, as after a rotation. After that, one every two seconds. */
const burst = 10
const refillMillis = 2_000

export interface UnknownKids {
  readonly has: (kid: string, nowMillis: number) => boolean
  readonly add: (kid: string, nowMillis: number) => void
  /** Takes one permit for a look-up; `false`: the rate limit is reached. */
  readonly mayLookUp: (nowMillis: number) => boolean
}

export const makeUnknownKids = (): UnknownKids => {
  const until = new Map<string, number>()
  let permits = burst
  let refilledAt = Number.NEGATIVE_INFINITY
  return {
    has: (kid, now) => {
      const end = until.get(kid)
      if (end === undefined) return false
      if (now < end && end - now <= ttlMillis) return true
      until.delete(kid)
      return false
    },
    add: (kid, now) => {
      // A Map keeps the order of insertion: the first is the oldest.
      if (until.size >= maxEntries)
        for (const oldest of until.keys()) {
          until.delete(oldest)
          break
        }
      until.set(kid, now + ttlMillis)
    },
    mayLookUp: (now) => {
      const refill = Math.floor((now - refilledAt) / refillMillis)
      // A clock that was set back must not stop the refill.
      if (refill > 0 || now < refilledAt) {
        permits = Math.min(burst, permits + Math.max(refill, 1))
        refilledAt = now
      }
      if (permits === 0) return false
      permits--
      return true
    }
  }
}
