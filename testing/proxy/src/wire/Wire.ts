/**
 * A raw socket: every byte that it received is kept, and waited for as an event.
 *
 * @module
 */
import type { Socket } from "node:net"
import { quote } from "./Message.ts"
import { makeSignal, type Signal } from "./Signal.ts"

/** How the other side has left: `end` with all its bytes (FIN), `reset` without (RST). */
type Closed = "end" | "reset"

export interface Wire extends Pick<Signal, "until"> {
  readonly socket: Socket
  /** All bytes received since the beginning. */
  readonly received: () => Buffer
  /** How many of them. */
  readonly count: () => number
  readonly closed: () => Closed | undefined
  /** Sends bytes: a character of a string is a byte. */
  readonly send: (bytes: string | Buffer) => void
  /** Sends FIN. What the other side still says is received. */
  readonly end: () => void
  /** Sends RST. */
  readonly reset: () => void
  /** Waits until the other side has left. */
  readonly untilClosed: () => Promise<Closed>
}

/** `onChange` is told after each event. */
export const makeWire = (socket: Socket, longestMillis: number, onChange: () => void = () => undefined): Wire => {
  let chunks: Array<Buffer> = []
  let count = 0
  let closed: Closed | undefined
  const received = (): Buffer => {
    if (chunks.length !== 1) chunks = [Buffer.concat(chunks)]
    return chunks[0] as Buffer
  }
  const signal = makeSignal(longestMillis, () => {
    const last = quote(received().subarray(-100).toString("latin1"))
    return `the connection is ${closed === undefined ? "open" : `closed (${closed})`}, ${count} bytes received, the last are ${last}`
  })
  const note = (how?: Closed) => {
    closed ??= how
    signal.notify()
    onChange()
  }
  socket.setNoDelay(true)
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    count += chunk.length
    note()
  })
  socket.on("end", () => note("end"))
  // EPIPE: this side wrote to one that had left. What that one had sent before is still to be read.
  socket.on("error", ({ code }: NodeJS.ErrnoException) => note(code === "EPIPE" ? undefined : "reset"))
  socket.on("close", (hadError) => note(hadError ? "reset" : "end"))
  return {
    socket,
    received,
    count: () => count,
    closed: () => closed,
    send: (bytes) => {
      if (!socket.destroyed) socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes)
    },
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    until: signal.until,
    untilClosed: () => signal.until("the end of the connection", () => closed)
  }
}
