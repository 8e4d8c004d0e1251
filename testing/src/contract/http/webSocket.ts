/**
 * The part of RFC 6455 that an echo needs, for both ends: the handshake, and unfragmented frames of up to 64 KiB.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { Duplex } from "node:stream"

/** RFC 6455 §5.2. */
export const opcode = { text: 1, close: 8 } as const

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The answer to a client's key (RFC 6455 §4.2.2). */
export const acceptKey = (key: string): string => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")

/** One frame. A client masks its own, a server does not (RFC 6455 §5.1); a mask of zeroes leaves the payload readable. */
export const toFrame = (code: number, payload: Uint8Array, masked: boolean): Buffer => {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff]
  length[0] = (length[0] ?? 0) | (masked ? 0x80 : 0)
  return Buffer.concat([Buffer.from([0x80 | code, ...length]), Buffer.alloc(masked ? 4 : 0), payload])
}

/** A close frame with its code (RFC 6455 §5.5.1). */
export const toCloseFrame = (code: number, masked: boolean): Buffer => toFrame(opcode.close, Buffer.from([code >> 8, code & 0xff]), masked)

/** The code of a close frame; 1005 if it has none (RFC 6455 §7.1.5). */
export const closeCodeOf = (frame: Frame): number => (frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0))

/** Takes the bytes of a socket, in any pieces, and calls back with each complete frame. */
export const frameReader = (onFrame: (frame: Frame) => void): ((bytes: Uint8Array) => void) => {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.end)
      onFrame(frame)
    }
  }
}

const readFrame = (bytes: Buffer): (Frame & { readonly end: number }) | undefined => {
  if (bytes.length < 2) return undefined
  const isMasked = (bytes.readUInt8(1) & 0x80) !== 0
  const short = bytes.readUInt8(1) & 0x7f
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0
  const start = 2 + extended + (isMasked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < start + length) return undefined
  const payload = Buffer.from(bytes.subarray(start, start + length))
  if (isMasked) for (const [i, byte] of payload.entries()) payload[i] = byte ^ bytes.readUInt8(start - 4 + (i % 4))
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, end: start + length }
}

/** The server's end: accepts the upgrade and answers text messages. `closing`, when it fires, closes with its code. */
export const acceptWebSocket = (
  key: string,
  socket: Duplex,
  head: Uint8Array,
  reply: (text: string) => string,
  closing: { readonly signal: AbortSignal; readonly code: number } | undefined
): void => {
  socket.on("error", () => socket.destroy())
  // Node's HTTP servers leave a socket half open when the client has ended its half.
  socket.on("end", () => socket.end())
  const handshake = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: Upgrade"]
  socket.write([...handshake, `sec-websocket-accept: ${acceptKey(key)}`, "", ""].join("\r\n"))
  const read = frameReader((frame) => {
    if (frame.opcode === opcode.text) socket.write(toFrame(opcode.text, Buffer.from(reply(frame.payload.toString())), false))
    if (frame.opcode === opcode.close) socket.end(toCloseFrame(closeCodeOf(frame), false))
  })
  socket.on("data", read)
  if (head.length > 0) read(head)
  closing?.signal.addEventListener("abort", () => socket.writable && socket.write(toCloseFrame(closing.code, false)))
}
