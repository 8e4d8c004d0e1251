/** The content of a file → its requests, in any common format: JSON, a HAR file, header lines. */
import type { HeaderFields } from "@cognito-auth/core"
import { UsageError } from "../ExitCode.ts"
import { readTime } from "./time.ts"

/** A request from a file: the input of the pipeline, and when it was sent, if known. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly headers: HeaderFields
  /** Whether it asks for another protocol, such as WebSocket. */
  readonly upgrade: boolean
  /** Milliseconds since 1970; `undefined`: not known. */
  readonly sentAt: number | undefined
  /** The id in the file, if there is one. */
  readonly id: string | number | undefined
}

/** Collects header fields. A repeated name becomes a list, and core decides whether to refuse it. */
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

/** Whether any of the three headers is present. */
export const hasSignIn = ({ headers }: ReadRequest): boolean => Object.keys(headers).some((name) => oidcHeader.test(name))

/** Throws `UsageError` if there is no request. The message never quotes the input. */
export const readRequests = (text: string): ReadonlyArray<ReadRequest> => {
  const requests = /^\s*[[{]/.test(text) ? readJson(text) : readHeaderLines(text)
  if (requests.length > 0) return requests
  throw new UsageError(
    "There is no request in the input. Expected the headers as a JSON object or an array of pairs, a HAR file, the output of `curl -v`, or header lines."
  )
}

const readJson = (text: string): ReadonlyArray<ReadRequest> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError("The input begins like JSON, but is not valid JSON. For one JSON object per line, add --jsonl.")
  }
  const har = readHar(value)
  if (har !== undefined) return har
  const request = readJsonRequest(value)
  return request === undefined ? [] : [request]
}

/** A HAR file from a browser's developer tools → its requests (HAR 1.2, `log.entries`). `undefined`: not a HAR file. */
const readHar = (value: unknown): ReadonlyArray<ReadRequest> | undefined => {
  if (!isRecord(value) || !isRecord(value["log"]) || !Array.isArray(value["log"]["entries"])) return undefined
  return value["log"]["entries"].flatMap((entry: unknown) => {
    if (!isRecord(entry)) return []
    const request = readJsonRequest(entry["request"])
    return request === undefined ? [] : [{ ...request, sentAt: readTime(entry["startedDateTime"]) }]
  })
}

/**
 * One JSON value → one request: only its headers, or an object with headers.
 *
 * Accepts `{"x-amzn-oidc-data": "…"}`, `[["x-amzn-oidc-data", "…"]]`, `[{"name": "…", "value": "…"}]`, Node's flat `rawHeaders`,
 * and an object with any of these in its `headers`, such as an ALB's event for a Lambda function. `undefined`: none of these formats.
 */
export const readJsonRequest = (value: unknown): ReadRequest | undefined => {
  if (isRecord(value) && typeof value["headers"] === "object" && value["headers"] !== null) {
    const headers = readHeaders(isRecord(value["multiValueHeaders"]) ? value["multiValueHeaders"] : value["headers"])
    if (headers === undefined) return undefined
    const id = value["id"]
    return {
      method: firstString(value["method"], value["httpMethod"]) ?? "GET",
      target: firstString(value["target"], value["path"], value["url"]) ?? "/",
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

const firstString = (...values: ReadonlyArray<unknown>): string | undefined => values.find((value) => typeof value === "string")

const readHeaders = (value: unknown): HeaderFields | undefined => {
  // Not validated here: the pipeline decides about values that are not strings.
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
 * Header lines → requests: from the output of `curl -v`, or from the head of an HTTP request.
 *
 * In the output of `curl -v`, only the sent lines, which begin with `>`, are read. If there are none, every line is read; lines
 * before the first request line form a separate request.
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
 * RFC 9110 §5.5: the value without leading and trailing spaces and tabs, in linear time. A regular expression would take quadratic
 * time, because it restarts at each space of a long run.
 */
const withoutSpace = (value: string): string => {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09
