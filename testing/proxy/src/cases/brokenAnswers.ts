/** Answers that are cut, malformed, or no HTTP at all: they are the proxy's to answer for, and must not hurt it. */
import type { Case } from "../Case.ts"
import { answered, cut, either } from "../expect/client.ts"
import { answer, chunks, get, ok, okHead, thenClose } from "../expect/messages.ts"
import { gets } from "../expect/upstream.ts"

/** An answer that makes no sense is the proxy's to answer for. Some forward a head before they see it: then it is cut. */
const bad = (name: string, rfc: string, bytes: string, more: Partial<Case> = {}): Case => ({
  name,
  rfc,
  reply: thenClose(bytes),
  send: get("/a"),
  client: answered(502),
  upstream: () => undefined,
  ...more
})

export const brokenAnswers: ReadonlyArray<Case> = [
  bad("A connection that ends without an answer is 502", "9110 §15.6.3", ""),
  bad("An answer that is cut within its status line is 502", "9112 §8", "HTTP/1.1 20"),
  bad("An answer that is cut within its head is 502", "9112 §8", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A"),
  {
    name: "An answer that is cut within its body is seen to be cut",
    rfc: "9112 §8",
    reply: thenClose(`${okHead("Content-Length: 10")}data`),
    send: get("/a"),
    client: either(cut(200), answered(502)),
    upstream: () => undefined
  },
  ...(["4\r\nda", "4\r\ndata\r\n", "4\r\ndata\r\n0\r\n", "4"] as const).map(
    (body): Case => ({
      name: `An answer in chunks that is cut behind ${JSON.stringify(body)} is seen to be cut`,
      rfc: "9112 §8",
      reply: thenClose(okHead("Transfer-Encoding: chunked") + body),
      send: get("/a"),
      client: either(cut(200), answered(502)),
      upstream: () => undefined
    })
  ),
  ...(["x\r\ndata\r\n0\r\n\r\n", "4\r\ndataX\r\n0\r\n\r\n", "-4\r\ndata\r\n0\r\n\r\n", "fffffffffffffffff\r\ndata\r\n"] as const).map(
    (body): Case => ({
      name: `An answer in chunks that are ${JSON.stringify(body)} is seen to be cut`,
      rfc: "9112 §7.1",
      reply: (connection) => connection.send(okHead("Transfer-Encoding: chunked") + body),
      send: get("/a"),
      client: either(cut(200), answered(502)),
      upstream: () => undefined
    })
  ),
  bad("An answer with two different lengths is 502", "9112 §6.3", `${okHead("Content-Length: 4", "Content-Length: 5")}data`),
  bad("An answer with a length that is no number is 502", "9112 §6.3", `${okHead("Content-Length: +4")}data`),
  {
    name: "An answer with Transfer-Encoding and Content-Length is 502, or loses the Content-Length",
    rfc: "9112 §6.3",
    reply: thenClose(okHead("Content-Length: 3", "Transfer-Encoding: chunked") + chunks("data")),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "data", has: { "content-length": undefined } })),
    upstream: () => undefined
  },
  {
    // §6.3: without chunked at the end, the body lasts until the connection ends; but nobody here can tell what it says.
    name: "An answer with an unknown Transfer-Encoding is 502, or lasts until the connection ends",
    rfc: "9112 §6.3",
    reply: thenClose(`${okHead("Transfer-Encoding: xchunked")}data`),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "data" })),
    upstream: () => undefined
  },
  bad(
    "An answer whose Transfer-Encoding is not only chunked is 502",
    "9112 §6.1",
    okHead("Transfer-Encoding: gzip, chunked") + chunks("data")
  ),
  ...["050", "000", "099", "20", "2000", "2x0", "-20", ""].map((status) =>
    bad(`An answer of status ${JSON.stringify(status)} is 502`, "9110 §15", `HTTP/1.1 ${status} OK\r\nContent-Length: 2\r\n\r\nok`)
  ),
  ...[299, 599, 600, 999].map(
    (status): Case => ({
      // §15: a status outside 100–599 is invalid, and a client treats it as 5xx. It is as good as 502.
      name: `An answer of status ${status} is relayed${status < 600 ? "" : ", or is 502"}`,
      rfc: "9110 §15",
      reply: answer(status, "Whatever", "ok"),
      send: get("/a"),
      client: answered(status < 600 ? status : [status, 502]),
      upstream: gets({ target: "/a" })
    })
  ),
  ...(["HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n"] as const).map(
    (line): Case => ({
      name: `An answer that begins with ${JSON.stringify(line)} is relayed`,
      rfc: "9112 §4",
      reply: `${line}Content-Length: 2\r\n\r\nok`,
      send: get("/a"),
      client: answered(200, { body: "ok" }),
      upstream: gets({ target: "/a" })
    })
  ),
  {
    // The reason phrase is for human readers only: it may be left out.
    name: "A reason phrase is relayed, or the standard one",
    rfc: "9112 §4",
    reply: answer(404, "No Such Thing", "ok"),
    send: get("/a"),
    client: either(answered(404, { reason: "No Such Thing" }), answered(404, { reason: "Not Found" })),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A reason phrase in Latin-1 does not keep the answer from the client",
    rfc: "9112 §4",
    reply: answer(403, "Acc\xe8s refus\xe9", "ok"),
    send: get("/a"),
    client: answered(403, { body: "ok" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A reason phrase in UTF-8 does not keep the answer from the client",
    rfc: "9112 §4",
    reply: answer(403, Buffer.from("Zugriff verweigert – 你好").toString("latin1"), "ok"),
    send: get("/a"),
    client: answered(403, { body: "ok" }),
    upstream: gets({ target: "/a" })
  },
  ...["\x01", "\0", "\x7f", "\r"].map(
    (byte): Case => ({
      name: `A reason phrase with the byte ${JSON.stringify(byte)} is 502, or left out`,
      rfc: "9112 §4",
      reply: thenClose(answer(403, `Forbidden ${byte}`, "ok")),
      send: get("/a"),
      client: answered([403, 502]),
      upstream: () => undefined
    })
  ),
  ...["\x01", "\0", "\x7f", "\r"].map(
    (byte): Case => ({
      name: `A field of an answer with the byte ${JSON.stringify(byte)} is 502, or corrected`,
      rfc: "9110 §5.5",
      reply: thenClose(ok("ok", `X-A: 1${byte}2`)),
      send: get("/a"),
      client: answered([200, 502]),
      upstream: () => undefined
    })
  ),
  ...["X A: 1", "X-A : 1", ": 1", "X-A", "X\xe9: 1"].map(
    (line): Case => ({
      // §5.1: a proxy must remove white space before the colon of an answer's field.
      name: `An answer with the line ${JSON.stringify(line)} is 502, or corrected`,
      rfc: "9112 §5.1",
      reply: thenClose(ok("ok", line)),
      send: get("/a"),
      client: answered([200, 502]),
      upstream: () => undefined
    })
  ),
  {
    name: "A folded field of an answer is 502, or becomes one line",
    rfc: "9112 §5.2",
    reply: thenClose(ok("ok", "X-Folded: one\r\n two")),
    send: get("/a"),
    client: either(answered(502), answered(200, { has: { "x-folded": /^one +two$/ } })),
    upstream: () => undefined
  },
  {
    name: "Lines of an answer that end in a bare LF are 502, or corrected",
    rfc: "9112 §2.2",
    reply: thenClose("HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 2\n\nok"),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "ok", has: { "x-a": "1" } })),
    upstream: () => undefined
  },
  bad("An upstream that speaks HTTP/2 is 502", "9113 §3.4", "\0\0\0\x04\0\0\0\0\0"),
  bad("An upstream that speaks HTTP/0.9 is 502", "9112 §4", "<html>hello</html>"),
  bad("An upstream that speaks something else is 502", "9112 §4", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
  ...["HTTP/1.1x", "http/1.1", "ICY"].map((version) =>
    bad(`An answer of ${version} is 502`, "9112 §2.3", `${version} 200 OK\r\nContent-Length: 2\r\n\r\nok`)
  ),
  ...["HTTP/2.0", "HTTP/0.9", "HTTP/1.9"].map(
    (version): Case => ({
      name: `An answer of ${version} is 502, or is relayed as HTTP/1.1`,
      rfc: "9110 §2.5",
      reply: thenClose(`${version} 200 OK\r\nContent-Length: 2\r\n\r\nok`),
      send: get("/a"),
      client: answered([200, 502], { version: "HTTP/1.1" }),
      upstream: () => undefined
    })
  )
]
