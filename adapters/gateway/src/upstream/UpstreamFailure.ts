/**
 * The upstream fails: what the client is answered, as a page or as data.
 *
 * @module
 */
import { type Answer, type AuthRequest, isPageLoad } from "@cognito-auth/core"

/** RFC 9110 §15.6.3, §15.6.5: it gives no usable answer, or none in time. */
export type FailureStatus = 502 | 504

/** Codes of undici and of Node that mean that time ran out. */
const timeouts: ReadonlySet<string> = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"])

/** The error's code; its name where it has none. */
export const reasonOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : error.name)

export const failureStatus = (error: Error): FailureStatus => (timeouts.has(reasonOf(error)) ? 504 : 502)

const failures: Readonly<Record<FailureStatus | 400 | 404, readonly [title: string, detail: string]>> = {
  400: ["Bad request", "This request cannot be forwarded."],
  404: ["Not found", "There is no app at this path."],
  502: ["The app does not answer", "It may be restarting. Try again in a moment."],
  504: ["The app takes too long to answer", "It may be busy. Try again in a moment."]
}

/** The proxy's own answer: a plain page to whoever loads one, a problem (RFC 9457) to everybody else. */
export const proxyAnswer = (status: keyof typeof failures, request: AuthRequest): Answer => {
  const [title, detail] = failures[status]
  const headers = { "cache-control": "no-store", ...(status >= 500 ? { "retry-after": "5" } : {}) }
  if (!isPageLoad(request)) {
    const body = JSON.stringify({ type: "about:blank", title, status, detail })
    return { status, headers: { ...headers, "content-type": "application/problem+json" }, body }
  }
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body><h1>${title}</h1><p>${detail}</p></body>
</html>
`
  return { status, headers: { ...headers, "content-type": "text/html; charset=utf-8" }, body }
}
