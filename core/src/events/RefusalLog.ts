/** Says why requests are refused without letting whoever is refused fill the log. */
import type { AuthError } from "../errors/AuthError.ts"

const windowMillis = 10_000

/** Logs the first refusal of a kind at once; its like within ten seconds are counted, and said with the next one. */
export const makeRefusalLog = (write: (message: string) => void): ((error: AuthError, nowMillis: number) => void) => {
  const kinds = new Map<string, { loggedAt: number; unsaid: number }>()
  return (error, nowMillis) => {
    const kind = kinds.get(error._tag)
    if (kind !== undefined && Math.abs(nowMillis - kind.loggedAt) < windowMillis) {
      kind.unsaid++
      return
    }
    const more = kind !== undefined && kind.unsaid > 0 ? ` (and ${kind.unsaid} more since the last such line)` : ""
    kinds.set(error._tag, { loggedAt: nowMillis, unsaid: 0 })
    write(`cognito-auth: ${error._tag}: ${error.message}${more}`)
  }
}
