/** What `serve.ts` is told, and what it says. */
import type { AdapterOptions } from "@cognito-auth/core"
import type { OwnSubject } from "../Case.ts"
import type { Place } from "./Subject.ts"

export interface Served extends Pick<Place, "address" | "routes"> {
  readonly name: OwnSubject
  /** Options that trust the forge, but for the policy. */
  readonly auth: AdapterOptions
}

/** Written once it listens on every route. */
export const readyLine = "listening"
