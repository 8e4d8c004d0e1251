/**
 * Reports every decision once, to the app or to the log. An event per decision would be added here.
 *
 * @module
 */
import type { AuthError } from "../errors/AuthError.ts"
import { makeRefusalLog } from "./RefusalLog.ts"

/** The observers of decisions. */
export interface ObserveOptions {
  /**
   * Called with every refusal and its evidence, which never contains a token or a claim. Default: logs the first refusal of each
   * kind, and then at most one line per kind every ten seconds, with a count.
   */
  readonly onRefusal?: ((error: AuthError) => void) | undefined
}

/** The reported part of a decision: its outcome and, unless it admits the request, the reason. */
type Decided = { readonly _tag: "Admit" } | { readonly _tag: "Redirect" | "Refuse"; readonly error: AuthError }

/** Reports a decision. It never throws, and is not awaited. */
export type Observe = (decision: Decided) => void

/** Compiles the options. `warn` writes a line to the log. */
export const makeObserve = (options: ObserveOptions, warn: (message: string) => void, nowMillis: () => number): Observe => {
  const log = makeRefusalLog(warn)
  const onRefusal = options.onRefusal ?? ((error: AuthError) => log(error, nowMillis()))
  return (decision) => {
    if (decision._tag === "Admit") return
    const { error } = decision
    // Third-party code: an exception or rejection must neither delay the response nor end the process.
    void (async () => onRefusal(error))().catch(() => warn("cognito-auth: the option onRefusal threw."))
  }
}
