/**
 * Keeps a flood of forged kids off the network: kids known to be unknown are remembered for a while, and look-ups of
 * new ones are rationed. Neither touches the keys that are held.
 */

/** A rotated-in key that was asked for a moment too early is found again after this. */
const rememberMillis = 30_000
const maxRemembered = 1_000
/** Look-ups at once, as after a rotation; then one every two seconds. */
const burst = 10
const refillMillis = 2_000

export interface UnknownKids {
  readonly has: (kid: string, nowMillis: number) => boolean
  readonly add: (kid: string, nowMillis: number) => void
  /** Takes one look-up from the ration; `false`: there is none now. */
  readonly mayLookUp: (nowMillis: number) => boolean
}

export const makeUnknownKids = (): UnknownKids => {
  const until = new Map<string, number>()
  let ration = burst
  let refilledAt = Number.NEGATIVE_INFINITY
  return {
    has: (kid, now) => {
      const end = until.get(kid)
      if (end === undefined) return false
      if (now < end && end - now <= rememberMillis) return true
      until.delete(kid)
      return false
    },
    add: (kid, now) => {
      // A Map keeps the order of insertion: the first is the oldest.
      if (until.size >= maxRemembered)
        for (const oldest of until.keys()) {
          until.delete(oldest)
          break
        }
      until.set(kid, now + rememberMillis)
    },
    mayLookUp: (now) => {
      const refill = Math.floor((now - refilledAt) / refillMillis)
      // A clock that was set back must not stop the refill.
      if (refill > 0 || now < refilledAt) {
        ration = Math.min(burst, ration + Math.max(refill, 1))
        refilledAt = now
      }
      if (ration === 0) return false
      ration--
      return true
    }
  }
}
