/**
 * Request → upstream → response, as streams: no more of a body is held than the slower side is behind, and whoever leaves
 * takes the other side along.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { ResponseHeaders } from "@cognito-auth/core"
import { hasNoBody, isUsable, onClosed, wasReset } from "@cognito-auth/node/proxy"
import { writeHead } from "./answerHead.ts"
import type { Watched } from "./Deadlines.ts"
import type { Reader, SocketBuffer } from "./ReadBuffer.ts"
import type { Question, Upstream } from "./Upstream.ts"
import { bufferOf } from "./UpstreamAgent.ts"
import { type FailureStatus, failureStatus, reasonOf } from "./UpstreamFailure.ts"

/** One request to forward. */
export interface Exchange extends Question {
  readonly hasBody: boolean
  /** The client waits for a 100 before it sends its body: the upstream's is passed on. */
  readonly expectsContinue: boolean
  /** Fields to add to the answer. */
  readonly answerHeaders: ResponseHeaders
  /** The answer is of a kind that does not end by itself. */
  readonly onStream: () => void
  /** The upstream has answered. */
  readonly onAnswered: () => void
  /** The upstream, or with 408 the client, has failed, and nothing of an answer has been sent. */
  readonly onFailed: (status: FailureStatus, reason: string) => void
}

const nothing = Buffer.alloc(0)

/** Answers that go on for as long as somebody listens. */
const streamTypes = /^(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:x-ndjson|json-seq))\b/i

