/** Several guards → one decision: each must admit, and the last one's holds. */
import type { AdapterRuntime, AuthRequest, Decision, Route } from "@cognito-auth/core"

export const decideAll = (
  runtime: AdapterRuntime,
  source: object,
  request: AuthRequest,
  [first, ...rest]: readonly [Route, ...ReadonlyArray<Route>],
  done: (decision: Decision) => void
): void =>
  runtime.decide(source, request, first, (decision) => {
    const [next, ...others] = rest
    if (decision._tag !== "Admit" || next === undefined) return done(decision)
    decideAll(runtime, source, request, [next, ...others], done)
  })
