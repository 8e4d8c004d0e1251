/**
 * Requests and answers by the grammar of RFC 9112, which is broken in about one place of each: what breaks it at once is refused by every parser,
 * and finds nothing out. Each has a marker of its own in all that a proxy may hand on, so that a byte in the wrong place is known for whose it is.
 *
 * @module
 */
import type { Random } from "./random.ts"

/** Stands in every part of a message; the number is whose it is. */
export const markerOf = (id: number): string => `<${id}>`
export const markers = /<(\d+)>/g

type Make = (random: Random, marker: string) => string

const bytes = ["\0", "\x01", "\t", "\v", "\x7f", "\x80", "\xff", " ", "\r", "\n", "\r\n", ":", ",", ";", "#", "%", "%00", "\\", '"', "("]

/** One of the odd bytes, somewhere in the text. */
const spoil = (random: Random, text: string): string => {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + random.pick(bytes) + text.slice(at)
}
const spoilSome = (random: Random, text: string, probability: number): string => (random.chance(probability) ? spoil(random, text) : text)

const methods = [
  "GET",
  "GET",
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "CONNECT",
  "PROPFIND",
  "get",
  "G ET",
  ""
]
const versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "http/1.1", "HTTP/1.", ""]
const lineEnds = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n "]
const lengths = ["0", "1", "5", "+5", "-1", "0x5", "5, 5", "5,6", "99999999999999999999", "", " 5 ", "5 5"]
const codings = ["chunked", "chunked", "Chunked", "gzip, chunked", "identity", "chunked, chunked", "xchunked", "chunked;a=b", ""]
const connections = [
  "close",
  "keep-alive",
  "upgrade",
  "Upgrade, HTTP2-Settings",
  "close, x-a",
  "content-length",
  "host",
  "transfer-encoding",
  ",,"
]

const target = (random: Random, marker: string, isBroken: boolean): string => {
  const path = `/open?${marker}`
  if (!isBroken || random.chance(0.7)) return path
  const below = `/open/${marker}${random.pick(["", "/../x", "//", "/%2e%2e/", "#x", "/;v", "\\", "%", "%zz", "\xe9"])}`
  return random.pick([below, `${path}#`, `http://app.example${path}`, "*", marker, `/${"a".repeat(random.below(20_000))}`])
}

const chunked = (random: Random, marker: string, isBroken: boolean): string => {
  const data = `${marker}${"d".repeat(random.below(40))}`
  const size = data.length.toString(16)
  if (!isBroken) return `${size}\r\n${data}\r\n0\r\n${random.pick(["", "", "X-T: 1\r\n"])}\r\n`
  const wrong = random.pick([size, size, size, size, "fffffffffffffffff", "-1", "0x5", "", `${size};a=b`, "g"])
  return `${wrong}${random.pick(lineEnds)}${data}${random.pick(lineEnds)}${random.pick(["0\r\n\r\n", "0\r\n\r\n", "", "0\r\n"])}`
}

/** The lines of a head, and what follows it. */
const framing = (random: Random, marker: string, isBroken: boolean): { readonly lines: ReadonlyArray<string>; readonly body: string } => {
  const data = `${marker}${"b".repeat(random.below(60))}`
  const body = () => chunked(random, marker, isBroken)
  switch (random.below(isBroken ? 6 : 3)) {
    case 0:
      return { lines: [], body: "" }
    case 1:
      return { lines: [`Content-Length: ${data.length}`], body: data }
    case 2:
      return { lines: ["Transfer-Encoding: chunked"], body: body() }
    case 3:
      return { lines: [`Content-Length: ${random.pick(lengths)}`], body: data }
    case 4:
      return { lines: [`Transfer-Encoding: ${random.pick(codings)}`], body: body() }
    default:
      return { lines: [`Content-Length: ${random.pick(lengths)}`, `Transfer-Encoding: ${random.pick(codings)}`], body: body() }
  }
}

const names = [
  "X-A",
  "Cookie",
  "Accept",
  "x_forwarded_user",
  "X-Forwarded-User",
  "Remote-User",
  "SCRIPT_NAME",
  "Forwarded",
  "Set-Cookie",
  "Via"
]

const field = (random: Random, marker: string, isBroken: boolean): string => {
  const name = random.pick(names)
  if (isBroken && random.chance(0.1)) return random.pick([`${name} : ${marker}`, name, `: ${marker}`, ` ${name}: ${marker}`])
  return random.pick([
    `${name}: ${marker}`,
    `${name}: ${marker}`,
    `${name}:${marker}`,
    `${name}: ${"v".repeat(random.below(3_000))}`,
    `Connection: ${random.pick(connections)}`,
    "Expect: 100-continue",
    "Upgrade: h2c",
    "Upgrade: websocket",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
    "TE: trailers"
  ])
}

