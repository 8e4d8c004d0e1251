/** Requests that a load balancer refuses because they are malformed or ambiguous. */
import type { IncomingMessage } from "node:http"
import { albLimits } from "@cognito-auth/core/ServerOptions"
import { refuseRequest } from "@cognito-auth/node/proxy"

export interface Refusal {
  readonly status: number
  readonly reason: string
}

const reasons: Readonly<Record<NonNullable<ReturnType<typeof refuseRequest>>, string>> = {
  400: "it does not have exactly one valid Host, or it has Transfer-Encoding in HTTP/1.0",
  431: "it has more than a thousand header fields",
  501: "its Transfer-Encoding is not chunked alone",
  505: "it is of another version than HTTP/1.0 or 1.1"
}

/** Why a request is not forwarded; `undefined` for nearly all. Only the length of the target is checked: the app checks the rest. */
export const readRefusal = (request: IncomingMessage): Refusal | undefined => {
  const status = refuseRequest(request)
  if (status !== undefined) return { status, reason: `This request is not forwarded: ${reasons[status]}.` }
  // AWS ELB guide, "HTTP 414: URI too long".
  if ((request.url ?? "").length <= albLimits.headerLineBytes) return undefined
  return { status: 414, reason: "The request's target is longer than 16 KiB." }
}
