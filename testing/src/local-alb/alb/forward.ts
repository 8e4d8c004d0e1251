/**
 * Request → target → response, as streams: nothing is read before it can be written on, and whoever leaves takes the
 * other side along. The target is asked for the path exactly as it came.
 *
 * @module
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { request as httpsRequest } from "node:https"
import { albLimits } from "@cognito-auth/core/ServerOptions"
import { endToEnd, hasNoBody, isUsable, noteReset, onClosed, reasonPhrase, wasReset } from "@cognito-auth/node/proxy"
import { answer } from "./albAnswer.ts"

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
    maxHeaderSize: albLimits.headerBytes,
    // An ALB does not validate the certificates of its targets.
    rejectUnauthorized: false
  })

/** Sends the request's body. The app may want to answer before it has read anything of it. */
export const sendBody = (request: IncomingMessage, upstream: ClientRequest): void => {
  // (`flushHeaders` would write the head as UTF-8: it is Latin-1.)
  upstream.write(noBytes)
  request.pipe(upstream)
}

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
  const expire = () => {
    timedOut = true
    upstream.destroy()
    // Node takes the end of the connection for the end of a body that has no other.
    if (response.headersSent) cut(request, response)
  }
  // Interim answers keep the socket busy, and are no answer.
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
    // The app has answered in full, and let the rest of the request go.
    if (received?.complete) return
    if (response.headersSent) return cut(request, response)
    if (received !== undefined) return refuse()
    // AWS ELB guide, "HTTP 504", "HTTP 408": who was waited for, the target or the client?
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
      // What Node has read, it may still not write.
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
      // Where the body is broken from its first bytes on, there is still time to say so.
      process.nextTick(begin, answered)
    })
    .on("close", () => {
      clearTimeout(limit)
      request.off("end", startLimit)
      // Node ends some exchanges without an error: after a 101 that was not asked for, say.
      if (!response.headersSent) fail()
      // The app may have answered without reading it all.
      request.unpipe(upstream)
      request.resume()
    })
  response.on("error", () => upstream.destroy())
  onClosed(request, response, () => upstream.destroy())
}

/** Ends an answer that has begun so that the client sees that it is not whole. */
const cut = (request: IncomingMessage, response: ServerResponse): void => {
  // To a client of HTTP/1.0, an end would be the end of the answer.
  if (request.httpVersion === "1.0") request.socket.resetAndDestroy()
  response.destroy()
}

const answerLines = (answered: IncomingMessage, setCookies: ReadonlyArray<string>, cookieName: string | undefined): Array<string> => {
  const lines = endToEnd(answered)
  for (let i = 0; i < lines.length; i += 2) {
    const value = lines[i + 1] ?? ""
    // Signing out expires the session cookie as `Secure`, which not every browser takes from http on loopback.
    const isSession = cookieName !== undefined && lines[i]?.toLowerCase() === "set-cookie" && value.startsWith(`${cookieName}-`)
    if (isSession) lines[i + 1] = value.replace(/;\s*secure(?=;|$)/i, "")
  }
  for (const line of setCookies) lines.push("Set-Cookie", line)
  return lines
}
