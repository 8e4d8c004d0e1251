/** The usual mistake with a function that makes a guard: it is handed on as if it were the guard itself. */
import { ConfigurationError } from "./errors/ConfigurationError.ts"

/**
 * Throws `ConfigurationError` where a framework has called `name` with a request: the app handed it on without calling it.
 * `call` shows how it is written.
 */
export const requireCalled = (given: unknown, name: string, call: string): void => {
  // Every framework's request has headers, and no options do. (An event of Lambda's may have multiValueHeaders alone.)
  if (typeof given !== "object" || given === null || !("headers" in given || "multiValueHeaders" in given)) return
  throw ConfigurationError.of([{ setting: name, problem: `was handed on without being called. Call it: ${call}` }])
}

/** Throws `ConfigurationError` where the handler of `name` is no function: it would fail at every request. */
export const requireHandler = (handler: unknown, name: string, call: string): void => {
  if (typeof handler === "function") return
  throw ConfigurationError.of([{ setting: name, problem: `expected a handler, a function: ${call}` }])
}
