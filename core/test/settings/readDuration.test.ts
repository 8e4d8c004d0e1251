import { longestTimerMillis, readDuration } from "@cognito-auth/core/readDuration"
import * as Duration from "effect/Duration"
import fc from "fast-check"
import { expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"

const read = (given: unknown, bounds?: Parameters<typeof readDuration>[3]) => {
  const faults: Array<string> = []
  const millis = readDuration(
    "timeout",
    given,
    (setting, problem) => {
      faults.push(`${setting}: ${problem}`)
      return undefined
    },
    bounds
  )
  return { millis, faults }
}

it("∀ duration with its unit: it is read in milliseconds, as a string and as a Duration", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom("millis", "seconds", "minutes", "hours", "days"), (number, unit) => {
      const millis = Duration.toMillis(`${number} ${unit}` as Duration.Input)
      expect(read(`${number} ${unit}`)).toEqual({ millis, faults: [] })
      expect(read(Duration.millis(millis))).toEqual({ millis, faults: [] })
    }),
    { numRuns: runs(100) }
  )
})

it.each([5, "5", "", "5 parsecs", "-5 seconds", "Infinity", Duration.infinity, Number.NaN, null, undefined, {}, [5, 0], { seconds: 5 }])(
  "%s is no duration with its unit, and one fault.",
  (given) =>
    expect(read(given, { mayBeZero: true })).toEqual({
      millis: undefined,
      faults: ['timeout: expected a duration with its unit, such as "5 seconds".']
    })
)

it("A bound is within bounds, and a fault names it.", () => {
  expect(read("5 minutes", { maxMillis: 300_000 })).toEqual({ millis: 300_000, faults: [] })
  expect(read("300001 millis", { maxMillis: 300_000 }).faults).toEqual([
    'timeout: expected a duration with its unit, such as "5 seconds", of at most 300 seconds.'
  ])
  expect(read(Duration.millis(longestTimerMillis), { maxMillis: longestTimerMillis }).faults).toEqual([])
  expect(read(Duration.millis(longestTimerMillis + 1), { maxMillis: longestTimerMillis }).faults).toHaveLength(1)
})

it("Zero is a duration only where it means something.", () => {
  expect(read("0 seconds", { mayBeZero: true })).toEqual({ millis: 0, faults: [] })
  expect(read("0 seconds").faults).toHaveLength(1)
})
