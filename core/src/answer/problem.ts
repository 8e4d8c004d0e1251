/** The body of a refusal, except for page loads: an RFC 9457 problem document. */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import type { Page } from "./RefusalPage.ts"
import { noStore } from "./ResponseHeaders.ts"

/** RFC 9457 §3.1. It contains no configured values, which are only in the log: a client that bypasses the load balancer must not learn them. */
export const problem = (error: AuthError): Page => {
  const { status, title } = httpMeaning[error._tag]
  const evidence = "header" in error ? { header: error.header, check: error.check } : {}
  return {
    headers: { "content-type": "application/problem+json", ...noStore },
    body: JSON.stringify({ type: "about:blank", title, status, error: error._tag, ...evidence })
  }
}
