/**
 * Request → upstream → response, as streams: no more of a body is buffered than the slower side is behind, and if either side
 * disconnects, the other is closed.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { hasNoBody, isUsable, onClosed, wasReset } from "@cognito-auth/node/proxy"
import { isStream, writeHead } from "./answerHead.ts"
import type { Watched } from "./Deadlines.ts"
import type { Exchange } from "./Exchange.ts"
import type { Reader } from "./ReadBuffer.ts"
import { Upload } from "./Upload.ts"
import type { Upstream } from "./Upstream.ts"
import { bufferOf } from "./UpstreamAgent.ts"
import { type FailureStatus, failureStatus, isClosed, reasonOf } from "./UpstreamFailure.ts"

const nothing = Buffer.alloc(0)

/** Forwards the request; it may be from any framework on `node:http` that has not read its body. */
export const forward = (upstream: Upstream, req: IncomingMessage, res: ServerResponse, exchange: Exchange): void =>
  new Forwarding(upstream, req, res, exchange).begin("kept")

class Forwarding implements Watched, Reader {
  movedAt = performance.now()
  place: number | undefined
  readonly held: Array<Uint8Array> = []
  readonly #upstream: Upstream
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #exchange: Exchange
  #asked: ClientRequest | undefined
  #upload: Upload | undefined
  #answered: IncomingMessage | undefined
  #hasBegun = false
  #hasEnded = false

