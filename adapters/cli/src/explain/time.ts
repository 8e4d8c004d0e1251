/** Points in time, read and shown. */
import { count } from "@cognito-auth/core/count"

// RFC 3339, with its zone: a time without one would mean another moment on another machine.
const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})$/

/** From here on a number is milliseconds: as seconds it would be in the year 5138. */
const firstMillis = 100_000_000_000

/** A point in time as people and logs write it → milliseconds since 1970. `undefined`: it is no time. */
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

/** A NumericDate (RFC 7519 §2) → when that is, and how far from the time of judging. `undefined`: it is no time that could be shown. */
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
