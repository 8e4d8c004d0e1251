/** The body of a refusal for everything but page loads: an RFC 9457 problem document. */
import { type AuthError, httpMeaning } from "../errors/AuthError.ts"
import type { Page } from "./RefusalPage.ts"
import { noStore } from "./ResponseHeaders.ts"

/** RFC 9457 §3.1. Configured values stay in the log: whoever gets past the load balancer learns nothing of it. */
export const problem = (error: AuthError): Page => {
  const { status, title } = httpMeaning[error._tag]
  const evidence = "header" in error ? { header: error.header, check: error.check } : {}
  return {
    headers: { "content-type": "application/problem+json", ...noStore },
    body: JSON.stringify({ type: "about:blank", title, status, error: error._tag, ...evidence })
  }
}
