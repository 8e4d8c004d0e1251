/** Detects a common mistake: a function that creates a guard is passed to the framework as if it were the guard. */
import { ConfigurationError } from "./errors/ConfigurationError.ts"

/**
 * Throws `ConfigurationError` if a framework has called `name` with a request, because the app passed it on without calling it.
 * `call` shows the correct code.
 */
export const requireCalled = (given: unknown, name: string, call: string): void => {
  // The requests of all frameworks have headers; options do not. (A Lambda event may have only multiValueHeaders.)
  if (typeof given !== "object" || given === null || !("headers" in given || "multiValueHeaders" in given)) return
  throw ConfigurationError.of([{ setting: name, problem: `was passed on without being called. Call it: ${call}` }])
}

/** Throws `ConfigurationError` if the handler of `name` is not a function: every request would fail. */
export const requireHandler = (handler: unknown, name: string, call: string): void => {
  if (typeof handler === "function") return
  throw ConfigurationError.of([{ setting: name, problem: `expected a handler function: ${call}` }])
}
