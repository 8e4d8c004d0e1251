/** Answers and their framing, as upstreams have them, good and bad. */
import type { Case } from "../Case.ts"
import { answered, answers as answeredInTurn, cut, either } from "../expect/client.ts"
import { answer, chunks, get, ok, thenClose, thenReset } from "../expect/messages.ts"
import { gets } from "../expect/upstream.ts"
import { valuesOf } from "../wire/Message.ts"

/** A GET, and one more on the same connection of the client's, which must be answered as if nothing had been. */
const twice = { send: [get("/a"), get("/b")], upstream: gets({ target: "/a" }, { target: "/b" }) }
/** The same for HEAD. */
const headTwice = {
  send: [get("/a").replace("GET", "HEAD"), get("/b")],
  methods: ["HEAD", "GET"],
  upstream: gets({ method: "HEAD" }, { target: "/b" })
}
const second = ok("second")

/** An answer that makes no sense is the proxy's to answer for. Some hand on a head before they see it: then it is cut. */
const bad = (name: string, rfc: string, bytes: string, more: Partial<Case> = {}): Case => ({
  name,
  rfc,
  reply: thenClose(bytes),
  send: get("/a"),
  client: answered(502),
  upstream: () => undefined,
  ...more
})

const head = (...lines: ReadonlyArray<string>) => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`

export const answers: ReadonlyArray<Case> = [
  {
    name: "An answer with a length comes back to the byte",
    rfc: "9112 §6.2",
    reply: ok("\0\r\n\xff HTTP/1.1 200 OK\r\n\r\n"),
    send: get("/a"),
    client: answered(200, { body: "\0\r\n\xff HTTP/1.1 200 OK\r\n\r\n" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "An answer in chunks comes back to the byte",
    rfc: "9112 §7.1",
    reply: [head("Transfer-Encoding: chunked") + chunks("da", "ta\r\n0\r\n\r\n"), second],
    ...twice,
    client: answeredInTurn([200, { body: "data\r\n0\r\n\r\n", framing: "chunked" }], [200, { body: "second" }])
  },
  {
    name: "A chunk's extension in an answer does not become part of the body",
    rfc: "9112 §7.1.1",
    reply: [`${head("Transfer-Encoding: chunked")}4;a=b;c="d"\r\ndata\r\n0;e\r\n\r\n`, second],
    ...twice,
    client: answeredInTurn([200, { body: "data" }], [200, { body: "second" }])
  },
  {
    // §6.5: a proxy may leave them out.
    name: "Trailers of an answer come back, or are left out",
    rfc: "9110 §6.5.1",
    reply: [`${head("Transfer-Encoding: chunked", "Trailer: X-Sum")}4\r\ndata\r\n0\r\nX-Sum: 1\r\n\r\n`, second],
    ...twice,
    client: answeredInTurn([200, { body: "data", has: { "x-sum": undefined } }], [200, { body: "second" }])
  },
  {
    name: "An answer without a length ends with the upstream's connection",
    rfc: "9112 §6.3",
    reply: [thenClose(`${head()}data`), second],
    ...twice,
    // In chunks, the connection goes on; else its end is the body's.
    client: either(answeredInTurn([200, { body: "data" }], [200, { body: "second" }]), answered(200, { body: "data", framing: "close" })),
    upstream: () => undefined
  },
  {
    // §8: its end is the connection's, "unless an error was indicated by the underlying connection". A reset is one.
    name: "An answer without a length that is reset is seen to be cut",
    rfc: "9112 §8",
    reply: thenReset(`${head()}data`),
    send: get("/a"),
    client: either(cut(200), answered(502)),
    upstream: () => undefined
  },
  {
    name: "An answer of HTTP/1.0 that ends with the connection comes back whole",
    rfc: "9110 §2.5",
    reply: thenClose("HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\ndata"),
    send: get("/a"),
    client: answered(200, { version: "HTTP/1.1", body: "data", has: { "x-a": "1" } }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "An answer of HTTP/1.0 with a length comes back whole",
    rfc: "9110 §2.5",
    reply: [thenClose("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ndata"), second],
    ...twice,
    client: answeredInTurn([200, { version: "HTTP/1.1", body: "data" }], [200, { body: "second" }])
  },
  {
    name: "An answer without a body, to GET, comes back",
    rfc: "9110 §8.6",
    reply: [ok(""), second],
    ...twice,
    client: answeredInTurn([200, { body: "", has: { "content-length": "0" } }], [200, { body: "second" }])
  },
  ...(["Content-Length: 4", "Transfer-Encoding: chunked", "X-A: 1"] as const).map(
    (line): Case => ({
      name: `An answer to HEAD with ${line} ends with its head`,
      rfc: "9110 §9.3.2",
      reply: [head(line), second],
      ...headTwice,
      client: answeredInTurn([200], [200, { body: "second" }])
    })
  ),
  {
    name: "The Content-Length of an answer to HEAD comes back",
    rfc: "9110 §8.6",
    reply: head("Content-Length: 1234"),
    send: get("/a").replace("GET", "HEAD"),
    client: answered(200, { has: { "content-length": "1234" } }),
    upstream: gets({ method: "HEAD" })
  },
  {
    name: "A body behind an answer to HEAD never reaches another request",
    rfc: "9112 §6.3",
    reply: [`${head("Content-Length: 19")}HTTP/1.1 200 FORGED`, second],
    ...headTwice,
    client: answeredInTurn([200], [200, { body: "second" }])
  },
  ...[204, 304].flatMap(
    (status): ReadonlyArray<Case> => [
      {
        name: `An answer of ${status} ends with its head`,
        rfc: "9112 §6.3",
        reply: [`HTTP/1.1 ${status} X\r\nETag: "a"\r\n\r\n`, second],
        ...twice,
        client: answeredInTurn([status, { has: { etag: '"a"' } }], [200, { body: "second" }])
      },
      {
        name: `An answer of ${status} with a Content-Length ends with its head`,
        rfc: "9112 §6.3",
        reply: [`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`, second],
        ...twice,
        client: answeredInTurn([status], [200, { body: "second" }])
      },
      {
        name: `An answer of ${status} with Transfer-Encoding ends with its head`,
        rfc: "9112 §6.3",
        reply: [`HTTP/1.1 ${status} X\r\nTransfer-Encoding: chunked\r\n\r\n`, second],
        ...twice,
        client: answeredInTurn([status], [200, { body: "second" }])
      },
      {
        name: `A body behind an answer of ${status} never reaches another request`,
        rfc: "9112 §6.3",
        reply: [`HTTP/1.1 ${status} X\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 FORGED`, second],
        ...twice,
        client: answeredInTurn([status], [200, { body: "second" }])
      }
    ]
  ),
  ...(
    [
      ["100 Continue that nobody asked for", ["HTTP/1.1 100 Continue\r\n\r\n"]],
      ["103 Early Hints", ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]],
      ["102 Processing", ["HTTP/1.1 102 Processing\r\n\r\n"]],
      ["provisional answer of status 199", ["HTTP/1.1 199 X\r\n\r\n"]]
    ] as const
  ).map(
    ([what, interim]): Case => ({
      // RFC 9110 §15.2: a proxy must forward them, unless it asked for them itself; what a client makes of the final answer is the same.
      name: `A ${what} does not stand in for the answer`,
      rfc: "9110 §15.2",
      reply: [interim.join("") + ok("first"), second],
      ...twice,
      client: answeredInTurn([200, { body: "first" }], [200, { body: "second" }])
    })
  ),
  {
    name: "Twenty interim answers in a row do not stand in for the answer",
    rfc: "9110 §15.2",
    reply: ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(20) + ok("first"), second],
    ...twice,
    client: answeredInTurn([200, { body: "first" }], [200, { body: "second" }])
  },
  {
    name: "An interim answer in a packet of its own does not stand in for the answer",
    rfc: "9110 §15.2",
    reply: [
      (connection) => connection.wire.socket.write("HTTP/1.1 100 Continue\r\n\r\n", () => setImmediate(() => connection.send(ok("first")))),
      second
    ],
    ...twice,
    client: answeredInTurn([200, { body: "first" }], [200, { body: "second" }])
  },
  bad("A connection that ends without an answer is 502", "9110 §15.6.3", ""),
  bad("An answer that is cut within its status line is 502", "9112 §8", "HTTP/1.1 20"),
  bad("An answer that is cut within its head is 502", "9112 §8", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A"),
  {
    name: "An answer that is cut within its body is seen to be cut",
    rfc: "9112 §8",
    reply: thenClose(`${head("Content-Length: 10")}data`),
    send: get("/a"),
    client: either(cut(200), answered(502)),
    upstream: () => undefined
  },
  ...(["4\r\nda", "4\r\ndata\r\n", "4\r\ndata\r\n0\r\n", "4"] as const).map(
    (body): Case => ({
      name: `An answer in chunks that is cut behind ${JSON.stringify(body)} is seen to be cut`,
      rfc: "9112 §8",
      reply: thenClose(head("Transfer-Encoding: chunked") + body),
      send: get("/a"),
      client: either(cut(200), answered(502)),
      upstream: () => undefined
    })
  ),
  ...(["x\r\ndata\r\n0\r\n\r\n", "4\r\ndataX\r\n0\r\n\r\n", "-4\r\ndata\r\n0\r\n\r\n", "fffffffffffffffff\r\ndata\r\n"] as const).map(
    (body): Case => ({
      name: `An answer in chunks that are ${JSON.stringify(body)} is seen to be cut`,
      rfc: "9112 §7.1",
      reply: (connection) => connection.send(head("Transfer-Encoding: chunked") + body),
      send: get("/a"),
      client: either(cut(200), answered(502)),
      upstream: () => undefined
    })
  ),
  bad("An answer with two different lengths is 502", "9112 §6.3", `${head("Content-Length: 4", "Content-Length: 5")}data`),
  bad("An answer with a length that is no number is 502", "9112 §6.3", `${head("Content-Length: +4")}data`),
  {
    name: "An answer with Transfer-Encoding and Content-Length is 502, or loses the Content-Length",
    rfc: "9112 §6.3",
    reply: thenClose(head("Content-Length: 3", "Transfer-Encoding: chunked") + chunks("data")),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "data", has: { "content-length": undefined } })),
    upstream: () => undefined
  },
  {
    // §6.3: without chunked at the end, the body goes on until the connection ends; but nobody here can tell what it says.
    name: "An answer with an unknown Transfer-Encoding is 502, or goes on as long as the connection",
    rfc: "9112 §6.3",
    reply: thenClose(`${head("Transfer-Encoding: xchunked")}data`),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "data" })),
    upstream: () => undefined
  },
  bad(
    "An answer whose Transfer-Encoding is not only chunked is 502",
    "9112 §6.1",
    head("Transfer-Encoding: gzip, chunked") + chunks("data")
  ),
  ...["050", "000", "099", "20", "2000", "2x0", "-20", ""].map((status) =>
    bad(`An answer of status ${JSON.stringify(status)} is 502`, "9110 §15", `HTTP/1.1 ${status} OK\r\nContent-Length: 2\r\n\r\nok`)
  ),
  ...[299, 599, 600, 999].map(
    (status): Case => ({
      // §15: a status outside 100–599 is invalid, and a client treats it as 5xx. It is as good as 502.
      name: `An answer of status ${status} comes back${status < 600 ? "" : ", or is 502"}`,
      rfc: "9110 §15",
      reply: answer(status, "Whatever", "ok"),
      send: get("/a"),
      client: answered(status < 600 ? status : [status, 502]),
      upstream: gets({ target: "/a" })
    })
  ),
  ...(["HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n"] as const).map(
    (line): Case => ({
      name: `An answer that begins with ${JSON.stringify(line)} comes back`,
      rfc: "9112 §4",
      reply: `${line}Content-Length: 2\r\n\r\nok`,
      send: get("/a"),
      client: answered(200, { body: "ok" }),
      upstream: gets({ target: "/a" })
    })
  ),
  {
    // The reason phrase is nobody's but a reader's: it may be left out.
    name: "A reason phrase comes back, or the standard one",
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
      name: `A field of an answer with the byte ${JSON.stringify(byte)} is 502, or mended`,
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
      name: `An answer with the line ${JSON.stringify(line)} is 502, or mended`,
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
    name: "Lines of an answer that end in a bare LF are 502, or mended",
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
      name: `An answer of ${version} is 502, or comes back as HTTP/1.1`,
      rfc: "9110 §2.5",
      reply: thenClose(`${version} 200 OK\r\nContent-Length: 2\r\n\r\nok`),
      send: get("/a"),
      client: answered([200, 502], { version: "HTTP/1.1" }),
      upstream: () => undefined
    })
  ),
  {
    name: "A second answer in the same packet never reaches another request",
    rfc: "9112 §9.2",
    reply: [ok("first") + ok("stray"), second],
    ...twice,
    client: answeredInTurn([200, { body: "first" }], [200, { body: "second" }])
  },
  {
    name: "Garbage behind an answer never reaches another request",
    rfc: "9112 §9.2",
    reply: [`${ok("first")}garbage\r\n\r\n`, second],
    ...twice,
    client: answeredInTurn([200, { body: "first" }], [200, { body: "second" }])
  },
  {
    name: "A second answer on an idle connection never reaches another request",
    rfc: "9112 §9.2",
    reply: (connection, { target }) => connection.send(ok(target)),
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a"))
      await answered(200, { body: "/a" })(client)
      const [first] = upstream.requests
      await new Promise<void>((sent) => first?.connection.wire.socket.write(ok("stray"), () => sent()))
      await probe()
      client.send(get("/b"))
      await answeredInTurn([200, { body: "/a" }], [200, { body: "/b" }])(client)
    }
  },
  {
    name: "Gzip comes back to the byte, and in its own length",
    rfc: "9110 §7.7",
    reply: answer(200, "OK", "\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0", "Content-Encoding: gzip"),
    send: get("/a", "Accept-Encoding: gzip"),
    client: answered(200, {
      body: "\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0",
      has: { "content-encoding": "gzip", "content-length": "20" }
    }),
    upstream: gets({ has: { "accept-encoding": "gzip" } })
  },
  {
    name: "A body that was sent begins to arrive before its end",
    rfc: "9112 §7.1",
    reply: (connection) => connection.send(`${head("Transfer-Encoding: chunked")}5\r\nfirst\r\n`),
    run: async ({ client, upstream }) => {
      client.send(get("/a"))
      await client.wire.until("the first piece", () => client.seen().answers[0]?.body.toString() === "first" || undefined)
      upstream.requests[0]?.connection.send("6\r\nsecond\r\n0\r\n\r\n")
      await answered(200, { body: "firstsecond" })(client)
    }
  },
  {
    name: "A head that was sent arrives before its body begins",
    rfc: "9110 §7.7",
    reply: (connection) => connection.send(head("Content-Type: text/event-stream", "Transfer-Encoding: chunked")),
    run: async ({ client, upstream }) => {
      client.send(get("/a"))
      await client.answerHead()
      upstream.requests[0]?.connection.send("0\r\n\r\n")
      await answered(200, { body: "", has: { "content-type": "text/event-stream" } })(client)
      if (valuesOf((await client.answer()).fields, "content-length").length > 0) throw new Error("client: a stream has a Content-Length")
    }
  }
]
