/**
 * A wrong configuration: every fault of it at once, each with what was expected and what to do.
 *
 * @module
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { countInWords } from "./count.ts"

/** One thing that is wrong with the configuration. Never holds a configured secret. */
export interface Fault {
  /** The option and its variable: `albArn (COGNITO_AUTH_ALB_ARN)`. */
  readonly setting: string
  /** What is wrong, what was expected, and what to do: whole sentences. */
  readonly problem: string
}

/** Adds a fault. It returns `undefined`: the value of a setting that is wrong. */
export type AddFault = (setting: string, problem: string) => undefined

/** Collects the faults of a configuration, so that all of them are reported at once. */
export class Faults {
  readonly #found: Array<Fault> = []

  readonly add: AddFault = (setting, problem) => {
    this.#found.push({ setting, problem })
    return undefined
  }

  /** The value of a part that was read; `undefined` after its faults have been added. */
  take<A>(part: Result.Result<A, ReadonlyArray<Fault>>): A | undefined {
    if (Result.isSuccess(part)) return part.success
    this.#found.push(...part.failure)
    return undefined
  }

  /** The same of a part that throws a `ConfigurationError`. */
  attempt<A>(read: () => A): A | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      this.#found.push(...error.faults)
      return undefined
    }
  }

  get all(): ReadonlyArray<Fault> {
    return this.#found
  }

  get isEmpty(): boolean {
    return this.#found.length === 0
  }

  /** The value, unless there is a fault. */
  resultOf<A>(value: A): Result.Result<A, ReadonlyArray<Fault>> {
    return this.isEmpty ? Result.succeed(value) : Result.fail(this.#found)
  }

  /** Throws `ConfigurationError` if there is a fault. */
  throwIfAny(): void {
    if (!this.isEmpty) throw ConfigurationError.of(this.#found).calledAt(this.throwIfAny)
  }
}

/**
 * Thrown at start-up, never at a request. The message lists every fault on a line of its own. Printed, uncaught or logged,
 * it is the message once, and the stack frames of the app alone.
 */
export class ConfigurationError extends Data.TaggedError("ConfigurationError")<{
  readonly faults: ReadonlyArray<Fault>
  readonly message: string
}> {
  static of(faults: ReadonlyArray<Fault>): ConfigurationError {
    const lines = faults.map((fault) => `  - ${fault.setting}: ${fault.problem}`)
    const error = new ConfigurationError({
      faults,
      message: [`cognito-auth cannot start: its configuration has ${countInWords(faults.length, "fault")}.`, ...lines].join("\n")
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
