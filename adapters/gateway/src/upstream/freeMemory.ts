/**
 * Frees a chunk's memory as soon as the kernel has taken it.
 *
 * Node's parser copies each chunk of a body into memory of its own. The garbage collector comes by only once 64 MB of them have piled
 * up, so each copy goes to memory that is in no cache, and that the allocator has often returned to the system in between. Freed at
 * once, it is the same memory for every chunk: an answer of 1 MB costs half as much (docs/decisions/0012-data-plane.md).
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
 * What is transferred through a port that is closed reaches nobody (HTML, MessagePort's postMessage), so it is freed. Until it is closed,
 * it would wait in a queue.
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

/** The chunk must have no other reader, and be empty for whoever still holds it. */
export const makeFreeMemory = (): ((chunk: Buffer) => void) => {
  const canTransfer = "transfer" in ArrayBuffer.prototype
  const free: Free = canTransfer ? (memory: Transferable) => void memory.transfer?.(0) : freeByPort()
  return ({ buffer, byteLength }) => {
    // What is only part of some memory shares it with others.
    if (byteLength >= leastBytes && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) free(buffer)
  }
}
