/** Answers and their framing, as upstreams have them, good and bad. */
import type { Case } from "../Case.ts"
import { answered, answers as answeredInTurn, cut, either } from "../expect/client.ts"
import { answer, chunks, get, ok, okHead, thenClose, thenReset } from "../expect/messages.ts"
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
/** A body that would be taken for an answer. */
const forged = ok("forged")

export const answers: ReadonlyArray<Case> = [
  {
    name: "An answer with a length is relayed to the byte",
    rfc: "9112 §6.2",
    reply: ok("\0\r\n\xff HTTP/1.1 200 OK\r\n\r\n"),
    send: get("/a"),
    client: answered(200, { body: "\0\r\n\xff HTTP/1.1 200 OK\r\n\r\n" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "An answer in chunks is relayed to the byte",
    rfc: "9112 §7.1",
    reply: [okHead("Transfer-Encoding: chunked") + chunks("da", "ta\r\n0\r\n\r\n"), second],
    ...twice,
    client: answeredInTurn([200, { body: "data\r\n0\r\n\r\n", framing: "chunked" }], [200, { body: "second" }])
  },
  {
    name: "A chunk's extension in an answer does not become part of the body",
    rfc: "9112 §7.1.1",
    reply: [`${okHead("Transfer-Encoding: chunked")}4;a=b;c="d"\r\ndata\r\n0;e\r\n\r\n`, second],
    ...twice,
    client: answeredInTurn([200, { body: "data" }], [200, { body: "second" }])
  },
  {
    // §6.5: a proxy may leave them out.
    name: "Trailers of an answer are relayed, or are left out",
    rfc: "9110 §6.5.1",
    reply: [`${okHead("Transfer-Encoding: chunked", "Trailer: X-Sum")}4\r\ndata\r\n0\r\nX-Sum: 1\r\n\r\n`, second],
    ...twice,
    client: answeredInTurn([200, { body: "data", has: { "x-sum": undefined } }], [200, { body: "second" }])
  },
  {
    name: "An answer without a length ends with the upstream's connection",
    rfc: "9112 §6.3",
    reply: [thenClose(`${okHead()}data`), second],
    ...twice,
    // In chunks, the connection is kept; else its end is the body's.
    client: either(answeredInTurn([200, { body: "data" }], [200, { body: "second" }]), answered(200, { body: "data", framing: "close" })),
    upstream: () => undefined
  },
  {
    // §8: its end is the connection's, "unless an error was indicated by the underlying connection". A reset is one.
    name: "An answer without a length that is reset is seen to be cut",
    rfc: "9112 §8",
    reply: thenReset(`${okHead()}data`),
    send: get("/a"),
    client: either(cut(200), answered(502)),
    upstream: () => undefined
  },
  {
    name: "An answer of HTTP/1.0 that ends with the connection is relayed whole",
    rfc: "9110 §2.5",
    reply: thenClose("HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\ndata"),
    send: get("/a"),
    client: answered(200, { version: "HTTP/1.1", body: "data", has: { "x-a": "1" } }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "An answer of HTTP/1.0 with a length is relayed whole",
    rfc: "9110 §2.5",
    reply: [thenClose("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\ndata"), second],
    ...twice,
    client: answeredInTurn([200, { version: "HTTP/1.1", body: "data" }], [200, { body: "second" }])
  },
  {
    name: "An answer without a body, to GET, is relayed",
    rfc: "9110 §8.6",
    reply: [ok(""), second],
    ...twice,
    client: answeredInTurn([200, { body: "", has: { "content-length": "0" } }], [200, { body: "second" }])
  },
  ...(["Content-Length: 4", "Transfer-Encoding: chunked", "X-A: 1"] as const).map(
    (line): Case => ({
      name: `An answer to HEAD with ${line} ends with its head`,
      rfc: "9110 §9.3.2",
      reply: [okHead(line), second],
      ...headTwice,
      client: answeredInTurn([200], [200, { body: "second" }])
    })
  ),
  {
    name: "The Content-Length of an answer to HEAD is relayed",
    rfc: "9110 §8.6",
    reply: okHead("Content-Length: 1234"),
    send: get("/a").replace("GET", "HEAD"),
    client: answered(200, { has: { "content-length": "1234" } }),
    upstream: gets({ method: "HEAD" })
  },
  {
    name: "A body behind an answer to HEAD never reaches another request",
    rfc: "9112 §6.3",
    reply: [okHead(`Content-Length: ${forged.length}`) + forged, second],
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
        reply: [`HTTP/1.1 ${status} X\r\nContent-Length: ${forged.length}\r\n\r\n${forged}`, second],
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
    name: "Gzip is relayed to the byte, and in its own length",
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
    reply: (connection) => connection.send(`${okHead("Transfer-Encoding: chunked")}5\r\nfirst\r\n`),
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
    reply: (connection) => connection.send(okHead("Content-Type: text/event-stream", "Transfer-Encoding: chunked")),
    run: async ({ client, upstream }) => {
      client.send(get("/a"))
      await client.answerHead()
      upstream.requests[0]?.connection.send("0\r\n\r\n")
      await answered(200, { body: "", has: { "content-type": "text/event-stream" } })(client)
      if (valuesOf((await client.answer()).fields, "content-length").length > 0) throw new Error("client: a stream has a Content-Length")
    }
  }
]
