/** Several guards → one decision: each must admit, and the last one's decision counts. */
import type { AdapterRuntime, AuthRequest, Decision, Route } from "@cognito-auth/core"

export const decideAll = (
  runtime: AdapterRuntime,
  source: object,
  request: AuthRequest,
  [first, ...rest]: readonly [Route, ...ReadonlyArray<Route>],
  done: (decision: Decision) => void
): void => {
  const [next, ...others] = rest
  if (next === undefined) {
    runtime.decide(source, request, first, done)
    return
  }
  runtime.decide(source, request, first, (decision) => {
    if (decision._tag !== "Admit") return done(decision)
    decideAll(runtime, source, request, [next, ...others], done)
  })
}
