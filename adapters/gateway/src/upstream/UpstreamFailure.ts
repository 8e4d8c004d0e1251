/**
 * The response to the client when the upstream fails, as a page or as data.
 *
 * @module
 */
import { type AuthRequest, type HttpResponse, isPageLoad } from "@cognito-auth/core"
import { codeOf } from "@cognito-auth/core/codeOf"

/** RFC 9110 §15.6.3, §15.6.5: the upstream sends no usable response, or none in time. §15.5.9: the client stalls. */
export type FailureStatus = 408 | 502 | 504

/** The error's code; its name if it has none. */
export const reasonOf = (error: Error): string => codeOf(error) ?? error.name

export const failureStatus = (error: Error): FailureStatus => (reasonOf(error) === "ETIMEDOUT" ? 504 : 502)

const failures: Readonly<Record<FailureStatus | 400 | 404 | 431 | 501 | 505, readonly [title: string, detail: string]>> = {
  400: ["Bad request", "This request cannot be forwarded."],
  404: ["Not found", "There is no app at this path."],
  408: ["The upload has stopped", "It was not continued in time."],
  431: ["Too many header fields", "This request has more than a thousand."],
  505: ["HTTP version not supported", "This is a server of HTTP/1.1."],
  501: ["Not implemented", "The request's body is in a coding that is not understood."],
  502: ["The app does not answer", "It may be restarting. Try again in a moment."],
  504: ["The app takes too long to answer", "It may be busy. Try again in a moment."]
}

const isOutage = (status: number): boolean => status === 502 || status === 504
/** Where the next request would begin is not certain, or does not matter. */
const closes: ReadonlySet<number> = new Set([400, 408, 431, 501, 505])

/** The proxy's own response: a plain page for a page load, a problem document (RFC 9457) for any other request. */
export const proxyAnswer = (status: keyof typeof failures, request: AuthRequest): HttpResponse => {
  const [title, detail] = failures[status]
  const headers = {
    "cache-control": "no-store",
    ...(isOutage(status) ? { "retry-after": "5" } : {}),
    ...(closes.has(status) ? { connection: "close" } : {})
  }
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

/** Whether the upstream has closed the connection, rather than failed to answer. */
export const isClosed = (error: Error): boolean => ["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(reasonOf(error))
