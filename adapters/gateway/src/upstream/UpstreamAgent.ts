/**
 * Connections to one upstream, kept for the next request.
 *
 * @module
 */
import { type ClientRequest, Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { connect, type Socket } from "node:net"
import type { Duplex } from "node:stream"
import { TLSSocket } from "node:tls"
import { noteReset } from "@cognito-auth/node/proxy"
import { type ReadBuffers, SocketBuffer } from "./ReadBuffer.ts"

export interface AgentOptions {
  readonly isTls: boolean
  /** Whether connections are kept. */
  readonly keepAlive: boolean
  /** How long a connection may take to be made. */
  readonly connectMillis: number
  /** Memory to read into, used again. Default: as Node does. Not for TLS, which has memory of its own. */
  readonly buffers?: ReadBuffers | undefined
}

/** Uvicorn closes a connection that has been idle for 5 seconds, and does not say so beforehand. */
const idleMillis = 4_000

export const makeAgent = (options: AgentOptions): HttpAgent => (options.isTls ? new TlsUpstreamAgent(options) : new UpstreamAgent(options))

/** What a connection reads into, where that is memory used again. */
export const bufferOf = (socket: Duplex | null): SocketBuffer | undefined => (socket === null ? undefined : socketBuffers.get(socket))

const socketBuffers = new WeakMap<Duplex, SocketBuffer>()

type Connected = (error: Error | null, socket: Duplex) => void

// All connections of an agent lead to the same place: they need no names. Node's own `keepSocketAlive` makes system calls for
// each request, to set what has been set already.

class UpstreamAgent extends HttpAgent {
  readonly #options: AgentOptions

  constructor(options: AgentOptions) {
    super({ keepAlive: options.keepAlive, scheduling: "lifo" })
    this.#options = options
  }
  override getName(): string {
    return ""
  }
  override createConnection(options: object, connected?: Connected): Duplex | null | undefined {
    const { buffers, connectMillis } = this.#options
    if (buffers === undefined) return watch(super.createConnection(options, connected), connectMillis)
    const buffer = new SocketBuffer(buffers)
    // Asked for memory before it is returned.
    let socket: Socket | undefined
    socket = connect({
      ...(options as { readonly host: string; readonly port: number }),
      onread: {
        buffer: () => buffer.next(socket?.readableLength === 0),
        callback: (length, read) => socket?.push(read.subarray(0, length)) === true
      }
    })
    socketBuffers.set(socket, buffer)
    return watch(socket, connectMillis)
  }
  override keepSocketAlive(socket: Duplex): boolean {
    return keep(socket)
  }
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(use(socket), request)
  }
}

class TlsUpstreamAgent extends HttpsAgent {
  readonly #connectMillis: number

  constructor({ keepAlive, connectMillis }: AgentOptions) {
    super({ keepAlive, scheduling: "lifo" })
    this.#connectMillis = connectMillis
  }
  override getName(): string {
    return ""
  }
  override createConnection(options: object, connected?: Connected): Duplex | null | undefined {
    return watch(super.createConnection(options, connected), this.#connectMillis)
  }
  override keepSocketAlive(socket: Duplex): boolean {
    return keep(socket)
  }
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(use(socket), request)
  }
}

/** Ends a connection that is not made in time, or that says something when nobody has asked: whose answer would it be? */
const watch = (connection: Duplex | null | undefined, connectMillis: number): Duplex | null | undefined => {
  const socket = connection as Socket | null | undefined
  if (socket === null || socket === undefined) return socket
  const giveUp = () => socket.destroy(Object.assign(new Error("The upstream takes no connection."), { code: "ETIMEDOUT" }))
  socket.setTimeout(connectMillis, giveUp)
  socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", () => socket.setTimeout(0).off("timeout", giveUp))
  noteReset(socket)
  return socket.on("data", () => {
    if (socket.listenerCount("data") === 1) socket.destroy()
  })
}

/** The agent ends what is kept for so long. */
const keep = (connection: Duplex): boolean => {
  ;(connection as Socket).setTimeout(idleMillis)
  return true
}
const use = (connection: Duplex): Duplex => (connection as Socket).setTimeout(0)
