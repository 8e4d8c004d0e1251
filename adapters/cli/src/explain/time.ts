/** Parses and formats times. */
import { count } from "@cognito-auth/core/count"

// RFC 3339 with a time zone: without one, the time would depend on the machine.
const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})$/

/** A number from here on is in milliseconds: in seconds it would be in the year 5138. */
const firstMillis = 100_000_000_000

/** A time as in common log formats → milliseconds since 1970. `undefined`: not a time. */
export const readTime = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^\d{1,16}(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof number === "number") {
    const millis = Math.trunc(number < firstMillis ? number * 1000 : number)
    return number >= 0 && isTime(millis) ? millis : undefined
  }
  if (typeof value !== "string" || !rfc3339.test(value)) return undefined
  const millis = Date.parse(value)
  return isTime(millis) ? millis : undefined
}

/** ECMA-262, "Time Values and Time Range". */
const isTime = (millis: number): boolean => Math.abs(millis) <= 8.64e15

/** A NumericDate (RFC 7519 §2) → the time, and its distance from `nowMillis`. `undefined`: not a valid time. */
export const showTime = (seconds: unknown, nowMillis: number): string | undefined => {
  if (typeof seconds !== "number" || !(Math.abs(seconds) <= 8.64e12)) return undefined
  const millis = seconds * 1000
  return `${new Date(millis).toISOString()} (${showDistance(millis - nowMillis)})`
}

const units: ReadonlyArray<readonly [millis: number, name: string]> = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"]
]

const showDistance = (millis: number): string => {
  const [size, name] = units.find(([size]) => Math.abs(millis) >= 2 * size) ?? [1_000, "second"]
  const text = count(Math.round(Math.abs(millis) / size), name)
  return millis < 0 ? `${text} earlier` : `${text} later`
}
