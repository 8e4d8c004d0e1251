/** A NumericDate (RFC 7519 §2) → when that is, and how far from the time of judging. */

/** `undefined`: it is no time that could be shown. */
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
  const many = Math.round(Math.abs(millis) / size)
  const text = `${many} ${name}${many === 1 ? "" : "s"}`
  return millis < 0 ? `${text} earlier` : `${text} later`
}
