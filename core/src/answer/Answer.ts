import type { ResponseHeaders } from "./ResponseHeaders.ts"

/** A whole response as plain data. */
export interface Answer {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
}
