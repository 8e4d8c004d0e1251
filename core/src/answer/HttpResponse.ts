import type { ResponseHeaders } from "./ResponseHeaders.ts"

/** A whole response as plain data. */
export interface HttpResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
}
