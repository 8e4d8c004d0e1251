/**
 * The upstream's side: a raw server that keeps every byte, and answers with bytes.
 *
 * @module
 */
import { once } from "node:events"
import { createServer } from "node:net"
import { type Message, readRequest, valuesOf } from "./Message.ts"
import { makeSignal, type Signal } from "./Signal.ts"
import { makeWire, type Wire } from "./Wire.ts"

export interface UpstreamConnection {
  readonly wire: Wire
  /** What was received behind the last whole request: after an upgrade, all that the client said. */
  readonly rest: () => Buffer
  readonly send: (bytes: string | Buffer) => void
}

export interface UpstreamRequest {
  readonly connection: UpstreamConnection
  readonly method: string
  readonly target: string
  /** As far as it was received. */
  readonly message: Message
}

/** What the upstream does upon a request: sends bytes, and leaves if it says so; or whatever a function does. */
export type Reply =
  | string
  | { readonly bytes: string; readonly leaves: "close" | "reset" }
  | ((connection: UpstreamConnection, request: UpstreamRequest) => void)

export interface UpstreamOptions {
  readonly host: string
  readonly port: number
  /** How long anything is waited for. */
  readonly longestMillis: number
  /** One for each request, in their order; the last one serves all that follow. None: it keeps silent. */
  readonly replies: ReadonlyArray<Reply>
  /** When it replies: once the request was received whole, or once its head was. */
  readonly at: "request" | "head"
}

export interface Upstream extends Pick<Signal, "until"> {
  /** All requests but probes, in the order of their heads. */
  readonly requests: ReadonlyArray<UpstreamRequest>
  /** All connections on which anything but probes was received. */
  readonly connections: ReadonlyArray<UpstreamConnection>
  /** The request of this index, once its head was received. */
  readonly request: (index?: number) => Promise<UpstreamRequest>
  /** The same, once its body was, too. */
  readonly whole: (index?: number) => Promise<UpstreamRequest>
  /** Ends all connections, and takes no others: they are refused. */
  readonly stopListening: () => Promise<void>
  readonly listenAgain: () => Promise<void>
  /** Ends everything. */
  readonly close: () => Promise<void>
}

/** Answered by every upstream, and hidden from cases: a response shows that the subject is alive, and that what it sent before has arrived. */
export const probePath = "/probe"
const probeAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nprobe"

export const openUpstream = async ({ host, port, longestMillis, replies, at }: UpstreamOptions): Promise<Upstream> => {
  const wires = new Set<Wire>()
  const connections: Array<UpstreamConnection> = []
  const requests: Array<UpstreamRequest> = []
  const signal = makeSignal(
    longestMillis,
    () =>
      `the upstream has received ${requests.map(({ method, target }) => `${method} ${target}`).join(", ") || "no request"} on ${connections.length} connections`
  )
  const replyTo = (request: UpstreamRequest, index: number) => {
    const reply = replies[Math.min(index, replies.length - 1)]
    const { connection } = request
    if (reply === undefined) return
    if (typeof reply === "function") return reply(connection, request)
    connection.send(typeof reply === "string" ? reply : reply.bytes)
    if (typeof reply === "string") return
    if (reply.leaves === "close") connection.wire.end()
    else connection.wire.socket.write("", () => connection.wire.reset())
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let from = 0
    let current: { -readonly [Key in keyof UpstreamRequest]: UpstreamRequest[Key] } | undefined
    let index = -1
    /** An upgrade was asked for: what follows is HTTP only once it has been refused. */
    let upgrade: "none" | "asked" | "agreed" = "none"
    const connection: UpstreamConnection = {
      get wire() {
        return wire
      },
      rest: () => wire.received().subarray(from),
      send: (bytes) => {
        if (upgrade === "asked") upgrade = bytes.toString("latin1").startsWith("HTTP/1.1 101") ? "agreed" : "none"
        wire.send(bytes)
      }
    }
    const note = () => {
      if (!connections.includes(connection)) connections.push(connection)
    }
    const readOne = (): boolean => {
      const message = upgrade === "none" ? readRequest(wire.received(), from) : undefined
      if (message === undefined) return false
      const [method = "", target = ""] = message.startLine.split(" ")
      if (target.endsWith(probePath)) {
        from = message.next
        wire.send(probeAnswer)
        wire.end()
        return true
      }
      if (current === undefined) {
        note()
        current = { connection, method, target, message }
        index = requests.push(current) - 1
        if (at === "head") replyTo(current, index)
      }
      current.message = message
      if (!message.complete) return false
      from = message.next
      const request = current
      current = undefined
      if (valuesOf(message.fields, "upgrade").length > 0) upgrade = "asked"
      if (at === "request") replyTo(request, index)
      return true
    }
    const wire = makeWire(socket, longestMillis, () => {
      while (readOne()) {
        // Each whole request in turn.
      }
      if (wire.count() > from) note()
      signal.notify()
    })
    wires.add(wire)
  })
  await once(server.listen(port, host), "listening")
  const stopListening = async () => {
    if (!server.listening) return
    for (const { socket } of wires) socket.destroy()
    await once(server.close(), "close")
  }
  return {
    requests,
    connections,
    until: signal.until,
    request: (index = 0) => signal.until(`request ${index + 1} at the upstream`, () => requests[index]),
    whole: (index = 0) =>
      signal.until(`the whole of request ${index + 1} at the upstream`, () =>
        requests[index]?.message.complete ? requests[index] : undefined
      ),
    stopListening,
    listenAgain: async () => void (await once(server.listen(port, host), "listening")),
    close: async () => {
      const closed = server.listening ? once(server, "close") : undefined
      server.close()
      for (const { socket } of wires) socket.destroy()
      await closed
    }
  }
}
