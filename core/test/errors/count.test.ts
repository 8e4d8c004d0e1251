import { count, countInWords } from "@cognito-auth/core/count"
import { expect, it } from "vitest"

it.each([
  [0, "0 faults", "0 faults"],
  [1, "1 fault", "one fault"],
  [2, "2 faults", "2 faults"],
  [1024, "1,024 faults", "1,024 faults"]
])("%d: %s, and within a sentence: %s", (number, counted, inWords) => {
  expect([count(number, "fault"), countInWords(number, "fault")]).toEqual([counted, inWords])
})
