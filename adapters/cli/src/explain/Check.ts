/** The presentation of a check of the pipeline: its title, what was expected, and what was received. */
import type { CheckId } from "@cognito-auth/core/Check"
import type { Received } from "./Received.ts"

export type Stage = "Headers" | "Form and JOSE header" | "Keys and signatures" | "Claims" | "Subject" | "Policy"

/** How a check is shown. */
export interface Shown {
  readonly stage: Stage
  /** What is checked. */
  readonly title: string
  readonly expected: (received: Received) => string
  readonly actual: (received: Received) => string
}

/** A step of `explain`: core's checks, and the policy. The ids are stable, for scripts. */
export type StepId = CheckId | "policy"

export interface Check extends Shown {
  readonly id: StepId
}
