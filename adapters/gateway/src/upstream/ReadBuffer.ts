/**
 * Reused buffers for an upstream's sockets to read into. Node otherwise allocates 64 KiB for every read, which is a third of
 * the cost of a large response (docs/decisions/0012-data-plane.md).
 *
 * A buffer is reused only when the kernel has taken all that it held: otherwise its bytes would reach another user.
 *
 * @module
 */
import { makeFreeMemory } from "./freeMemory.ts"

/** What a response reports about its bytes. */
export interface Reader {
  /** Whether the kernel has taken all bytes that were read for this response so far. */
  readonly isFlushed: () => boolean
  /** Buffers with bytes that it had not taken yet: this response owns them until it returns them. */
  readonly held: Array<Uint8Array>
}

const bufferBytes = 65_536
/** More than these are left to the garbage collector. */
const mostUnused = 64

export class ReadBuffers {
  readonly #unused: Array<Uint8Array> = []
  readonly #own = new WeakSet<object>()
  readonly #freeMemory = makeFreeMemory()

  take(): Uint8Array {
    const unused = this.#unused.pop()
    if (unused !== undefined) return unused
    const buffer = Buffer.allocUnsafeSlow(bufferBytes)
    this.#own.add(buffer.buffer)
    return buffer
  }

  /** Frees a chunk of a body that is not read any more, unless it is in one of these buffers: Node's parser copies it out of them. */
  free(chunk: Buffer): void {
    if (!this.#own.has(chunk.buffer)) this.#freeMemory(chunk)
  }

  /** The kernel has taken all bytes of this response, and it has ended. */
  giveBack({ held }: Reader): void {
    for (const buffer of held) if (this.#unused.length < mostUnused) this.#unused.push(buffer)
    held.length = 0
  }
}

/** The buffers of one socket. */
export class SocketBuffer {
  /** The response that the socket reads. Kept until the next one begins. */
  reader: Reader | undefined
  readonly #buffers: ReadBuffers
  #current: Uint8Array | undefined

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers
  }

  /**
   * For Node's option `onread`: called at first, and after each read, when all listeners have had its bytes. `isEmpty`: the socket itself
   * buffers none of them.
   */
  next(isEmpty: boolean): Uint8Array {
    if (this.#current !== undefined && isEmpty && this.reader?.isFlushed() === true) return this.#current
    if (this.#current !== undefined) this.reader?.held.push(this.#current)
    this.#current = this.#buffers.take()
    return this.#current
  }
}
