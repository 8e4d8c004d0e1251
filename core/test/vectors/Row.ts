/** One case of a vectors file, and its outcome. */

type Outcome = "accept" | "reject"

export const levels = ["must", "should", "policy"] as const
export type Level = (typeof levels)[number]

export interface Row {
  readonly id: string
  readonly kind: string
  readonly input: Readonly<Record<string, unknown>>
  readonly expected: Outcome
  /** `must`: a deviation is a defect. `should`, `policy`: good libraries differ, so a deviation has its reason. */
  readonly level: Level
  readonly why: string
}

/** What we did with a row, and at which step. */
export interface Verdict {
  readonly outcome: Outcome
  readonly because: string
}

export type Judge = (input: Row["input"]) => Verdict | Promise<Verdict>

export const accept = (because: string): Verdict => ({ outcome: "accept", because })
export const reject = (because: string): Verdict => ({ outcome: "reject", because })

/** Every line of a file as a row. Throws, with the line's number, where one is none. */
export const readRows = (text: string): ReadonlyArray<Row> =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, index) => {
      const row: unknown = JSON.parse(line)
      if (!isRow(row)) throw new Error(`line ${index + 1} is not a row with id, kind, input, expected, level and why`)
      return row
    })

const isRow = (value: unknown): value is Row => {
  if (typeof value !== "object" || value === null) return false
  const { id, kind, input, expected, level, why } = value as Record<string, unknown>
  return (
    [id, kind, why].every((text) => typeof text === "string") &&
    typeof input === "object" &&
    input !== null &&
    (expected === "accept" || expected === "reject") &&
    levels.some((known) => known === level)
  )
}
