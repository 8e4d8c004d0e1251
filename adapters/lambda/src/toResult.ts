/** Answers, and what handlers return → the result that the load balancer expects. */
import { STATUS_CODES } from "node:http"
import type { HttpResponse, ResponseHeaders } from "@cognito-auth/core"
import type { ALBEvent, ALBResult } from "./Event.ts"

/** An answer as the whole result. */
export const toResult = (event: ALBEvent, { status, headers, body }: HttpResponse): ALBResult =>
  inFormOf(event, { statusCode: status, statusDescription: `${status} ${STATUS_CODES[status]}`, body, isBase64Encoded: false }, headers)

/**
 * The same result with these fields added, in the form of the event. A target group accepts single or multi-value
 * headers, whichever it sends, and ignores the other (AWS ELB guide, "Multi-value headers").
 */
export const inFormOf = (event: ALBEvent, result: ALBResult, more: ResponseHeaders): ALBResult => {
  const { headers, multiValueHeaders, ...rest } = result
  const fields = { ...byName(headers), ...byName(multiValueHeaders), ...byName(more) }
  return event?.multiValueHeaders == null ? { ...rest, headers: toSingleValues(fields) } : { ...rest, multiValueHeaders: fields }
}

type Value = string | number | boolean
type Fields = Record<string, Array<Value>>

/** Names are case-insensitive, so one that is spelt in two ways is one field with two values. */
const byName = (headers: Readonly<Record<string, Value | ReadonlyArray<Value>>> | undefined): Fields => {
  const fields: Fields = Object.create(null)
  for (const [name, values] of Object.entries(headers ?? {})) {
    const lowered = name.toLowerCase()
    fields[lowered] = [fields[lowered] ?? [], values].flat(2)
  }
  return fields
}

const toSingleValues = (fields: Fields): Record<string, Value> => {
  const single: Record<string, Value> = {}
  for (const [name, values] of Object.entries(fields)) {
    // RFC 9110 §5.3: several values are one list, except for Set-Cookie. A load balancer sends each spelling of its name.
    const [first = "", ...others] = values
    if (name === "set-cookie") for (const [i, value] of values.entries()) single[spelling(name, i)] = value
    else single[name] = others.length === 0 ? first : values.join(", ")
  }
  return single
}

/** The nth spelling of a name: a letter is a capital where the number has a bit. */
const spelling = (name: string, n: number): string =>
  Array.from(name, (letter, i) => ((n >> i) & 1 ? letter.toUpperCase() : letter)).join("")
