/**
 * HTTP/1.1 messages as they are on the wire. Nothing is normalised or tolerated: what RFC 9112 forbids a sender is listed in
 * `violations`, and the parser continues as well as it can.
 *
 * @module
 */

export type Field = readonly [name: string, value: string]

/** How the end of a body is found (RFC 9112 §6.3). */
export type Framing = "none" | "length" | "chunked" | "close"

export interface Message {
  /** Without its CRLF. */
  readonly startLine: string
  /** In their order; values without the white space around them. A character is a byte. */
  readonly fields: ReadonlyArray<Field>
  /** The bytes of the head, with the empty line. */
  readonly head: string
  readonly framing: Framing
  /** As far as it was received, without the chunks' framing. */
  readonly body: Buffer
  readonly trailers: ReadonlyArray<Field>
  /** Whether the body was received to its end. */
  readonly complete: boolean
  readonly violations: ReadonlyArray<string>
  /** Where the bytes behind the message begin. */
  readonly next: number
}

/** All values of a field, by its name in any case. */
export const valuesOf = (fields: ReadonlyArray<Field>, name: string): ReadonlyArray<string> =>
  fields.flatMap(([each, value]) => (each.toLowerCase() === name.toLowerCase() ? [value] : []))

const endOfHead = "\r\n\r\n"
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Reads a request from `from` on; `undefined` while its head is not complete. A request without a length has no body. */
export const readRequest = (bytes: Buffer, from: number): Message | undefined => {
  const head = readHead(bytes, from)
  if (head === undefined) return undefined
  const violations = [...head.violations]
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^\s]+ HTTP\/1\.[01]$/.test(head.startLine)) violations.push(`request line ${quote(head.startLine)}`)
  const hosts = valuesOf(head.fields, "host").length
  if (hosts > 1 || (hosts === 0 && head.startLine.endsWith("1.1"))) violations.push(`${hosts} Host fields`)
  return readBody(bytes, { ...head, violations }, { isClosed: false, untilClose: false, hasBody: true })
}

/** Reads an answer to `method`; `undefined` while its head is not complete. */
export const readAnswer = (bytes: Buffer, from: number, method: string, isClosed: boolean): Message | undefined => {
  const head = readHead(bytes, from)
  if (head === undefined) return undefined
  const violations = [...head.violations]
  // RFC 9112 §4: obs-text is a byte of the reason phrase, a control character is not.
  if (!/^HTTP\/1\.[01] [1-9]\d\d [\t \x21-\x7e\x80-\xff]*$/.test(head.startLine)) violations.push(`status line ${quote(head.startLine)}`)
  const status = statusOf(head)
  const isBare = status < 200 || status === 204 || status === 304
  if (status === 204 || status < 200) {
    for (const name of ["content-length", "transfer-encoding"])
      if (valuesOf(head.fields, name).length > 0) violations.push(`${name} in an answer of status ${status} (RFC 9110 §8.6, RFC 9112 §6.1)`)
  }
  return readBody(bytes, { ...head, violations }, { isClosed, untilClose: true, hasBody: method !== "HEAD" && !isBare })
}

/** The status of an answer; 0 where its first line has none. */
export const statusOf = ({ startLine }: Pick<Message, "startLine">): number =>
  Number(/^HTTP\/\d\.\d (\d{3})(?= |$)/.exec(startLine)?.[1] ?? 0)

type Head = Pick<Message, "startLine" | "fields" | "head" | "violations" | "next">

const readHead = (bytes: Buffer, from: number): Head | undefined => {
  const end = bytes.indexOf(endOfHead, from, "latin1")
  if (end === -1) return undefined
  const head = bytes.toString("latin1", from, end + endOfHead.length)
  const [startLine = "", ...lines] = head.slice(0, -endOfHead.length).split("\r\n")
  const violations: Array<string> = []
  return { startLine, head, next: end + endOfHead.length, fields: readFields(lines, violations), violations }
}

