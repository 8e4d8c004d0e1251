/** What one check of the doctor has found. */

export type FindingStatus = "ok" | "warning" | "failed" | "skipped"

export interface Finding {
  /** A name that stays the same, for scripts: `jwks.content`. */
  readonly check: string
  readonly status: FindingStatus
  /** What it is about, where there can be several: a URL. */
  readonly about?: string
  readonly found: string
  /** What to do; there is none where all is well. */
  readonly remedy?: string
}
