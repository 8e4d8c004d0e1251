/**
 * HTTP/1.1 as bytes on a socket, for what no well-behaved client sends: a body without its length, bytes behind an upgrade, half a
 * request. Answers are read as the contract's client reads them.
 */
import { connect, type Socket } from "node:net"
import { type HeaderLines, type RawRequest, readAnswer } from "../../../testing/src/contract/http/rawHttp.ts"

export type { HeaderLines, RawRequest }

export interface RawAnswer {
  readonly status: number
  /** Names in lower case; of a name that stands twice, the last value. */
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
  return only(await exchange(port, toBytes({ ...request, headers }), request.method))
}

/** Sends one upgrade, with more bytes behind it if there are any, and reads until the server ends the connection. */
export const askUpgrade = async (port: number, request: RawRequest): Promise<RawAnswer> =>
  only(await exchange(port, toBytes({ ...request, headers: [...upgradeLines, ...(request.headers ?? [])] })))

/** Sends bytes, and reads answers until the server ends the connection; rejects where twenty seconds pass without a byte. */
export const exchange = async (port: number, bytes: Uint8Array, method = "GET"): Promise<ReadonlyArray<RawAnswer>> => {
  const socket = await open(port)
  const text = readToEnd(socket)
  socket.write(bytes)
  return readAnswers(Buffer.from(await text, "latin1"), method)
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

const readAnswers = (bytes: Buffer, method: string): ReadonlyArray<RawAnswer> => {
  const answers: Array<RawAnswer> = []
  for (let rest = bytes; rest.length > 0; ) {
    const answer = readAnswer(rest, method, true)
    if (answer === undefined) throw new Error(`An HTTP answer was cut off: ${rest.toString("latin1", 0, 200)}`)
    const { status, body, end } = answer
    const headers = new Map([...answer.headers].map(([name, values]) => [name, values.at(-1) ?? ""]))
    answers.push({ status, headers, body, text: rest.toString("latin1", 0, end) })
    rest = rest.subarray(end)
  }
  return answers
}

const only = (answers: ReadonlyArray<RawAnswer>): RawAnswer => {
  const [answer] = answers
  if (answer === undefined || answers.length > 1) throw new Error(`One answer was expected, ${answers.length} came.`)
  return answer
}
