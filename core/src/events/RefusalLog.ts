/** Logs refusals with a rate limit, so that refused clients cannot fill the log. */
import type { AuthError } from "../errors/AuthError.ts"

const windowMillis = 10_000

/** Logs the first refusal of each kind immediately. Further ones within ten seconds are counted, and the count is logged with the next one. */
export const makeRefusalLog = (write: (message: string) => void): ((error: AuthError, nowMillis: number) => void) => {
  const kinds = new Map<string, { loggedAt: number; suppressed: number }>()
  return (error, nowMillis) => {
    const kind = kinds.get(error._tag)
    if (kind !== undefined && Math.abs(nowMillis - kind.loggedAt) < windowMillis) {
      kind.suppressed++
      return
    }
    const more = kind !== undefined && kind.suppressed > 0 ? ` (and ${kind.suppressed} more since the last such line)` : ""
    kinds.set(error._tag, { loggedAt: nowMillis, suppressed: 0 })
    write(`cognito-auth: ${error._tag}: ${error.message}${more}`)
  }
}