const readFields = (lines: ReadonlyArray<string>, violations: Array<string>): ReadonlyArray<Field> =>
  lines.map((line) => {
    const colon = line.indexOf(":")
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? "" : line.slice(colon + 1)
    // RFC 9112 §5.1, §5.2 and RFC 9110 §5.5: no space before the colon, no folded line, no control character.
    if (colon === -1 || !token.test(name)) violations.push(`field line ${quote(line)}`)
    else if (!/^[\t \x21-\x7e\x80-\xff]*$/.test(value)) violations.push(`value of ${name}: ${quote(value)}`)
    return [name, value.replace(/^[ \t]+|[ \t]+$/g, "")]
  })

interface BodyRules {
  readonly isClosed: boolean
  /** A body without a length is forwarded until the connection ends: an answer's, not a request's. */
  readonly untilClose: boolean
  readonly hasBody: boolean
}

const readBody = (bytes: Buffer, head: Head, { isClosed, untilClose, hasBody }: BodyRules): Message => {
  const encodings = valuesOf(head.fields, "transfer-encoding")
  const lengths = valuesOf(head.fields, "content-length")
  const violations = [...head.violations]
  if (encodings.length > 0 && lengths.length > 0) violations.push("both Transfer-Encoding and Content-Length (RFC 9112 §6.2)")
  if (encodings.length > 1 || (encodings[0] ?? "chunked").toLowerCase() !== "chunked")
    violations.push(`Transfer-Encoding ${quote(encodings.join(" | "))}`)
  if (lengths.length > 1 || !/^\d+$/.test(lengths[0] ?? "0")) violations.push(`Content-Length ${quote(lengths.join(" | "))}`)
  const start = head.next
  const bare = { ...head, violations, trailers: [], body: bytes.subarray(0, 0), framing: "none", complete: true, next: start } as const
  if (!hasBody) return bare
  if (encodings.length > 0) return { ...bare, framing: "chunked", ...readChunks(bytes, start, violations), violations }
  if (lengths.length > 0) {
    const length = Number.parseInt(lengths[0] ?? "", 10) || 0
    const body = bytes.subarray(start, start + length)
    return { ...bare, framing: "length", body, complete: body.length === length, next: start + body.length }
  }
  return untilClose ? { ...bare, framing: "close", body: bytes.subarray(start), complete: isClosed, next: bytes.length } : bare
}

const readChunks = (bytes: Buffer, start: number, violations: Array<string>): Pick<Message, "body" | "trailers" | "complete" | "next"> => {
  const body: Array<Buffer> = []
  const sofar = (next: number) => ({ body: Buffer.concat(body), trailers: [], complete: false, next })
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at, "latin1")
    if (lineEnd === -1) return sofar(bytes.length)
    const line = bytes.toString("latin1", at, lineEnd)
    const [, hex = ""] = /^([0-9A-Fa-f]+)(?:;[\t \x21-\x7e\x80-\xff]*)?$/.exec(line) ?? []
    if (hex === "") {
      violations.push(`chunk line ${quote(line)}`)
      return sofar(bytes.length)
    }
    const size = Number.parseInt(hex, 16)
    at = lineEnd + 2
    if (size === 0) break
    body.push(bytes.subarray(at, at + size))
    if (bytes.length < at + size + 2) return sofar(bytes.length)
    if (bytes.toString("latin1", at + size, at + size + 2) !== "\r\n") {
      violations.push("a chunk that does not end with CRLF")
      return sofar(bytes.length)
    }
    at += size + 2
  }
  const lines: Array<string> = []
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at, "latin1")
    if (lineEnd === -1) return sofar(bytes.length)
    const line = bytes.toString("latin1", at, lineEnd)
    at = lineEnd + 2
    if (line === "") return { body: Buffer.concat(body), trailers: readFields(lines, violations), complete: true, next: at }
    lines.push(line)
  }
}

/** Bytes as a string for a message. */
export const quote = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
