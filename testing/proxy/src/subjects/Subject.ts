/**
 * What is judged: a process that listens on one port for each case, and forwards to that case's upstream.
 *
 * @module
 */
import type { Profile, SubjectName } from "../Case.ts"

/** A port to listen on, and where it leads. All on one address of loopback's, which is the subject's alone. */
export interface Route {
  readonly port: number
  readonly upstreamPort: number
  readonly profile: Profile
}

export interface Place {
  readonly address: string
  readonly routes: ReadonlyArray<Route>
  /** A temporary folder of the subject's own. */
  readonly folder: string
}

export interface Subject {
  readonly name: SubjectName
  /** The header lines of a signed-in user, each with its CRLF. */
  readonly auth: string
  /** Starts the process; resolves once it listens on all ports. */
  readonly start: (place: Place) => Promise<Running>
}

export interface Running {
  /** Waits until the process has ended, and says how. */
  readonly untilEnded: () => Promise<string>
  /** Asks it to shut down as its operator would; resolves once it has ended. */
  readonly shutDown: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** Time limits of both profiles, in seconds. */
export const limitSeconds: Readonly<Record<Profile, number>> = { patient: 30, impatient: 1 }
