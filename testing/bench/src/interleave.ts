/**
 * Subjects → times, measured in turn: a batch of each in every round, in an order that changes.
 *
 * tinybench and mitata run one subject to its end before the next begins. On a shared machine, what they compare is then
 * two moments as much as two subjects. Here every ratio is taken within one round, a few milliseconds apart, and the
 * median of the ratios is the result. What runs at once is measured in processor time, which other processes cannot take
 * away (garbage collection on other threads counts); what waits, by the clock.
 */

/** One of those that are compared. */
export interface Subject {
  /** Gets a batch ready; not measured. */
  readonly prepare?: (round: number) => void
  /** Does the batch, and checks each result. */
  readonly run: (round: number) => void | Promise<void>
  /** By the clock: `run` waits. */
  readonly waits?: true
  /** How many operations a batch is. */
  readonly operations: number
}

export interface Times<Name extends string> {
  /** The median time of one operation, in microseconds. */
  readonly micros: (name: Name) => number
  /** The median over all rounds of the one's time over the other's. */
  readonly ratio: (name: Name, to: Name) => number
}

const clockMicros = (): number => performance.now() * 1000
const processorMicros = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Rounds that are run before those that count, for the compiler. */
export const warmUp = 10

export const interleave = async <Name extends string>(subjects: Readonly<Record<Name, Subject>>, rounds: number): Promise<Times<Name>> => {
  const names = Object.keys(subjects) as Array<Name>
  const times = new Map<Name, Array<number>>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds + warmUp; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length] as Name
      const { prepare, run, operations, waits } = subjects[name]
      const now = waits === true ? clockMicros : processorMicros
      prepare?.(round)
      const start = now()
      const pending = run(round)
      if (pending !== undefined) await pending
      const micros = (now() - start) / operations
      if (round >= warmUp) times.get(name)?.push(micros)
    }
  }
  const of = (name: Name) => times.get(name) ?? []
  return {
    micros: (name) => median(of(name)),
    ratio: (name, to) => median(of(name).map((micros, round) => micros / (of(to)[round] ?? Number.NaN)))
  }
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