/** Forwards the request; it may be one of any framework's on `node:http` whose body nobody has read. */
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
  #answered: IncomingMessage | undefined
  /** What the answer is read into. */
  #memory: SocketBuffer | undefined
  #hasBegun = false
  #hasEnded = false
  /** The upstream has not said that it wants the body, and nothing of it has come. */
  #waitsForContinue: boolean

  constructor(upstream: Upstream, req: IncomingMessage, res: ServerResponse, exchange: Exchange) {
    this.#upstream = upstream
    this.#req = req
    this.#res = res
    this.#exchange = exchange
    this.#waitsForContinue = exchange.expectsContinue
    onClosed(req, res, this.#leave)
  }

  begin(connection: "kept" | "fresh"): void {
    if (this.#hasEnded || this.#res.destroyed) return
    try {
      this.#ask(connection)
    } catch (error) {
      // Node takes no such method, target or field: nothing has been sent.
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
      // An answer that is none: 101 was not asked for.
      if (this.#asked === asked && this.#answered === undefined) this.#onError(asked, new Error("The upstream has closed the connection."))
    })
    if (expectsContinue) asked.once("continue", this.#onContinue)
    this.#upstream.deadlines.add(this)
    if (!hasBody) {
      asked.end()
      return
    }
    // The head does not wait for the body. (Node's flushHeaders would write the bytes of a header as UTF-8.)
    asked.write(nothing)
    asked.on("drain", () => this.#onDrained())
    this.#req.on("data", this.#onUpload).once("end", this.#onUploaded)
  }

  readonly #onContinue = (): void => {
    this.#waitsForContinue = false
    if (!this.#res.headersSent) this.#res.writeContinue()
  }
  readonly #onUpload = (chunk: Buffer): void => {
    this.movedAt = performance.now()
    this.#waitsForContinue = false
    if (this.#asked?.write(chunk) === false) this.#req.pause()
  }
  #onDrained(): void {
    this.movedAt = performance.now()
    this.#req.resume()
  }
  readonly #onUploaded = (): void => {
    this.movedAt = performance.now()
    this.#asked?.end()
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
    this.#memory = bufferOf(answered.socket)
    if (this.#memory !== undefined) this.#memory.reader = this
    this.#res.on("drain", this.#onTaken)
    answered.on("data", this.#onChunk).once("end", this.#onEnd)
    // The head does not wait for the body: but where both have come at once they go together, and where that was no body, there is still time
    // to say so.
    process.nextTick(this.#flushHead)
  }

  /** Begins the answer. Afterwards, all that can be done is to cut it. */
  #beginAnswer(answered: IncomingMessage): boolean {
    const { answerHeaders, onAnswered, onStream } = this.#exchange
    const { headers } = answered
    try {
      writeHead(answered, this.#res, answerHeaders)
    } catch (error) {
      this.#fail(502, reasonOf(error as Error))
      return false
    }
    this.#hasBegun = true
    onAnswered()
    if (headers["content-length"] === undefined && streamTypes.test(headers["content-type"] ?? "")) onStream()
    return true
  }

  #endAtHead(answered: IncomingMessage): void {
    const { statusCode, headers } = answered
    if (!this.#beginAnswer(answered)) return
    this.#onEnd()
    // Node waits for the body that a 204 announces. Whether there is one or not, nobody must get it.
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
    // A chunk may be larger than what Node waits for, and yet be the kernel's at once.
    if (res.writableLength === 0) this.#memory?.free(chunk)
    else if (!mayGoOn) this.#answered?.pause()
  }
  readonly #onTaken = (): void => {
    this.movedAt = performance.now()
    if (this.isFlushed()) this.#upstream.buffers?.giveBack(this)
    this.#answered?.resume()
  }
  readonly isFlushed = (): boolean => this.#res.writableLength === 0 && this.#answered?.readableLength === 0

  readonly #onEnd = (): void => {
    const res = this.#res
    if (this.#hasEnded) return
    if (!this.#hasBegun && (this.#answered === undefined || !this.#beginAnswer(this.#answered))) return
    if (this.#wasReset()) {
      this.#onCut()
      return
    }
    this.#settle()
    const { buffers } = this.#upstream
    if (buffers !== undefined && this.held.length > 0) res.once("finish", () => buffers.giveBack(this))
    res.end()
    if (this.#req.complete) return
    // An answer before the end of the request: the rest of it is of no use to anybody.
    this.#stopUpload()
    this.#asked?.destroy()
  }

  #wasReset(): boolean {
    return this.#asked !== undefined && this.#answered !== undefined && wasReset(this.#asked, this.#answered)
  }

  /** The upstream has ended in mid-answer: what has begun cannot be taken back, and the client sees that it was cut. */
  readonly #onCut = (): void => {
    if (this.#hasEnded) return
    if (!this.#hasBegun) {
      this.#fail(502, "a broken answer")
      return
    }
    this.#settle()
    // To a client of HTTP/1.0, too, an end would be the end of the answer.
    if (this.#req.httpVersion === "1.0") reset(this.#req.socket)
    this.#res.destroy()
  }

  readonly #onError = (asked: ClientRequest, error: Error): void => {
    // Node goes on to take a connection that is reset for the end of a body that has no other.
    if (this.#answered?.complete === false) this.#onCut()
    if (this.#answered !== undefined || this.#hasEnded) return
    const { method, hasBody } = this.#exchange
    // RFC 9112 §9.3.1: a kept connection may be closed by the upstream just as it is used again. A fresh one is not.
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

  /** Somebody has stood still for too long. */
  readonly expire = (): void => {
    if (this.#answered !== undefined) {
      this.#onCut()
      this.#asked?.destroy()
      return
    }
    const isClientSilent = this.#exchange.hasBody && !this.#req.complete && !this.#req.isPaused() && !this.#waitsForContinue
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

  /** What the client still sends is read, and goes nowhere: a connection that is closed with bytes unread takes its answer along. */
  #stopUpload(): void {
    this.#req.off("data", this.#onUpload).off("end", this.#onUploaded).resume()
  }
}

/** Only TCP has it: a framework's server may be one of TLS, or at a path, and there Node throws. */
const reset = (socket: Socket): void => {
  try {
    socket.resetAndDestroy()
  } catch {
    socket.destroy()
  }
}

const isClosed = (error: Error): boolean => ["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(reasonOf(error))
