/**
 * A wrong configuration: every fault of it at once, each with what was expected and what to do.
 *
 * @module
 */
import * as Data from "effect/Data"

/** One thing that is wrong with the configuration. Never holds a configured secret. */
export interface Fault {
  /** The option and its variable: `albArn (COGNITO_AUTH_ALB_ARN)`. */
  readonly setting: string
  /** What is wrong, what was expected, and what to do: whole sentences. */
  readonly problem: string
}

/** Thrown at start-up, never at a request. The message lists every fault on a line of its own. */
export class ConfigurationError extends Data.TaggedError("ConfigurationError")<{
  readonly faults: ReadonlyArray<Fault>
  readonly message: string
}> {
  static of(faults: ReadonlyArray<Fault>): ConfigurationError {
    const count = faults.length === 1 ? "one fault" : `${faults.length} faults`
    const lines = faults.map((fault) => `  - ${fault.setting}: ${fault.problem}`)
    return new ConfigurationError({
      faults,
      message: [`cognito-auth cannot start: its configuration has ${count}.`, ...lines].join("\n")
    })
  }
}
