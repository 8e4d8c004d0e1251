/**
 * Request → target → response, as streams: nothing is read before it can be written on, and whoever leaves takes the
 * other side along. The target is asked for the path exactly as it came.
 *
 * @module
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { request as httpsRequest } from "node:https"
import { answer } from "./albAnswer.ts"
import { eachLine } from "./forwardedHeaders.ts"

/** Where a request goes, and what is told of it. */
export interface Destination {
  readonly target: URL
  readonly idleTimeoutMillis: number
  /** The session cookie's name, where there is a session: what the app sets of it loses its `Secure`. */
  readonly cookieName: string | undefined
}

const noBytes = Buffer.alloc(0)

/** Opens the request to the target; the caller sends the body. */
export const ask = ({ target, idleTimeoutMillis }: Destination, { method, url }: IncomingMessage, headers: Array<string>): ClientRequest =>
  (target.protocol === "https:" ? httpsRequest : httpRequest)({
    host: target.hostname.replace(/^\[|\]$/g, ""),
    port: target.port || (target.protocol === "https:" ? 443 : 80),
    method,
    path: url,
    headers,
    setHost: false,
    // A connection of its own: none is left in a pool, and the app cannot close one just as it is used again.
    agent: false,
    timeout: idleTimeoutMillis,
    // An ALB does not validate the certificates of its targets.
    rejectUnauthorized: false
  })

/** Answers the client with what the target answers, or with what a load balancer answers in its place. */
export const relay = (
  destination: Destination,
  upstream: ClientRequest,
  request: IncomingMessage,
  response: ServerResponse,
  setCookies: ReadonlyArray<string>,
  onAnswer: (answered: IncomingMessage) => void
): void => {
  let timedOut = false
  let received: IncomingMessage | undefined
  upstream.on("timeout", () => {
    timedOut = true
    upstream.destroy()
  })
  upstream.on("error", () => {
    // The app has answered in full, and let the rest of the request go.
    if (received?.complete) return
    if (response.headersSent) return void response.destroy()
    // AWS ELB guide, "HTTP 504", "HTTP 408": who was waited for, the target or the client?
    const status = timedOut ? (request.complete ? 504 : 408) : 502
    answer(response, status, `Nothing answered at ${destination.target.origin}. Is the app running?`)
  })
  upstream.on("response", (answered) => {
    received = answered
    onAnswer(answered)
    response.sendDate = false
    response.writeHead(answered.statusCode ?? 502, answered.statusMessage, answerLines(answered, setCookies, destination.cookieName))
    // An event stream begins before its first event. (`flushHeaders` would write the head as UTF-8: it is Latin-1.)
    response.write(noBytes)
    answered.on("error", () => response.destroy())
    answered.pipe(response)
  })
  upstream.on("close", () => {
    // The app may have answered without reading it all.
    request.unpipe(upstream)
    request.resume()
  })
  response.on("error", () => upstream.destroy())
  response.on("close", () => upstream.destroy())
}

const answerLines = (answered: IncomingMessage, setCookies: ReadonlyArray<string>, cookieName: string | undefined): Array<string> => {
  const lines: Array<string> = []
  eachLine(answered, (name, value, lowerName) => {
    // Signing out expires the session cookie as `Secure`, which not every browser takes from http on loopback.
    const isSession = lowerName === "set-cookie" && cookieName !== undefined && value.startsWith(`${cookieName}-`)
    lines.push(name, isSession ? value.replace(/;\s*secure(?=;|$)/i, "") : value)
  })
  for (const line of setCookies) lines.push("Set-Cookie", line)
  return lines
}
