/**
 * Request → upstream → response, as streams: no more of a body is held than the slower side is behind, and whoever leaves
 * takes the other side along.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { PassThrough, type Readable } from "node:stream"
import type { ResponseHeaders } from "@cognito-auth/core"
import type { Dispatcher } from "undici"
import { endToEnd } from "../identity/forwardedHeaders.ts"
import type { Upstream } from "./Upstream.ts"
import { type FailureStatus, failureStatus, reasonOf } from "./UpstreamFailure.ts"

/** One request to forward. */
export interface Exchange {
  /** The target that the upstream gets. */
  readonly target: string
  /** The header lines that the upstream gets. */
  readonly lines: Array<string>
  /** Fields to add to the answer. */
  readonly answerHeaders: ResponseHeaders
  /** The answer is of a kind that does not end by itself. */
  readonly onStream: () => void
  /** The upstream has answered. */
  readonly onAnswered: () => void
  /** The upstream has failed, and nothing of an answer has been sent. */
  readonly onFailed: (status: FailureStatus, reason: string) => void
}

const nothing = Buffer.alloc(0)

/** Answers that go on for as long as somebody listens. */
const streamTypes = /^(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:x-ndjson|json-seq))\b/i

/** Forwards the request; it may be one of any framework's on `node:http` whose body nobody has read. */
export const forward = (upstream: Upstream, req: IncomingMessage, res: ServerResponse, exchange: Exchange): void => {
  const { headers } = req
  const hasBody = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"
  // RFC 9110 §9.2.2. A connection from the pool may be closed by the upstream just as it is used again.
  const maySendAgain = !hasBody && (req.method === "GET" || req.method === "HEAD")
  send(upstream, req, res, exchange, hasBody, maySendAgain)
}

const send = (
  upstream: Upstream,
  req: IncomingMessage,
  res: ServerResponse,
  exchange: Exchange,
  hasBody: boolean,
  maySendAgain: boolean
): void => {
  let abort: ((reason: Error) => void) | undefined
  const leave = () => abort?.(new Error("The client has left."))
  res.once("close", leave)
  const fail = (error: Error): void => {
    res.off("close", leave)
    if (res.destroyed) return
    // What has begun cannot be taken back: the client sees that it was cut.
    if (res.headersSent) return void res.destroy()
    const reason = reasonOf(error)
    if (maySendAgain && (reason === "UND_ERR_SOCKET" || reason === "ECONNRESET" || reason === "EPIPE")) {
      send(upstream, req, res, exchange, hasBody, false)
      return
    }
    exchange.onFailed(failureStatus(error), reason)
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (controller) => {
      abort = (reason) => controller.abort(reason)
      if (res.destroyed) leave()
    },
    onResponseStart: (controller, status, answered, statusMessage) => {
      // RFC 9110 §15.2: an interim answer is between the upstream and here.
      if (status < 200) return
      exchange.onAnswered()
      const connection = answered["connection"]
      const lines = endToEnd(rawLines(controller.rawHeaders), Array.isArray(connection) ? connection.join() : connection)
      for (const name in exchange.answerHeaders) for (const each of [exchange.answerHeaders[name] ?? []].flat()) lines.push(name, each)
      res.writeHead(status, statusMessage || undefined, lines)
      if (answered["content-length"] === undefined) {
        // A stream begins before its first piece. (flushHeaders would write the bytes of a header as UTF-8.)
        res.write(nothing)
        if (streamTypes.test(String(answered["content-type"]))) exchange.onStream()
      }
      res.on("drain", () => controller.resume())
    },
    onResponseData: (controller, chunk) => {
      if (!res.write(chunk)) controller.pause()
    },
    onResponseEnd: () => {
      res.off("close", leave)
      res.end()
    },
    onResponseError: (_controller, error) => fail(error)
  }
  try {
    const { method = "GET" } = req
    upstream.pool.dispatch(
      { method: method as Dispatcher.HttpMethod, path: exchange.target, headers: exchange.lines, body: hasBody ? bodyOf(req) : null },
      handler
    )
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)))
  }
}

/** undici destroys a body that it does not need any more: the request itself would take the answer along with it. */
const bodyOf = (req: IncomingMessage): Readable => {
  const body = new PassThrough()
  req.pipe(body)
  req.once("close", () => {
    if (!req.complete) body.destroy(new Error("The client has left."))
  })
  body.once("close", () => {
    req.unpipe(body)
    req.resume()
  })
  return body
}

/** As Node has them: a byte is a character. */
const rawLines = (raw: unknown): Array<string> =>
  Array.isArray(raw) ? raw.map((each: Buffer | string) => (typeof each === "string" ? each : each.toString("latin1"))) : []
