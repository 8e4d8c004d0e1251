/**
 * HTTP/1.1 as bytes on a socket: sends what no well-behaved client sends, and reads exactly what is received.
 *
 * @module
 */
import { connect, type Socket } from "node:net"

/** Header lines in the order and the case in which they are sent; a name may occur twice. */
export type HeaderLines = ReadonlyArray<readonly [name: string, value: string]>

export interface RawRequest {
  readonly method?: string | undefined
  /** The exact request target. Default `/`. */
  readonly target?: string | undefined
  readonly headers?: HeaderLines | undefined
  readonly body?: string | undefined
}

export interface RawAnswer {
  readonly status: number
  /** Names in lower case, each with its lines' values. */
  readonly headers: ReadonlyMap<string, ReadonlyArray<string>>
  readonly body: string
}

/** The time limit for anything that should happen at once, on a machine that may be busy. */
export const patienceMillis = 20_000

export const toBytes = ({ method = "GET", target = "/", headers = [], body = "" }: RawRequest): Buffer => {
  const lines = [`${method} ${target} HTTP/1.1`, "host: app.example", ...headers.map(([name, value]) => `${name}: ${value}`)]
  if (body !== "") lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1")
}

/** The bytes received on a connection so far, and whether it has ended. */
export class RawConnection {
  readonly #socket: Socket
  readonly #waiting = new Set<() => void>()
  #received = Buffer.alloc(0)
  #endedAt: number | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#tell()
    })
    // A reset is an end too; `close` follows.
    socket.on("error", () => undefined)
    socket.on("close", () => {
      this.#endedAt = Date.now()
      this.#tell()
    })
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.off("error", reject)
        resolve(new RawConnection(socket))
      })
      socket.once("error", reject)
    })
  }

  get received(): Buffer {
    return this.#received
  }
  /** When the other side ended the connection. */
  get endedAt(): number | undefined {
    return this.#endedAt
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Waits until `look` returns something; rejects with what was received, when the connection ends or after the time limit. */
  async until<A>(what: string, look: () => A | undefined, millis = patienceMillis): Promise<A> {
    const deadline = Date.now() + millis
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      const left = deadline - Date.now()
      if (this.#endedAt !== undefined || left <= 0) {
        const why = this.#endedAt === undefined ? `within ${millis} ms` : "before the connection was closed"
        throw new Error(`Expected ${what} ${why}; received ${JSON.stringify(this.#received.toString("latin1").slice(0, 800))}`)
      }
      await this.#news(left)
    }
  }

  /** Waits for the end of the connection. */
  ended(what: string, millis = patienceMillis): Promise<number> {
    return this.until(what, () => this.#endedAt, millis)
  }

  #tell(): void {
    for (const each of this.#waiting) each()
  }

  #news(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, millis)
      this.#waiting.add(done)
    })
  }
}

/** A header section, once it is complete. */
export const readHead = (
  bytes: Buffer
): { readonly status: number; readonly headers: RawAnswer["headers"]; readonly end: number } | undefined => {
  const end = bytes.indexOf("\r\n\r\n")
  if (end === -1) return undefined
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n")
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine)?.[1]
  if (status === undefined) throw new Error(`Expected a status line of HTTP/1.1; received ${JSON.stringify(statusLine)}`)
  const headers = new Map<string, Array<string>>()
  for (const line of lines) {
    const colon = line.indexOf(":")
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return { status: Number(status), headers, end: end + 4 }
}

/** A response with its body, once it is complete (RFC 9112 §6.3). `ended`: no more bytes will arrive. */
export const readAnswer = (bytes: Buffer, method: string, ended: boolean): (RawAnswer & { readonly end: number }) | undefined => {
  const head = readHead(bytes)
  if (head === undefined) return undefined
  const { status, headers } = head
  const rest = bytes.subarray(head.end)
  const whole = (body: Buffer, length: number) => ({ status, headers, body: body.toString("utf8"), end: head.end + length })
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return whole(Buffer.alloc(0), 0)
  if (headers.get("transfer-encoding")?.[0]?.toLowerCase() === "chunked") {
    const chunks: Array<Buffer> = []
    for (let at = 0; ; ) {
      const line = rest.indexOf("\r\n", at)
      if (line === -1) return undefined
      const size = Number.parseInt(rest.subarray(at, line).toString("latin1"), 16)
      const end = line + 2 + size + 2
      if (rest.length < end) return undefined
      if (size === 0) return whole(Buffer.concat(chunks), end)
      chunks.push(rest.subarray(line + 2, line + 2 + size))
      at = end
    }
  }
  const length = headers.get("content-length")?.[0]
  if (length === undefined) return ended ? whole(rest, rest.length) : undefined
  return rest.length < Number(length) ? undefined : whole(rest.subarray(0, Number(length)), Number(length))
}

/** Sends pipelined requests on one connection, and reads as many responses, and nothing after them. */
export const askInOneGo = async (port: number, requests: ReadonlyArray<RawRequest>): Promise<ReadonlyArray<RawAnswer>> => {
  const connection = await RawConnection.open(port)
  try {
    const last = requests.length - 1
    const close = (request: RawRequest): RawRequest => ({ ...request, headers: [...(request.headers ?? []), ["connection", "close"]] })
    connection.send(Buffer.concat(requests.map((request, i) => toBytes(i === last ? close(request) : request))))
    const answers: Array<RawAnswer> = []
    let read = 0
    for (const { method = "GET", target = "/" } of requests) {
      const answer = await connection.until(`an answer to ${method} ${target}`, () =>
        readAnswer(connection.received.subarray(read), method, connection.endedAt !== undefined)
      )
      read += answer.end
      answers.push(answer)
    }
    await connection.ended("the connection to be closed, as it was asked to be")
    const rest = connection.received.subarray(read).toString("latin1")
    if (rest !== "") throw new Error(`Expected nothing behind the last answer; received ${JSON.stringify(rest.slice(0, 800))}`)
    return answers
  } finally {
    connection.destroy()
  }
}

/** Sends one request on a new connection, and reads the response. */
export const ask = async (port: number, request: RawRequest): Promise<RawAnswer> => {
  const [answer] = await askInOneGo(port, [request])
  return answer as RawAnswer
}
