/**
 * Memory that an upstream's sockets read into, used again. Node otherwise allocates 64 KiB for every read, which is a third of
 * what a large answer costs (docs/decisions/0012-data-plane.md).
 *
 * A buffer is read into again only when the kernel has taken all that it held: whoever saw it otherwise would be another user.
 *
 * @module
 */
import { makeFreeMemory } from "./freeMemory.ts"

/** What one answer needs to be told of its bytes. */
export interface Reader {
  /** Whether the kernel has taken all that was read for this answer so far. */
  readonly isFlushed: () => boolean
  /** Buffers with bytes that it had not taken yet: they are this answer's, until it gives them back. */
  readonly held: Array<Uint8Array>
}

const bufferBytes = 65_536
/** More are collected as garbage. */
const mostUnused = 64

export class ReadBuffers {
  readonly free = makeFreeMemory()
  readonly #unused: Array<Uint8Array> = []

  take(): Uint8Array {
    return this.#unused.pop() ?? Buffer.allocUnsafeSlow(bufferBytes)
  }

  /** The kernel has taken all bytes of this answer, and there will be no more. */
  giveBack({ held }: Reader): void {
    for (const buffer of held) if (this.#unused.length < mostUnused) this.#unused.push(buffer)
    held.length = 0
  }
}

/** What one socket reads into. */
export class SocketBuffer {
  /** Whose answer the socket reads. Kept until the next one begins. */
  reader: Reader | undefined
  readonly #buffers: ReadBuffers
  #current: Uint8Array | undefined

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers
  }

  /** Frees a chunk of a body that nobody reads any more. Node's parser has copied it out of what the socket reads into. */
  free(chunk: Buffer): void {
    if (chunk.buffer !== this.#current?.buffer) this.#buffers.free(chunk)
  }

  /**
   * For Node's option `onread`: asked at first, and after each read, when everybody has had its bytes. `isEmpty`: the socket itself
   * holds none of them back.
   */
  next(isEmpty: boolean): Uint8Array {
    if (this.#current !== undefined && isEmpty && this.reader?.isFlushed() === true) return this.#current
    if (this.#current !== undefined) this.reader?.held.push(this.#current)
    this.#current = this.#buffers.take()
    return this.#current
  }
}
