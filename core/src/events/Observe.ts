/**
 * Every decision is told of here, once: to the app, or to the log. An event per decision begins here.
 *
 * @module
 */
import type { AuthError } from "../errors/AuthError.ts"
import { makeRefusalLog } from "./RefusalLog.ts"

/** Who is told of decisions. */
export interface ObserveOptions {
  /**
   * Told of every refusal, with the evidence. Default: a log line for the first of a kind, and a count of its like every
   * ten seconds; never a token or a claim.
   */
  readonly onRefusal?: ((error: AuthError) => void) | undefined
}

/** What is told of a decision: its outcome and, unless it admits, the reason. */
export type Decided = { readonly _tag: "Admit" } | { readonly _tag: "Redirect" | "Refuse"; readonly error: AuthError }

/** Tells of a decision that was made. Never throws, and nobody waits for it. */
export type Observe = (decision: Decided) => void

/** Compiles the options. `warn` writes a line to the log. */
export const makeObserve = (options: ObserveOptions, warn: (message: string) => void, nowMillis: () => number): Observe => {
  const log = makeRefusalLog(warn)
  const onRefusal = options.onRefusal ?? ((error: AuthError) => log(error, nowMillis()))
  return (decision) => {
    if (decision._tag === "Admit") return
    const { error } = decision
    // Third-party code: what it throws, or rejects with later, must not keep an answer back, nor end the process.
    void (async () => onRefusal(error))().catch(() => warn("cognito-auth: the option onRefusal threw."))
  }
}
