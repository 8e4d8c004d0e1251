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
  /** The time limit for connecting. */
  readonly connectMillis: number
  /** Reused buffers to read into. Default: Node's own. Not for TLS, which has its own. */
  readonly buffers?: ReadBuffers | undefined
}

/** Uvicorn closes a connection that has been idle for 5 seconds, without announcing it. */
const idleMillis = 4_000

export const makeAgent = (options: AgentOptions): HttpAgent => (options.isTls ? new TlsUpstreamAgent(options) : new UpstreamAgent(options))

/** The reused buffer that a connection reads into, if any. */
export const bufferOf = (socket: Duplex | null): SocketBuffer | undefined => (socket === null ? undefined : socketBuffers.get(socket))

const socketBuffers = new WeakMap<Duplex, SocketBuffer>()

type Connected = (error: Error | null, socket: Duplex) => void

// All connections of an agent have the same destination: they need no names. Node's own `keepSocketAlive` makes system calls for
// each request, to set options that are set already.

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
    // Called for a buffer before it is returned.
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

/** Closes a connection that is not made in time, or that receives bytes without a request: they might be taken for the next response. */
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

/** The agent closes connections that have been idle for so long. */
const keep = (connection: Duplex): boolean => {
  ;(connection as Socket).setTimeout(idleMillis)
  return true
}
const use = (connection: Duplex): Duplex => (connection as Socket).setTimeout(0)
