/** HTTP/1.1 as bytes on a socket: sends what no well-behaved client sends, and reads exactly what came back. */
import { connect, type Socket } from "node:net"

/** Header lines in the order and the case in which they are sent; a name may stand twice. */
export type HeaderLines = ReadonlyArray<readonly [name: string, value: string]>

export interface RawRequest {
  readonly method?: string
  /** The request target, to the letter. Default `/`. */
  readonly target?: string
  readonly headers?: HeaderLines
  readonly body?: string
}

export interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** Head and body as they came. */
  readonly text: string
}

/** A sign-in's headers as header lines. */
export const toLines = (headers: Readonly<Record<string, string>>): HeaderLines => Object.entries(headers)

/** The bytes of a request, one per UTF-16 unit: `"\u00ff"` is the byte FF. */
export const toBytes = ({ method = "GET", target = "/", headers = [], body = "" }: RawRequest): Buffer => {
  const lines = [`${method} ${target} HTTP/1.1`, "host: app.example", ...headers.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1")
}

/** The headers of a WebSocket's opening handshake (RFC 6455 §4.1). */
export const upgradeLines: HeaderLines = [
  ["connection", "Upgrade"],
  ["upgrade", "websocket"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="]
]

/** Opens a connection to a server on loopback. */
export const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.off("error", reject)
      resolve(socket)
    })
    socket.once("error", reject)
  })

/** Sends one request, and reads until the server ends the connection. */
export const ask = async (port: number, request: RawRequest): Promise<RawAnswer> => {
  const headers = [...(request.headers ?? []), ["connection", "close"] as const]
  return only(await exchange(port, toBytes({ ...request, headers }), { hasBody: request.method !== "HEAD" }))
}

/** Sends one upgrade, with more bytes behind it if there are any, and reads until the server ends the connection. */
export const askUpgrade = async (port: number, request: RawRequest): Promise<RawAnswer> =>
  only(await exchange(port, toBytes({ ...request, headers: [...upgradeLines, ...(request.headers ?? [])] })))

/** Sends bytes, and reads answers until the server ends the connection; rejects where twenty seconds pass without a byte. */
export const exchange = async (port: number, bytes: Uint8Array, { hasBody = true } = {}): Promise<ReadonlyArray<RawAnswer>> => {
  const socket = await open(port)
  const text = readToEnd(socket)
  socket.write(bytes)
  return readAnswers(await text, hasBody)
}

/** Sends requests on one connection without waiting in between, and reads as many answers. */
export const pipeline = async (port: number, requests: ReadonlyArray<Uint8Array>): Promise<ReadonlyArray<RawAnswer>> => {
  const last = toBytes({ headers: [["connection", "close"]] })
  const answers = await exchange(port, Buffer.concat([...requests, last]))
  return answers.slice(0, requests.length)
}

export const readToEnd = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Buffer> = []
    const soFar = () => Buffer.concat(chunks).toString("latin1")
    socket.setTimeout(20_000, () =>
      socket.destroy(new Error(`The server did not end the connection. So far it sent: ${soFar().slice(0, 500)}`))
    )
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.once("error", reject)
    socket.once("close", () => resolve(soFar()))
  })

const readAnswers = (text: string, hasBody: boolean): ReadonlyArray<RawAnswer> => {
  const answers: Array<RawAnswer> = []
  let rest = text
  while (rest !== "") {
    const headEnd = rest.indexOf("\r\n\r\n")
    if (headEnd === -1) throw new Error(`No HTTP answer: ${rest.slice(0, 200)}`)
    const [statusLine = "", ...lines] = rest.slice(0, headEnd).split("\r\n")
    const status = /^HTTP\/1\.1 (\d{3}) .+$/.exec(statusLine)?.[1]
    if (status === undefined) throw new Error(`No HTTP status line: ${statusLine}`)
    const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]))
    const end = headEnd + 4 + (hasBody ? Number(headers.get("content-length") ?? 0) : 0)
    if (end > rest.length) throw new Error(`An HTTP answer was cut off: ${rest.slice(0, 200)}`)
    answers.push({ status: Number(status), headers, body: rest.slice(headEnd + 4, end), text: rest.slice(0, end) })
    rest = rest.slice(end)
  }
  return answers
}

const only = (answers: ReadonlyArray<RawAnswer>): RawAnswer => {
  const [answer] = answers
  if (answer === undefined || answers.length > 1) throw new Error(`One answer was expected, ${answers.length} came.`)
  return answer
}
