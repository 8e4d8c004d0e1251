/** The presentation of a check of the pipeline: its title, what was expected, and what was received. */
import type { CheckId } from "@cognito-auth/core/Check"
import type { Received } from "./Received.ts"

export type Stage = "Request" | "Headers" | "Form and JOSE header" | "Keys and signatures" | "Claims" | "Subject" | "Policy"

/** How a check is shown. */
export interface Shown {
  readonly stage: Stage
  /** What is checked. */
  readonly title: string
  readonly expected: (received: Received) => string
  readonly actual: (received: Received) => string
}

/** The steps before any token: what is checked of the request itself. */
export type RequestStepId = "request.target" | "request.origin"

/** A step of `explain`: of the request, core's checks, and the policy. The ids are stable, for scripts. */
export type StepId = RequestStepId | CheckId | "policy"

export interface Check extends Shown {
  readonly id: StepId
}