const head = (random: Random, start: string, lines: ReadonlyArray<string>, isBroken: boolean): string => {
  const end = () => (isBroken && random.chance(0.03) ? random.pick(lineEnds) : "\r\n")
  let text = start + end()
  for (const line of lines) text += (isBroken ? spoilSome(random, line, 0.03) : line) + end()
  return text + end()
}

/** A request, or two behind one another, or half of one. */
export const makeRequest: Make = (random, marker) => {
  const one = (isBroken: boolean): string => {
    const { lines, body } = framing(random, marker, isBroken && random.chance(0.4))
    const fields = Array.from({ length: random.below(6) }, () => field(random, marker, isBroken))
    const hosts = isBroken && random.chance(0.15) ? random.pick([[], ["Host: a", "Host: b"], ["Host: a b"]]) : ["Host: app.example"]
    const method = isBroken && random.chance(0.3) ? random.pick(methods) : random.pick(["GET", "POST"])
    const line = `${method} ${target(random, marker, isBroken)} ${isBroken && random.chance(0.2) ? random.pick(versions) : "HTTP/1.1"}`
    return head(random, isBroken ? spoilSome(random, line, 0.05) : line, [...hosts, ...fields, ...lines], isBroken) + body
  }
  const text = (random.chance(0.3) ? one(false) : "") + one(random.chance(0.7)) + (random.chance(0.2) ? one(false) : "")
  return random.chance(0.03) ? text.slice(0, random.below(text.length)) : text
}

const statuses = [
  "200",
  "200",
  "200",
  "204",
  "304",
  "206",
  "404",
  "500",
  "999",
  "100",
  "101",
  "102",
  "103",
  "050",
  "000",
  "20",
  "2000",
  "abc",
  ""
]
const reasons = ["OK", "OK", "OK", "", "\x01", "\xff", "\x7f", "caf\xc3\xa9", "\r", "\0"]

/** An answer, or two behind one another, or half of one; interim ones before it, asked for or not. */
export const makeAnswer: Make = (random, marker) => {
  const one = (isBroken: boolean): string => {
    const { lines, body } = framing(random, marker, isBroken && random.chance(0.4))
    const fields = Array.from({ length: random.below(5) }, () => field(random, marker, isBroken))
    const version = isBroken && random.chance(0.15) ? random.pick(versions) : "HTTP/1.1"
    const status = isBroken && random.chance(0.4) ? random.pick(statuses) : "200"
    const line = `${version} ${status} ${isBroken && random.chance(0.3) ? random.pick(reasons) : "OK"}`
    return head(random, isBroken ? spoilSome(random, line, 0.05) : line, [...fields, ...lines], isBroken) + body
  }
  const interim = random.chance(0.1) ? `HTTP/1.1 ${random.pick(["100 Continue", "103 Early Hints"])}\r\nX-A: ${marker}\r\n\r\n` : ""
  const text = interim + one(random.chance(0.7)) + (random.chance(0.1) ? one(false) : "")
  return random.chance(0.1) ? text.slice(0, random.below(text.length)) : text
}

/** Requests at the limits of size, each of one kind of byte: what takes more than linear time to read shows. */
export const largeRequests: ReadonlyArray<readonly [what: string, bytes: string]> = [
  ...[
    "%20",
    "%09",
    "%2520",
    "%25",
    "%",
    "/",
    "//",
    "\\",
    ";",
    ";/",
    ".",
    "./",
    "%2e",
    "\xcc\x96\xcc\x80",
    "%CC%96%CC%80",
    "\xef\xb7\xba",
    "\xff"
  ].map(
    (unit) => [`a target of ${JSON.stringify(unit)}`, `GET /${unit.repeat(16_000 / unit.length)} HTTP/1.1\r\nHost: a\r\n\r\n`] as const
  ),
  ...[" ", "\t", ",", "a,", "a ", ";", "=", "=;", '"', "text/html,", "q=0,", ".", "-", "\xff"].flatMap((unit) =>
    ["Accept", "Cookie", "Connection", "X-Forwarded-For", "Host", "Upgrade", "Expect", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Accesstoken"].map(
      (name) =>
        [
          `${name} of ${JSON.stringify(unit)}`,
          `GET /open HTTP/1.1\r\nHost: a\r\n${name}: x${unit.repeat(60_000 / unit.length)}x\r\n\r\n`
        ] as const
    )
  ),
  ["fields of one letter", `GET /open HTTP/1.1\r\nHost: a\r\n${"a:\r\n".repeat(15_000)}\r\n`],
  [
    "990 fields, and as much of Connection",
    `GET /open HTTP/1.1\r\nHost: a\r\n${"b:\r\n".repeat(990)}Connection: ${"c,".repeat(29_000)}\r\n\r\n`
  ],
  [
    "fields of many names",
    `GET /open HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 990 }, (_, i) => `x_${i}_${"-_".repeat(20)}: 1\r\n`).join("")}\r\n`
  ]
]
