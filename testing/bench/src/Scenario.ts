/** What is measured: a scenario of the goal table, its size, and what comes out. */

/** How much of everything. */
export interface Scale {
  /** Batches of each subject, interleaved with the others'. */
  readonly rounds: number
  /** Distinct signed-in users. */
  readonly sessions: number
  /** Users in one batch. */
  readonly batch: number
  /** Seconds of load for each server and round. */
  readonly httpSeconds: number
  readonly httpRounds: number
  /** Processes of each server, one after the other. */
  readonly httpStarts: number
  /** Fresh processes for each import. */
  readonly imports: number
  /** Distinct sessions that pass through one process. */
  readonly distinctSessions: number
}

/** One row of the goal table as it was measured. A ratio is ours over the other's, in the row's own unit. */
export interface Measurement {
  readonly name: string
  readonly unit: "µs" | "ms" | "req/s" | "fetches" | "MiB"
  readonly ours: number
  readonly peers: Readonly<Record<string, number>>
  /** What the goal is measured against. */
  readonly limit: number
  readonly limitIs: string
  readonly ratioToLimit: number
  /** `undefined`: no peer does the same work. */
  readonly ratioToBestPeer: number | undefined
  readonly goal: string
  readonly met: boolean
  /** What else was counted, by what it is. */
  readonly details?: Readonly<Record<string, number>>
}

/** Time, or anything else, against one quantity. */
export interface Curve {
  readonly name: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: Readonly<Record<string, ReadonlyArray<readonly [x: number, y: number]>>>
}

export interface Scenario {
  readonly name: string
  readonly measure: (scale: Scale) => Promise<ReadonlyArray<Measurement>>
}

export interface CurveScenario {
  readonly name: string
  readonly draw: (scale: Scale) => Promise<Curve>
}

/** Nothing passes without doing the work: a measured call whose result is another than expected ends the run. */
export function expectThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`The measurement is worth nothing: ${what}.`)
}
