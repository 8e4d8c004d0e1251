/** What a step came to, in a form that tests can compare. */
import * as Result from "effect/Result"

/** The failure; throws where the step succeeded. */
export const failureOf = <E>(result: Result.Result<unknown, E>): E => {
  if (Result.isFailure(result)) return result.failure
  throw new Error("expected a failure, and it succeeded")
}

/** The value; throws the failure where there is one. */
export const successOf = <A>(result: Result.Result<A, unknown>): A => {
  if (Result.isSuccess(result)) return result.success
  throw new Error(`expected a success, and it failed: ${JSON.stringify(result.failure)}`)
}

/** `"ok"`, or the failure's name. */
export const tagOf = (result: Result.Result<unknown, { readonly _tag: string }>): string =>
  Result.isSuccess(result) ? "ok" : result.failure._tag
