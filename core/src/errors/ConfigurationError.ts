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

/** Notes a fault. It returns `undefined`: the value of a setting that is wrong. */
export type AddFault = (setting: string, problem: string) => undefined

/**
 * Thrown at start-up, never at a request. The message lists every fault on a line of its own. Printed, uncaught or logged,
 * it is the message once, and the stack frames of the app alone.
 */
export class ConfigurationError extends Data.TaggedError("ConfigurationError")<{
  readonly faults: ReadonlyArray<Fault>
  readonly message: string
}> {
  static of(faults: ReadonlyArray<Fault>): ConfigurationError {
    const count = faults.length === 1 ? "one fault" : `${faults.length} faults`
    const lines = faults.map((fault) => `  - ${fault.setting}: ${fault.problem}`)
    const error = new ConfigurationError({
      faults,
      message: [`cognito-auth cannot start: its configuration has ${count}.`, ...lines].join("\n")
    })
    // Node prints what is enumerable of an uncaught error behind its message: here, the same faults again.
    for (const name of ["faults", "message", "_tag"]) Object.defineProperty(error, name, { enumerable: false })
    return error.calledAt(ConfigurationError.of)
  }

  /** Makes the stack begin where the app called `entry`. */
  calledAt(entry: (...args: never) => unknown): this {
    // V8's own, which other engines may not have.
    if ("captureStackTrace" in Error) Error.captureStackTrace(this, entry)
    const frames = this.stack?.split("\n").filter((line) => !isForeignFrame(line))
    Object.defineProperty(this, "stack", { value: frames?.join("\n"), configurable: true, writable: true, enumerable: false })
    return this
  }

  override toJSON(): unknown {
    const { _tag, message, faults } = this
    return { _tag, message, faults }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.stack ?? this.message
  }
}

/** A frame of Node or of an installed package, such as Effect: nothing in it can be corrected. */
const isForeignFrame = (line: string): boolean => /^\s+at .*(?:node:|[\\/]node_modules[\\/])/.test(line)
