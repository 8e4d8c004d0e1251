/**
 * Frees a chunk's memory as soon as the kernel has taken it.
 *
 * Node's parser copies each chunk of a body into new memory. The garbage collector runs only once 64 MB of them have
 * accumulated, so each copy goes to memory that is in no cache, and that the allocator has often returned to the system in between. Freed at
 * once, the same memory serves every chunk: a response of 1 MB costs half as much (docs/decisions/0012-data-plane.md).
 *
 * @module
 */
import { MessageChannel } from "node:worker_threads"

/** Smaller ones are not worth it. */
const leastBytes = 16_384

type Free = (memory: ArrayBuffer) => void

/** From Node 22 on; the type is that of ES2024. */
interface Transferable extends ArrayBuffer {
  readonly transfer?: (length: number) => ArrayBuffer
}

/**
 * A buffer that is transferred through a closed port has no receiver (HTML, MessagePort's postMessage), so it is freed. In an open
 * port, it would wait in a queue.
 */
const freeByPort = (): Free => {
  const { port1, port2 } = new MessageChannel()
  let isClosed = false
  port1.once("close", () => {
    isClosed = true
  })
  port1.unref()
  port2.close()
  const transferred: Array<ArrayBuffer> = []
  return (memory) => {
    if (!isClosed) return
    transferred[0] = memory
    port1.postMessage(undefined, transferred)
    transferred.length = 0
  }
}

/** The chunk must have no other reader; afterwards it is empty for all code that still holds it. */
export const makeFreeMemory = (): ((chunk: Buffer) => void) => {
  const canTransfer = "transfer" in ArrayBuffer.prototype
  const free: Free = canTransfer ? (memory: Transferable) => void memory.transfer?.(0) : freeByPort()
  return ({ buffer, byteLength }) => {
    // A view of only part of its memory shares it with others.
    if (byteLength >= leastBytes && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) free(buffer)
  }
}
