/** The body of a request → the upstream, no faster than the upstream takes it. */
import type { ClientRequest, IncomingMessage } from "node:http"

const nothing = Buffer.alloc(0)

export class Upload {
  readonly #req: IncomingMessage
  readonly #asked: ClientRequest
  /** Called whenever a part of it has moved. */
  readonly #onMoved: () => void
  /** The upstream has not requested the body, and no part of it has arrived. */
  #waitsForContinue: boolean

  constructor(req: IncomingMessage, asked: ClientRequest, waitsForContinue: boolean, onMoved: () => void) {
    this.#req = req
    this.#asked = asked
    this.#waitsForContinue = waitsForContinue
    this.#onMoved = onMoved
    // The head does not wait for the body. (Node's flushHeaders would write the bytes of a header as UTF-8.)
    asked.write(nothing)
    asked.on("drain", () => {
      onMoved()
      req.resume()
    })
    req.on("data", this.#onChunk).once("end", this.#onEnd)
  }

  /** Whether the client has stopped in the middle of it, and nobody else is to blame. */
  get isSilent(): boolean {
    return !this.#req.complete && !this.#req.isPaused() && !this.#waitsForContinue
  }

  /** The upstream has requested the body. */
  continue(): void {
    this.#waitsForContinue = false
  }

  /** Nothing more of it is forwarded. */
  stop(): void {
    this.#req.off("data", this.#onChunk).off("end", this.#onEnd)
  }

  readonly #onChunk = (chunk: Buffer): void => {
    this.#onMoved()
    this.#waitsForContinue = false
    if (!this.#asked.write(chunk)) this.#req.pause()
  }
  readonly #onEnd = (): void => {
    this.#onMoved()
    this.#asked.end()
  }
}
