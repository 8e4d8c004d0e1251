/**
 * Request → target → response, as streams with back-pressure; if either side disconnects, the
 * other is closed. The target receives the path exactly as the client sent it.
 *
 * @module
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { request as httpsRequest } from "node:https"
import { albLimits } from "@cognito-auth/core/ServerOptions"
import { endToEnd, hasNoBody, isUsable, noteReset, onClosed, reasonPhrase, wasReset } from "@cognito-auth/node/proxy"
import { answer } from "./albAnswer.ts"

/** The destination of a request, and callbacks. */
export interface Destination {
  readonly target: URL
  readonly idleTimeoutMillis: number
  /** The session cookie's name, if there is a session: `Secure` is removed when the app sets this cookie. */
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
    // A new connection each time: none is pooled, so the app cannot close one just as it is reused.
    agent: false,
    timeout: idleTimeoutMillis,
    maxHeaderSize: albLimits.headerBytes,
    // An ALB does not validate the certificates of its targets.
    rejectUnauthorized: false
  })

/** Sends the request's body. The app may respond before it has read any of it. */
export const sendBody = (request: IncomingMessage, upstream: ClientRequest): void => {
  // (`flushHeaders` would write the head as UTF-8: it is Latin-1.)
  upstream.write(noBytes)
  request.pipe(upstream)
}

/** Forwards the target's response to the client, or sends the load balancer's own. */
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
  const expire = () => {
    timedOut = true
    upstream.destroy()
    // Node treats the end of the connection as the end of a body without a length.
    if (response.headersSent) cut(request, response)
  }
  // Interim responses keep the socket busy, but are not the response.
  let limit: NodeJS.Timeout | undefined
  const startLimit = () => {
    limit = setTimeout(expire, destination.idleTimeoutMillis)
  }
  if (request.complete) startLimit()
  else request.once("end", startLimit)
  const refuse = () => {
    answer(response, 502, `What ${destination.target.origin} sent a response that cannot be forwarded.`)
    upstream.destroy()
  }
  const fail = () => {
    // The app has sent a complete response without reading the rest of the request.
    if (received?.complete) return
    if (response.headersSent) return cut(request, response)
    if (received !== undefined) return refuse()
    // AWS ELB guide, "HTTP 504", "HTTP 408": did the target or the client stall?
    const status = timedOut ? (request.complete ? 504 : 408) : 502
    answer(response, status, `Nothing answered at ${destination.target.origin}. Is the app running?`)
  }
  const begin = (answered: IncomingMessage) => {
    if (response.headersSent || response.destroyed) return
    response.sendDate = false
    try {
      const lines = answerLines(answered, setCookies, destination.cookieName)
      response.writeHead(answered.statusCode ?? 502, reasonPhrase(answered), lines)
    } catch {
      // Node may refuse to write fields that it has parsed.
      return refuse()
    }
    onAnswer(answered)
    if (hasNoBody(request.method, answered.statusCode)) {
      response.end()
      return void upstream.destroy()
    }
    // An event stream begins before its first event. (`flushHeaders` would write the head as UTF-8: it is Latin-1.)
    response.write(noBytes)
    answered.pipe(response, { end: false })
    answered.on("end", () => (wasReset(upstream, answered) ? cut(request, response) : response.end()))
  }
  upstream
    .on("timeout", expire)
    .on("error", fail)
    .on("socket", noteReset)
    .on("response", (answered) => {
      clearTimeout(limit)
      received = answered
      answered.on("error", fail)
      if (!isUsable(answered)) return refuse()
      // If the body is broken from its first bytes on, an error response can still be sent.
      process.nextTick(begin, answered)
    })
    .on("close", () => {
      clearTimeout(limit)
      request.off("end", startLimit)
      // Node ends some exchanges without an error, for example after a 101 that was not requested.
      if (!response.headersSent) fail()
      // The app may have responded without reading all of it.
      request.unpipe(upstream)
      request.resume()
    })
  response.on("error", () => upstream.destroy())
  onClosed(request, response, () => upstream.destroy())
}

/** Cuts a response that has begun, so that the client sees that it is incomplete. */
const cut = (request: IncomingMessage, response: ServerResponse): void => {
  // For an HTTP/1.0 client, an end would look like the end of the response.
  if (request.httpVersion === "1.0") request.socket.resetAndDestroy()
  response.destroy()
}

const answerLines = (answered: IncomingMessage, setCookies: ReadonlyArray<string>, cookieName: string | undefined): Array<string> => {
  const lines = endToEnd(answered)
  for (let i = 0; i < lines.length; i += 2) {
    const value = lines[i + 1] ?? ""
    // Signing out expires the session cookie with `Secure`, which not every browser accepts from http on loopback.
    const isSession = cookieName !== undefined && lines[i]?.toLowerCase() === "set-cookie" && value.startsWith(`${cookieName}-`)
    if (isSession) lines[i + 1] = value.replace(/;\s*secure(?=;|$)/i, "")
  }
  for (const line of setCookies) lines.push("Set-Cookie", line)
  return lines
}
