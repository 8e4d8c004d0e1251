/** Decision → node:http's response, or the bytes on a socket that asked for an upgrade. */
import { STATUS_CODES, type ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Redirect, Refuse } from "@cognito-auth/core"

/** Sends a refusal as the response. */
export const toResponse = (decision: Redirect | Refuse, res: ServerResponse): void => {
  res.statusCode = decision.status
  for (const [name, value] of Object.entries(decision.headers)) res.setHeader(name, value)
  res.end(decision._tag === "Refuse" ? decision.body : "")
}

/** Answers an upgrade with a real HTTP status (RFC 9110 §7.8: a server may ignore Upgrade), then ends the connection. */
export const toSocket = (decision: Redirect | Refuse, socket: Duplex): void => {
  const body = decision._tag === "Refuse" ? decision.body : ""
  const fields = { ...decision.headers, connection: "close", "content-length": String(Buffer.byteLength(body)) }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${decision.status} ${STATUS_CODES[decision.status] ?? ""}`, ...lines, "", ""].join("\r\n")
  socket.end(head + body, () => socket.destroy())
}
