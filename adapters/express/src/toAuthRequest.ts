/** Express's request → AuthRequest. */
import type { IncomingMessage } from "node:http"
import type { AuthRequest } from "@cognito-auth/core"

/** What Express adds to node:http's request. Before Express has seen it, none of it is there. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl?: string
  readonly baseUrl?: string
}

/**
 * `req.originalUrl` is the raw request target. What Express routes by is `req.url`, which is without the path that the app
 * or the router is mounted on, and which any middleware may have rewritten.
 */
export const toAuthRequest = (req: ExpressRequest): AuthRequest => {
  const { method, url = "", originalUrl = url, baseUrl = "", headers, rawHeaders } = req
  return { method: method ?? "", target: originalUrl, routedTarget: baseUrl + url, headers, rawHeaders, upgrade: false }
}
