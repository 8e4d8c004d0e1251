/** A rate limit for log lines of the same kind, so that refused clients cannot fill the log. */

const windowMillis = 10_000

/**
 * Whether a line of this kind is written now, and how many were not since the last one; `undefined`: it is not. The first of each kind
 * is; further ones within ten seconds are counted.
 */
export const makeRepeats = (): ((kind: string, nowMillis: number) => number | undefined) => {
  const kinds = new Map<string, { writtenAt: number; suppressed: number }>()
  return (kind, nowMillis) => {
    const last = kinds.get(kind)
    // A clock that was set back must not silence a kind for as long as it was set back.
    if (last !== undefined && Math.abs(nowMillis - last.writtenAt) < windowMillis) {
      last.suppressed++
      return undefined
    }
    kinds.set(kind, { writtenAt: nowMillis, suppressed: 0 })
    return last?.suppressed ?? 0
  }
}
