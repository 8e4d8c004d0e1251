/** The load: requests on kept connections, by plain sockets, so that the load takes little of the machine; every answer is checked. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { expectThat } from "../Scenario.ts"

/** A request's bytes as a load balancer sends them. */
export const toBytes = (path: string, headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    [`GET ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n"),
    "latin1"
  )

interface ReceivedResponse {
  readonly status: number
  readonly bodyBytes: number
  /** The body, where it came with the head. */
  readonly text: string
}

export interface Connection {
  /** Sends a request and waits for the end of its answer. One at a time. */
  readonly get: (request: Buffer) => Promise<ReceivedResponse>
  /** Sends a request and gives every chunk of the answer to a listener, the head among them. What it is given is overwritten later. */
  readonly listen: (request: Buffer, listener: { readonly onBytes: (bytes: Buffer) => void; readonly onEnd: () => void }) => void
  readonly close: () => void
}

export const openConnection = async (port: number): Promise<Connection> => {
  let onBytes = (_bytes: Buffer): void => undefined
  let onEnd = (): void => undefined
  const socket: Socket = connect({
    port,
    host: "127.0.0.1",
    noDelay: true,
    onread: {
      // One buffer for all that is received: nothing of it is kept.
      buffer: Buffer.allocUnsafe(65_536),
      callback: (length, buffer) => {
        onBytes(Buffer.from(buffer.buffer, buffer.byteOffset, length))
        return true
      }
    }
  })
  await once(socket, "connect")
  socket.on("close", () => onEnd()).on("error", () => undefined)
  return {
    get: (request) =>
      new Promise((resolve, reject) => {
        let head = ""
        let status = 0
        let bodyBytes = -1
        let left = -1
        let text = ""
        onEnd = () => reject(new Error(`The connection ended in the middle of an answer: ${head.slice(0, 200)}`))
        onBytes = (bytes) => {
          if (left >= 0) left -= bytes.length
          else {
            head += bytes.toString("latin1")
            const end = head.indexOf("\r\n\r\n")
            if (end === -1) return
            status = Number(head.slice(9, 12))
            bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end))?.[1] ?? Number.NaN)
            text = head.slice(end + 4)
            left = bodyBytes - text.length
          }
          if (left > 0) return
          onEnd = () => undefined
          if (left === 0) resolve({ status, bodyBytes, text })
          else reject(new Error(`An answer has another length than it says: ${head.slice(0, 200)}`))
        }
        socket.write(request)
      }),
    listen: (request, listener) => {
      onBytes = listener.onBytes
      onEnd = listener.onEnd
      socket.write(request)
    },
    close: () => {
      onEnd = () => undefined
      socket.destroy()
    }
  }
}

/** Sends so many requests, in turn those that are given, over as many connections as are given. */
export const getAll = async (
  connections: ReadonlyArray<Connection>,
  requests: ReadonlyArray<Buffer>,
  count: number,
  bodyBytes: number
): Promise<void> => {
  let sent = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (sent < count) {
        const answer = await connection.get(requests[sent++ % requests.length] as Buffer)
        expectThat(
          answer.status === 200 && answer.bodyBytes === bodyBytes,
          `an answer has status ${answer.status} and ${answer.bodyBytes} bytes`
        )
      }
    })
  )
}
