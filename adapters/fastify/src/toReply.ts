/** `HttpResponse` → Fastify's reply. */
import type { Connection, HttpResponse, ResponseHeaders } from "@cognito-auth/core"

/** The part of a reply that an answer needs, so that every server, schema and type provider fits. */
export interface ReplyLike {
  code(status: number): unknown
  header(name: string, value: string | Array<string>): unknown
  send(body?: unknown): unknown
  readonly raw: Connection & { once(event: "finish", listener: () => void): unknown }
}

/** Sends an answer as bytes: to a string, Fastify would add a charset, which JSON does not have (RFC 8259 §11). */
export const toReply = (answer: HttpResponse, reply: ReplyLike): void => {
  reply.code(answer.status)
  setHeaders(answer.headers, reply)
  reply.send(answer.body === "" ? undefined : Buffer.from(answer.body))
}

/** Answers an upgrade, and ends its connection: @fastify/websocket does so only where its own hooks ran first. */
export const toLastReply = (answer: HttpResponse, reply: ReplyLike): void => {
  reply.raw.once("finish", () => reply.raw.destroy())
  toReply({ ...answer, headers: { ...answer.headers, connection: "close" } }, reply)
}

/** Adds the header fields of an admitted decision to the app's response. */
export const setHeaders = (headers: ResponseHeaders, reply: ReplyLike): void => {
  for (const [name, value] of Object.entries(headers)) reply.header(name, typeof value === "string" ? value : [...value])
}
