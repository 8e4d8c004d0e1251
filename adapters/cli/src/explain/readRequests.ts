/** The text of a file → the requests in it, in any of the forms in which people have them: JSON, a HAR file, header lines. */
import type { HeaderFields } from "@cognito-auth/core"
import { UsageError } from "../ExitCode.ts"
import { readTime } from "./time.ts"

/** A request as it was found in a file: what the pipeline is given, and when it was sent where the file says so. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly headers: HeaderFields
  /** Whether it asks to leave HTTP, for a WebSocket say. */
  readonly upgrade: boolean
  /** Milliseconds since 1970; `undefined` where the file does not say. */
  readonly sentAt: number | undefined
  /** The caller's own name for it, where there is one. */
  readonly id: string | number | undefined
}

/** One header field after the other, as they stood; a name that comes again makes a list, which core then refuses or not. */
const toFields = (pairs: Iterable<readonly [string, unknown]>): HeaderFields => {
  const fields: Record<string, unknown> = Object.create(null)
  for (const [name, value] of pairs) {
    const before = fields[name]
    fields[name] = name in fields ? [before, value].flat() : value
  }
  return fields as HeaderFields
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const oidcHeader = /^x-amzn-oidc-/i

/** Whether any of the three headers is there. */
export const hasSignIn = ({ headers }: ReadRequest): boolean => Object.keys(headers).some((name) => oidcHeader.test(name))

/** Throws `UsageError` where there is no request in it. Never quotes the text. */
export const readRequests = (text: string): ReadonlyArray<ReadRequest> => {
  const requests = /^\s*[[{]/.test(text) ? readJson(text) : readHeaderLines(text)
  if (requests.length > 0) return requests
  throw new UsageError(
    "There is no request in the input. Expected its headers as a JSON object or an array of pairs, a HAR file, the output of `curl -v`, or header lines."
  )
}

const readJson = (text: string): ReadonlyArray<ReadRequest> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError("The input begins like JSON, and is not JSON. For one JSON object per line, add --jsonl.")
  }
  const har = readHar(value)
  if (har !== undefined) return har
  const request = readJsonRequest(value)
  return request === undefined ? [] : [request]
}

/** A HAR file, as browsers' developer tools save it → its requests (HAR 1.2, `log.entries`). `undefined`: it is no HAR file. */
const readHar = (value: unknown): ReadonlyArray<ReadRequest> | undefined => {
  if (!isRecord(value) || !isRecord(value["log"]) || !Array.isArray(value["log"]["entries"])) return undefined
  return value["log"]["entries"].flatMap((entry: unknown) => {
    if (!isRecord(entry)) return []
    const request = readJsonRequest(entry["request"])
    return request === undefined ? [] : [{ ...request, sentAt: readTime(entry["startedDateTime"]) }]
  })
}

/**
 * One JSON value → one request: its headers alone, or an object that holds them.
 *
 * Takes `{"x-amzn-oidc-data": "…"}`, `[["x-amzn-oidc-data", "…"]]`, `[{"name": "…", "value": "…"}]`, Node's flat `rawHeaders`,
 * and an object with any of these in its `headers`, as an ALB's event for a Lambda function. `undefined`: it is none of them.
 */
export const readJsonRequest = (value: unknown): ReadRequest | undefined => {
  if (isRecord(value) && typeof value["headers"] === "object" && value["headers"] !== null) {
    const headers = readHeaders(isRecord(value["multiValueHeaders"]) ? value["multiValueHeaders"] : value["headers"])
    if (headers === undefined) return undefined
    const id = value["id"]
    return {
      method: firstText(value["method"], value["httpMethod"]) ?? "GET",
      target: firstText(value["target"], value["path"], value["url"]) ?? "/",
      headers,
      upgrade: asksToUpgrade(headers),
      sentAt: readTime(value["at"]),
      id: typeof id === "number" || (typeof id === "string" && id.length <= 200) ? id : undefined
    }
  }
  const headers = readHeaders(value)
  return headers === undefined
    ? undefined
    : { method: "GET", target: "/", headers, upgrade: asksToUpgrade(headers), sentAt: undefined, id: undefined }
}

const asksToUpgrade = (headers: HeaderFields): boolean => Object.keys(headers).some((name) => name.toLowerCase() === "upgrade")

const firstText = (...values: ReadonlyArray<unknown>): string | undefined => values.find((value) => typeof value === "string")

const readHeaders = (value: unknown): HeaderFields | undefined => {
  // As it is: the pipeline itself decides about what is no text.
  if (isRecord(value)) return value as HeaderFields
  if (!Array.isArray(value)) return undefined
  const pairs = value.map(readPair)
  if (pairs.every((pair) => pair !== undefined)) return toFields(pairs)
  if (value.length % 2 !== 0 || !value.every((item) => typeof item === "string")) return undefined
  return toFields(value.flatMap((name, i) => (i % 2 === 0 ? [[name, value[i + 1]] as const] : [])))
}

const readPair = (item: unknown): readonly [string, unknown] | undefined => {
  if (Array.isArray(item)) return item.length === 2 && typeof item[0] === "string" ? [item[0], item[1]] : undefined
  return isRecord(item) && typeof item["name"] === "string" && "value" in item ? [item["name"], item["value"]] : undefined
}

// RFC 9112 §3: method, target, version.
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/[\d.]+$/
// RFC 9110 §5.1: a token.
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * Header lines → requests: what `curl -v` printed, or the head of an HTTP request as it stands.
 *
 * The requests in a text. In the output of `curl -v` only lines that begin with `>` count, which is what was sent. Without
 * any, every line counts; those before the first request line are a request of their own.
 */
export const readHeaderLines = (text: string): ReadonlyArray<ReadRequest> => {
  const lines = text.split(/\r?\n/)
  const sent = lines.filter((line) => line.startsWith("> ")).map((line) => line.slice(2))
  const requests: Array<{ method: string; target: string; pairs: Array<readonly [string, string]> }> = []
  for (const line of sent.length > 0 ? sent : lines) {
    const [, method, target] = requestLine.exec(line) ?? []
    if (method !== undefined && target !== undefined) {
      requests.push({ method, target, pairs: [] })
      continue
    }
    const colon = line.indexOf(":")
    const name = line.slice(0, Math.max(0, colon))
    if (!fieldName.test(name)) continue
    if (requests.length === 0) requests.push({ method: "GET", target: "/", pairs: [] })
    requests.at(-1)?.pairs.push([name, withoutSpace(line.slice(colon + 1))])
  }
  return requests.map(({ method, target, pairs }) => {
    const headers = toFields(pairs)
    return { method, target, headers, upgrade: asksToUpgrade(headers), sentAt: undefined, id: undefined }
  })
}

/**
 * RFC 9110 §5.5: a value without the spaces and tabs around it. In time linear in its length, which a regular expression's is not: it begins
 * anew at each space of a run that does not end the line.
 */
const withoutSpace = (value: string): string => {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09
