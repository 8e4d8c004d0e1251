/** One check of the pipeline, for showing: which of the pipeline's errors it stands for, what it expects, and what came. */
import type { AuthErrorTag, IdentityHeader } from "@cognito-auth/core"
import type { Received } from "./Received.ts"

export type Stage = "Headers" | "Form and JOSE header" | "Keys and signatures" | "Claims" | "Subject" | "Policy"

export interface Check {
  /** A name that stays the same, for scripts: `alb.signer`. */
  readonly id: string
  readonly stage: Stage
  /** What is looked at, as the reader knows it. */
  readonly title: string
  /** The errors that the pipeline fails with here: their names, and the evidence that they carry. */
  readonly errors: ReadonlyArray<AuthErrorTag>
  readonly header?: IdentityHeader
  readonly evidence?: string
  readonly expected: (received: Received) => string
  readonly actual: (received: Received) => string
}
