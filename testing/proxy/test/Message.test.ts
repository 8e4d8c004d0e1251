import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../test/runs.ts"
import { readAnswer, readRequest } from "../src/wire/Message.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")
const body = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 })

/** The same bytes in chunks of these sizes, the last size for all that is left. */
const inChunks = (whole: Buffer, lengths: ReadonlyArray<number>): Buffer => {
  const pieces: Array<Buffer> = []
  for (let at = 0, nth = 0; at < whole.length; nth++) {
    const piece = whole.subarray(at, at + (lengths[nth % lengths.length] ?? 1))
    pieces.push(bytes(`${piece.length.toString(16)}\r\n`), piece, bytes("\r\n"))
    at += piece.length
  }
  return Buffer.concat([...pieces, bytes("0\r\nX-Trailer: 1\r\n\r\n")])
}

describe("a message", () => {
  it("∀ bodies: is read to its end, and not beyond", () => {
    fc.assert(
      fc.property(body, sizes, fc.boolean(), body, (content, lengths, isChunked, behind) => {
        const head = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${content.length}`
        const message = Buffer.concat([
          bytes(`POST /a HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n`),
          isChunked ? inChunks(content, lengths) : content
        ])
        const read = readRequest(Buffer.concat([message, behind]), 0)
        expect(read).toMatchObject({ complete: true, next: message.length, violations: [], framing: isChunked ? "chunked" : "length" })
        expect(read?.body.equals(content)).toBe(true)
      }),
      { numRuns: runs(100) }
    )
  })

  it("∀ cuts: is not complete before its last byte", () => {
    fc.assert(
      fc.property(body, sizes, fc.nat(), (content, lengths, at) => {
        const message = Buffer.concat([bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), inChunks(content, lengths)])
        const read = readAnswer(message.subarray(0, at % message.length), 0, "GET", true)
        expect(read?.complete ?? false).toBe(false)
      }),
      { numRuns: runs(100) }
    )
  })

  it("keeps names, values and their order to the byte", () => {
    const read = readAnswer(bytes("HTTP/1.1 200 OK\r\nX-a: caf\xe9 \r\nx-A:\t2\r\nContent-Length: 0\r\n\r\n"), 0, "GET", false)
    expect(read?.fields).toEqual([
      ["X-a", "caf\xe9"],
      ["x-A", "2"],
      ["Content-Length", "0"]
    ])
  })
})

describe("what no sender may send is a violation:", () => {
  const request = (...lines: ReadonlyArray<string>) => readRequest(bytes(["POST /a HTTP/1.1", "Host: a", ...lines, "\r\n"].join("\r\n")), 0)
  it.each([
    [["Content-Length: 4", "Transfer-Encoding: chunked"]],
    [["Content-Length: 4", "Content-Length: 4"]],
    [["Content-Length: +4"]],
    [["Transfer-Encoding: gzip, chunked"]],
    [["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]],
    [["Host: a"]],
    [["X-A : 1"]],
    [["X-A: 1\n"]],
    [["X-A: 1\r"]],
    [["X-A: \0"]],
    [["X-A: 1", " folded"]],
    [["no colon"]]
  ])("the lines %j", (lines) => {
    expect(request(...lines)?.violations).not.toEqual([])
  })

  it.each(["GET /a HTTP/2.0", "GET  /a HTTP/1.1", "GET /a", "GET /a b HTTP/1.1"])("the request line %j", (line) => {
    expect(readRequest(bytes(`${line}\r\nHost: a\r\n\r\n`), 0)?.violations).not.toEqual([])
  })

  it.each(["HTTP/1.1 050 OK", "HTTP/1.1 200", "HTTP/2.0 200 OK", "HTTP/1.1 200 \x01", "ICY 200 OK"])("the status line %j", (line) => {
    expect(readAnswer(bytes(`${line}\r\nContent-Length: 0\r\n\r\n`), 0, "GET", false)?.violations).not.toEqual([])
  })

  it.each(["x\r\n", "4\r\ndataX", "4\n", "4\rdata", "-1\r\n"])("the chunks %j", (chunks) => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    expect(readAnswer(bytes(`${head}${chunks}\r\n\r\n`), 0, "GET", false)?.violations).not.toEqual([])
  })
})
