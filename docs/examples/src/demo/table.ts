/** The walk-through as a table for a terminal of 80 columns. */
import type { Outcome } from "../walkThrough.ts"

const ways: ReadonlyArray<readonly [way: Outcome["way"], title: string]> = [
  ["through", "Through the load balancer, as a browser goes:"],
  ["past", "Directly to the app, as an attacker in the network would:"]
]

export const table = (outcomes: ReadonlyArray<Outcome>): string =>
  [
    ...ways.flatMap(([way, title]) => ["", title, ...outcomes.filter((each) => each.way === way).flatMap(rowOf)]),
    "",
    "401: tokens missing or not valid. 403: signed in, but not allowed.",
    "503: an outage: nobody is admitted, and nobody is signed out.",
    "",
    summaryOf(outcomes)
  ].join("\n")

const rowOf = (outcome: Outcome): ReadonlyArray<string> => {
  const { sent, path, received, expected } = outcome
  const row = `  ${isAsExpected(outcome) ? "ok  " : "FAIL"}  ${sent.padEnd(31)}  ${path.padEnd(9)}  ${received}`
  return isAsExpected(outcome) ? [row] : [row, `        expected: ${expected}`]
}

export const isAsExpected = ({ received, expected }: Outcome): boolean => received === expected

const summaryOf = (outcomes: ReadonlyArray<Outcome>): string => {
  const failed = outcomes.filter((outcome) => !isAsExpected(outcome)).length
  return failed === 0
    ? `All ${outcomes.length} responses are as expected.`
    : `${failed} of ${outcomes.length} RESPONSES ARE NOT AS EXPECTED.`
}
