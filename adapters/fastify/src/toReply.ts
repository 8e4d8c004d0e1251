/** Answer → Fastify's reply. */
import type { Answer, ResponseHeaders } from "@cognito-auth/core"

/** As much of a reply as an answer needs. */
export interface ReplyLike {
  code(status: number): unknown
  header(name: string, value: string | Array<string>): unknown
  send(body?: unknown): unknown
}

/** Sends an answer as bytes: to a text, Fastify would add a charset, which JSON does not have (RFC 8259 §11). */
export const toReply = (answer: Answer, reply: ReplyLike): void => {
  reply.code(answer.status)
  setHeaders(answer.headers, reply)
  reply.send(answer.body === "" ? undefined : Buffer.from(answer.body))
}

/** Sets the fields that an admitted request's own response is to have. */
export const setHeaders = (headers: ResponseHeaders, reply: ReplyLike): void => {
  for (const [name, value] of Object.entries(headers)) reply.header(name, typeof value === "string" ? value : [...value])
}