  constructor(upstream: Upstream, req: IncomingMessage, res: ServerResponse, exchange: Exchange) {
    this.#upstream = upstream
    this.#req = req
    this.#res = res
    this.#exchange = exchange
    onClosed(req, res, this.#leave)
  }

  begin(connection: "kept" | "fresh"): void {
    if (this.#hasEnded || this.#res.destroyed) return
    try {
      this.#ask(connection)
    } catch (error) {
      // Node refuses this method, target or field: nothing has been sent.
      this.#fail(502, reasonOf(error as Error))
    }
  }

  #ask(connection: "kept" | "fresh"): void {
    const { hasBody, expectsContinue } = this.#exchange
    const asked = this.#upstream.ask(this.#exchange, connection)
    this.#asked = asked
    asked.on("response", this.#onResponse)
    // Until its request has ended, a connection may fail more than once.
    asked.on("error", (error) => {
      if (this.#asked === asked) this.#onError(asked, error)
    })
    asked.once("close", () => {
      // Not a valid response: 101 was not requested.
      if (this.#asked === asked && this.#answered === undefined) this.#onError(asked, new Error("The upstream has closed the connection."))
    })
    if (expectsContinue) asked.once("continue", this.#onContinue)
    this.#upstream.deadlines.add(this)
    if (hasBody) this.#upload = new Upload(this.#req, asked, expectsContinue, this.#onMoved)
    else asked.end()
  }

  readonly #onMoved = (): void => {
    this.movedAt = performance.now()
  }
  readonly #onContinue = (): void => {
    this.#upload?.continue()
    if (!this.#res.headersSent) this.#res.writeContinue()
  }

  readonly #onResponse = (answered: IncomingMessage): void => {
    if (this.#hasEnded) return
    if (!isUsable(answered)) {
      this.#fail(502, "an unusable answer")
      return
    }
    this.#answered = answered
    this.movedAt = performance.now()
    answered.on("error", this.#onCut)
    if (hasNoBody(this.#exchange.method, answered.statusCode)) {
      this.#endAtHead(answered)
      return
    }
    const buffer = bufferOf(answered.socket)
    if (buffer !== undefined) buffer.reader = this
    this.#res.on("drain", this.#onTaken)
    answered.on("data", this.#onChunk).once("end", this.#onEnd)
    // The head does not wait for the body: but where both have come at once they go together, and where that was no body, there is still time
    // to say so.
    process.nextTick(this.#flushHead)
  }

  /** Begins the response. Afterwards, it can only be cut. */
  #beginAnswer(answered: IncomingMessage): boolean {
    const { answerHeaders, onAnswered, onStream } = this.#exchange
    try {
      writeHead(answered, this.#res, answerHeaders)
    } catch (error) {
      this.#fail(502, reasonOf(error as Error))
      return false
    }
    this.#hasBegun = true
    onAnswered()
    if (isStream(answered.headers)) onStream()
    return true
  }

  #endAtHead(answered: IncomingMessage): void {
    const { statusCode, headers } = answered
    if (!this.#beginAnswer(answered)) return
    this.#onEnd()
    // Node waits for the body that a 204 announces. Whether there is one or not, it must not be forwarded.
    const announces = (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined
    if (statusCode === 204 && announces && this.#exchange.method !== "HEAD") this.#asked?.destroy()
    else answered.resume()
  }

  // (Node's flushHeaders would write the bytes of a header as UTF-8.)
  readonly #flushHead = (): void => {
    if (this.#answered === undefined || this.#hasBegun || this.#hasEnded || this.#res.destroyed) return
    if (this.#beginAnswer(this.#answered)) this.#res.write(nothing)
  }

  readonly #onChunk = (chunk: Buffer): void => {
    this.movedAt = performance.now()
    const res = this.#res
    if (!this.#hasBegun && (this.#answered === undefined || !this.#beginAnswer(this.#answered))) return
    // Written at once, so that `isFlushed` knows what the kernel has taken.
    res.cork()
    const mayGoOn = res.write(chunk)
    res.uncork()
    // A chunk may be larger than Node's high-water mark, and yet the kernel may have taken it at once.
    if (res.writableLength === 0) this.#upstream.buffers?.free(chunk)
    else if (!mayGoOn) this.#answered?.pause()
  }
  readonly #onTaken = (): void => {
    this.movedAt = performance.now()
    // What the socket itself still holds of a buffer is not parsed yet: another user's bytes must not be read over it.
    if (this.isFlushed() && this.#answered?.socket.readableLength === 0) this.#upstream.buffers?.giveBack(this)
    this.#answered?.resume()
  }
  readonly isFlushed = (): boolean => this.#res.writableLength === 0 && this.#answered?.readableLength === 0

  readonly #onEnd = (): void => {
    const res = this.#res
    if (this.#hasEnded) return
    if (!this.#hasBegun && (this.#answered === undefined || !this.#beginAnswer(this.#answered))) return
    if (this.#asked !== undefined && this.#answered !== undefined && wasReset(this.#asked, this.#answered)) {
      this.#onCut()
      return
    }
    this.#settle()
    const { buffers } = this.#upstream
    if (buffers !== undefined && this.held.length > 0) res.once("finish", () => buffers.giveBack(this))
    res.end()
    if (this.#req.complete) return
    // A response before the end of the request: the rest of the request is not needed.
    this.#stopUpload()
    this.#asked?.destroy()
  }

  /** The upstream has closed in the middle of its response, which has begun already: the client sees that it was cut. */
  readonly #onCut = (): void => {
    if (this.#hasEnded) return
    if (!this.#hasBegun) {
      this.#fail(502, "a broken answer")
      return
    }
    this.#settle()
    // For an HTTP/1.0 client, an end would look like the end of the response.
    if (this.#req.httpVersion === "1.0") reset(this.#req.socket)
    this.#res.destroy()
  }

  readonly #onError = (asked: ClientRequest, error: Error): void => {
    // Node treats a reset connection as the end of a body without a length.
    if (this.#answered?.complete === false) this.#onCut()
    if (this.#answered !== undefined || this.#hasEnded) return
    const { method, hasBody } = this.#exchange
    // RFC 9112 §9.3.1: the upstream may close a kept connection just as it is reused. A new one is not.
    if (asked.reusedSocket && !hasBody && (method === "GET" || method === "HEAD") && isClosed(error)) {
      this.begin("fresh")
      return
    }
    this.#fail(failureStatus(error), reasonOf(error))
  }

  #fail(status: FailureStatus, reason: string): void {
    if (this.#hasEnded) return
    this.#settle()
    this.#stopUpload()
    this.#asked?.destroy()
    if (this.#res.headersSent) this.#res.destroy()
    else if (!this.#res.destroyed) this.#exchange.onFailed(status, reason)
  }

  /** One side has stalled for too long. */
  readonly expire = (): void => {
    if (this.#answered !== undefined) {
      this.#onCut()
      this.#asked?.destroy()
      return
    }
    const isClientSilent = this.#upload?.isSilent === true
    this.#fail(isClientSilent ? 408 : 504, isClientSilent ? "the client" : "ETIMEDOUT")
  }

  readonly #leave = (): void => {
    if (this.#hasEnded) return
    this.#settle()
    this.#asked?.destroy()
  }

  #settle(): void {
    this.#hasEnded = true
    this.#upstream.deadlines.delete(this)
    this.#res.off("close", this.#leave).off("drain", this.#onTaken)
  }

  /** Reads and discards what the client still sends: closing a connection with unread bytes resets it, and the response is lost. */
  #stopUpload(): void {
    this.#upload?.stop()
    this.#req.resume()
  }
}

/** Only TCP has it: a framework's server may use TLS, or a Unix socket, for which Node throws. */
const reset = (socket: Socket): void => {
  try {
    socket.resetAndDestroy()
  } catch {
    socket.destroy()
  }
}
