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
import { endsAtHead, isUsable, reasonPhrase } from "./wellFormed.ts"

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
    maxHeaderSize: 65_536,
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
  const expire = () => {
    timedOut = true
    upstream.destroy()
  }
  // Interim answers keep the socket busy: they are no answer.
  let limit: NodeJS.Timeout | undefined
  const startLimit = () => {
    limit = setTimeout(expire, destination.idleTimeoutMillis)
  }
  if (request.complete) startLimit()
  else request.once("end", startLimit)
  upstream.on("timeout", expire)
  const badGateway = () => answer(response, 502, `What answered at ${destination.target.origin} cannot be passed on.`)
  /** What has begun can only be cut. */
  const fail = () => {
    // The app has answered in full, and let the rest of the request go.
    if (received?.complete) return
    if (response.headersSent) return cut(request, response)
    // AWS ELB guide, "HTTP 504", "HTTP 408": who was waited for, the target or the client?
    const status = timedOut ? (request.complete ? 504 : 408) : 502
    answer(response, status, `Nothing answered at ${destination.target.origin}. Is the app running?`)
  }
  upstream.on("error", fail)
  upstream.on("socket", (socket) => {
    // libuv may take a reset for the end: writing nothing finds out. First, because Node closes the socket then.
    socket.prependOnceListener("end", () => socket.write(""))
  })
  upstream.on("response", (answered) => {
    received = answered
    clearTimeout(limit)
    answered.on("error", fail)
    // Where it is broken from its first bytes on, there is still time to say so.
    process.nextTick(() => {
      if (response.headersSent || response.destroyed) return
      if (!isUsable(answered)) {
        badGateway()
        return void upstream.destroy()
      }
      onAnswer(answered)
      response.sendDate = false
      const lines = answerLines(answered, setCookies, destination.cookieName)
      response.writeHead(answered.statusCode ?? 502, reasonPhrase(answered), lines)
      if (endsAtHead(request.method, answered)) {
        response.end()
        return void upstream.destroy()
      }
      // An event stream begins before its first event. (`flushHeaders` would write the head as UTF-8: it is Latin-1.)
      response.write(noBytes)
      answered.pipe(response, { end: false })
      answered.on("end", () => (wasReset(upstream, answered) ? cut(request, response) : response.end()))
    })
  })
  upstream.on("close", () => {
    clearTimeout(limit)
    // A 101 that nobody asked for ends without an error.
    if (!response.headersSent) fail()
    // The app may have answered without reading it all.
    request.unpipe(upstream)
    request.resume()
  })
  response.on("error", () => upstream.destroy())
  response.on("close", () => upstream.destroy())
}

/** RFC 9112 §8: the end of the connection is the end of an answer that has no other, unless it was reset. */
const wasReset = ({ socket }: ClientRequest, { headers }: IncomingMessage): boolean =>
  headers["content-length"] === undefined && headers["transfer-encoding"] === undefined && socket?.errored != null

const cut = (request: IncomingMessage, response: ServerResponse): void => {
  // To a client of HTTP/1.0, an end would be the end of the answer.
  if (request.httpVersion === "1.0") request.socket.resetAndDestroy()
  response.destroy()
}

const answerLines = (answered: IncomingMessage, setCookies: ReadonlyArray<string>, cookieName: string | undefined): Array<string> => {
  const lines: Array<string> = []
  eachLine(answered, (name, value, lowerName) => {
    // RFC 9110 §8.6: an answer of 204 has none.
    if (answered.statusCode === 204 && lowerName === "content-length") return
    // Signing out expires the session cookie as `Secure`, which not every browser takes from http on loopback.
    const isSession = lowerName === "set-cookie" && cookieName !== undefined && value.startsWith(`${cookieName}-`)
    lines.push(name, isSession ? value.replace(/;\s*secure(?=;|$)/i, "") : value)
  })
  for (const line of setCookies) lines.push("Set-Cookie", line)
  return lines
}
