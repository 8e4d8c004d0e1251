/**
 * An invalid configuration: all of its faults at once, each with what was expected and what to do.
 *
 * @module
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { countInWords } from "./count.ts"

/** One fault of the configuration. Never contains a configured secret. */
export interface Fault {
  /** The option and its variable: `albArn (COGNITO_AUTH_ALB_ARN)`. */
  readonly setting: string
  /** What is wrong, what was expected, and what to do, in whole sentences. */
  readonly problem: string
}

/** Adds a fault. Returns `undefined`, which is the value of an invalid setting. */
export type AddFault = (setting: string, problem: string) => undefined

/** Collects the faults of a configuration, so that all of them are reported at once. */
export class Faults {
  readonly #found: Array<Fault> = []

  readonly add: AddFault = (setting, problem) => {
    this.#found.push({ setting, problem })
    return undefined
  }

  /** The value of a result; if it failed, adds its faults and returns `undefined`. */
  take<A>(part: Result.Result<A, ReadonlyArray<Fault>>): A | undefined {
    if (Result.isSuccess(part)) return part.success
    this.#found.push(...part.failure)
    return undefined
  }

  /** The value of a function that may throw a `ConfigurationError`; if it does, adds the faults and returns `undefined`. */
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
 * Thrown at start-up, never during a request. The message lists each fault on a separate line. When it is printed, uncaught or
 * logged, the message appears once, with only the app's own stack frames.
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
    // Node prints the enumerable properties of an uncaught error after its message. Here they would repeat the faults.
    for (const name of ["faults", "message", "_tag"]) Object.defineProperty(error, name, { enumerable: false })
    return error.calledAt(ConfigurationError.of)
  }

  /** Makes the stack trace start where the app called `entry`. */
  calledAt(entry: (...args: never) => unknown): this {
    // V8 only; other engines may not have it.
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

/** A frame of Node or of an installed package such as Effect, which the app's author cannot fix. */
const isForeignFrame = (line: string): boolean => /^\s+at .*(?:node:|[\\/]node_modules[\\/])/.test(line)
