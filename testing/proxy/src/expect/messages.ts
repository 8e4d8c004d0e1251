/** Messages that many rows send. */
import type { Reply } from "../wire/Upstream.ts"

const head = (start: string, lines: ReadonlyArray<string>): string => [start, ...lines, "\r\n"].join("\r\n")

/** A signed-in user's request. Lines without their CRLF. */
export const request = (method: string, target: string, ...lines: ReadonlyArray<string>): string =>
  head(`${method} ${target} HTTP/1.1`, ["Host: app.example", ...lines]).replace("\r\n\r\n", "\r\n{auth}\r\n")

export const get = (target: string, ...lines: ReadonlyArray<string>): string => request("GET", target, ...lines)

/** A POST with a body and its length. */
export const post = (target: string, body: string, ...lines: ReadonlyArray<string>): string =>
  request("POST", target, ...lines, `Content-Length: ${body.length}`) + body

/** An answer of status 200 with a body and its length. */
export const ok = (body = "ok", ...lines: ReadonlyArray<string>): string => answer(200, "OK", body, ...lines)

export const answer = (status: number, reason: string, body: string, ...lines: ReadonlyArray<string>): string =>
  head(`HTTP/1.1 ${status} ${reason}`, [...lines, `Content-Length: ${body.length}`]) + body

/** A handshake of RFC 6455, but for what `lines` say. */
export const webSocket = (target: string, ...lines: ReadonlyArray<string>): string =>
  get(
    target,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...lines
  )

export const switched = (...lines: ReadonlyArray<string>): string =>
  head("HTTP/1.1 101 Switching Protocols", [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ...lines
  ])

/** Bytes in chunks, with the last chunk and no trailers. */
export const chunks = (...pieces: ReadonlyArray<string>): string =>
  `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("")}0\r\n\r\n`

export const thenClose = (bytes: string): Reply => ({ bytes, leaves: "close" })
export const thenReset = (bytes: string): Reply => ({ bytes, leaves: "reset" })

/** The head of an answer of status 200, for a body that a row writes by itself. */
export const okHead = (...lines: ReadonlyArray<string>): string => head("HTTP/1.1 200 OK", lines)
