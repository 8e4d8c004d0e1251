/** Decision → node:http's response, or the bytes on a socket that asked for an upgrade. */
import { type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import type { HttpResponse, ResponseHeaders } from "@cognito-auth/core"

/** Sends an answer as the response. If a response has been sent already, by an app's time-out for example, it is not changed. */
export const toResponse = (answer: HttpResponse, res: ServerResponse): void => {
  if (res.headersSent) return
  res.statusCode = answer.status
  setHeaders(answer.headers, res)
  res.end(answer.body)
}

/** Adds the header fields of an admitted decision to the app's response. */
export const setHeaders = (headers: ResponseHeaders, res: ServerResponse): void => {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
}

/** Answers an upgrade with a real HTTP status (RFC 9110 §7.8: a server may ignore Upgrade), then ends the connection. */
export const toSocket = (answer: HttpResponse, socket: Duplex): void => {
  const fields = { ...answer.headers, connection: "close", "content-length": String(Buffer.byteLength(answer.body)) }
  const lines = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`))
  const head = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`, ...lines, "", ""].join("\r\n")
  socket.end(head + answer.body, () => socket.destroy())
}
