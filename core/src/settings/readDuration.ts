/** Reads a configured duration in milliseconds, within limits. */
import * as Duration from "effect/Duration"
import type { AddFault } from "../errors/ConfigurationError.ts"

/** A timer of 2³¹ milliseconds or more would fire immediately. */
export const longestTimerMillis = 2 ** 31 - 1

export interface DurationBounds {
  /** Default `false`. */
  readonly mayBeZero?: boolean | undefined
  /** Default: any finite duration. */
  readonly maxMillis?: number | undefined
}

/** Adds a fault if it is not a duration with a unit, or out of range. A number without a unit is ambiguous. */
export const readDuration = (setting: string, given: unknown, fault: AddFault, bounds: DurationBounds = {}): number | undefined => {
  const { mayBeZero = false, maxMillis = Number.MAX_VALUE } = bounds
  const isInput = typeof given === "string" || Duration.isDuration(given)
  const read = isInput ? Duration.fromInput(given as Duration.Input) : undefined
  const millis = read?._tag === "Some" ? Duration.toMillis(read.value) : Number.NaN
  if (millis <= maxMillis && (millis > 0 || (mayBeZero && millis === 0))) return millis
  const most = bounds.maxMillis === undefined ? "" : `, of at most ${Math.floor(bounds.maxMillis / 1000)} seconds`
  return fault(setting, `expected a duration with its unit, such as "5 seconds"${most}.`)
}
