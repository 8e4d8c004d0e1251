/** node:http's request → AuthRequest. */
import type { IncomingMessage } from "node:http"
import type { AuthRequest } from "@cognito-auth/core"

/** `req.url` is the raw request target; Node has joined repeated fields with ", ", which core refuses. */
export const toAuthRequest = (req: IncomingMessage, upgrade = false): AuthRequest => ({
  method: req.method ?? "",
  target: req.url ?? "",
  headers: req.headers,
  rawHeaders: req.rawHeaders,
  upgrade
})
