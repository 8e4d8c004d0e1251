/** Requests and their bodies, one after the other. */
import { type Case, signingIn } from "../Case.ts"
import { answered, answers, either, hungUpOr } from "../expect/client.ts"
import { answer, chunks, get, ok, post, request, thenClose } from "../expect/messages.ts"
import { expectRequest, gets, getsEither, neverWhole } from "../expect/upstream.ts"
import { fail } from "../Mismatch.ts"
import { valuesOf } from "../wire/Message.ts"
import type { Reply } from "../wire/Upstream.ts"

/** Answers with the target, so that an answer shows whose it is. */
const echo: Reply = (connection, { target }) => connection.send(ok(target))
/** Asks for the body where the client, or the proxy in its place, waits to be asked. */
const continues: Reply = (connection, { message }) => {
  if (valuesOf(message.fields, "expect").length > 0) connection.send("HTTP/1.1 100 Continue\r\n\r\n")
}

const million = "0123456789".repeat(100_000)

export const requests: ReadonlyArray<Case> = [
  {
    name: "A body with a length is forwarded to the byte",
    rfc: "9112 §6.2",
    send: post("/a", "\0\x01\r\n\r\nGET / HTTP/1.1\r\n\xff"),
    client: answered(200),
    upstream: gets({ target: "/a", body: "\0\x01\r\n\r\nGET / HTTP/1.1\r\n\xff" })
  },
  {
    name: "A body in chunks is forwarded to the byte",
    rfc: "9112 §7.1",
    send: request("POST", "/a", "Transfer-Encoding: chunked") + chunks("da", "t", "a\r\n0\r\n\r\n"),
    client: answered(200),
    upstream: gets({ target: "/a", body: "data\r\n0\r\n\r\n" })
  },
  {
    name: "A body of a million bytes is forwarded whole",
    rfc: "9112 §6.2",
    send: post("/a", million),
    client: answered(200),
    upstream: gets({ body: million })
  },
  {
    // §6.5.1: a proxy may leave them out. What it must not do is to make fields of the head of them.
    name: "Trailers of a request are forwarded as trailers, or are left out",
    rfc: "9110 §6.5.1",
    send: `${request("POST", "/a", "Transfer-Encoding: chunked", "Trailer: X-Sum")}4\r\ndata\r\n0\r\nX-Sum: 1\r\nX-Forwarded-User: eve\r\n\r\n`,
    client: answered(200),
    upstream: gets({ body: "data", has: { "x-sum": undefined, "x-forwarded-user": /^(?!eve)/ } }),
    subjects: signingIn
  },
  {
    name: "Trailers of a request are forwarded as trailers, or are left out, in front of an app that nobody signs in to",
    rfc: "9110 §6.5.1",
    send: `${request("POST", "/a", "Transfer-Encoding: chunked", "Trailer: X-Sum")}4\r\ndata\r\n0\r\nX-Sum: 1\r\n\r\n`,
    client: answered(200),
    upstream: gets({ body: "data", has: { "x-sum": undefined } }),
    subjects: ["alb", "nginx", "caddy", "haproxy"]
  },
  {
    name: "Trailers that would change the framing are refused, or left out",
    rfc: "9110 §6.5.1",
    send: `${request("POST", "/a", "Transfer-Encoding: chunked")}4\r\ndata\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n`,
    client: either(answered(200), hungUpOr(400, 502)),
    upstream: getsEither(
      neverWhole,
      gets({ body: "data", has: { "content-length": undefined }, trailers: { "content-length": undefined } })
    )
  },
  {
    name: "A GET with a body is forwarded with it",
    rfc: "9110 §9.3.1",
    send: `${get("/a", "Content-Length: 4")}data`,
    client: answered(200),
    upstream: gets({ method: "GET", body: "data" })
  },
  {
    name: "A DELETE with a body in chunks is forwarded with it",
    rfc: "9110 §9.3.5",
    send: request("DELETE", "/a", "Transfer-Encoding: chunked") + chunks("data"),
    client: answered(200),
    upstream: gets({ method: "DELETE", body: "data" })
  },
  {
    name: "A POST of no bytes says so",
    rfc: "9110 §8.6",
    send: post("/a", ""),
    client: answered(200),
    upstream: gets({ method: "POST", body: "", has: { "content-length": "0" } })
  },
  {
    name: "Requests sent at once are answered in their order",
    rfc: "9112 §9.3.2",
    reply: echo,
    send: get("/a") + post("/b", "data") + get("/c"),
    client: answers([200, { body: "/a" }], [200, { body: "/b" }], [200, { body: "/c" }]),
    upstream: gets({ target: "/a" }, { target: "/b", body: "data" }, { target: "/c" })
  },
  {
    name: "A connection serves one request after the other",
    rfc: "9112 §9.3",
    reply: echo,
    send: [get("/a"), get("/b"), post("/c", "data")],
    client: answers([200, { body: "/a" }], [200, { body: "/b" }], [200, { body: "/c", connection: "open" }]),
    upstream: gets({ target: "/a" }, { target: "/b" }, { target: "/c", body: "data" })
  },
  {
    name: "A client that says close is answered, and the connection closed",
    rfc: "9112 §9.6",
    send: get("/a", "Connection: close"),
    client: answered(200, { body: "ok", connection: "closed" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A client of HTTP/1.0 is answered, and the connection closed",
    rfc: "9112 §9.3",
    send: "GET /a HTTP/1.0\r\nHost: app.example\r\n{auth}\r\n",
    client: answered(200, { body: "ok", connection: "closed" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A client of HTTP/1.0 is not sent chunks",
    rfc: "9112 §6.1",
    reply: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks("da", "ta")}`,
    send: "GET /a HTTP/1.0\r\nHost: app.example\r\n{auth}\r\n",
    client: answered(200, { body: "data", has: { "transfer-encoding": undefined }, connection: "closed" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A client that expects 100 Continue is told to continue, and its body is forwarded",
    rfc: "9110 §10.1.1",
    reply: continues,
    replyAtHead: true,
    run: async ({ client, upstream }) => {
      client.send(request("POST", "/a", "Expect: 100-continue", "Content-Length: 4"))
      await client.wire.until("100 Continue", () =>
        client.wire.received().toString("latin1").startsWith("HTTP/1.1 100") ? true : undefined
      )
      client.send("data")
      const received = await upstream.whole()
      received.connection.send(ok())
      await answered(200, { body: "ok" })(client)
      expectRequest(received, { target: "/a", body: "data" })
    }
  },
  {
    name: "A client that expects 100 Continue, and does not wait for it, is answered once",
    rfc: "9110 §10.1.1",
    reply: (connection) => connection.send(ok()),
    send: post("/a", "data", "Expect: 100-continue"),
    client: answered(200, { body: "ok" }),
    upstream: gets({ target: "/a", body: "data" })
  },
  {
    // It would take an interim answer for the answer.
    name: "A client of HTTP/1.0 that expects 100 Continue is answered once",
    rfc: "9110 §10.1.1",
    reply: (connection, sent) => {
      continues(connection, sent)
      connection.send(ok("/a"))
    },
    send: "POST /a HTTP/1.0\r\nHost: app.example\r\n{auth}Expect: 100-continue\r\nContent-Length: 4\r\n\r\ndata",
    client: answered(200, { body: "/a", interim: [] }),
    upstream: gets({ target: "/a", body: "data" })
  },
  {
    // A server may answer 417, or ignore it.
    name: "An unknown expectation is refused, or the request is forwarded",
    rfc: "9110 §10.1.1",
    send: get("/a", "Expect: x"),
    client: answered([200, 417]),
    upstream: () => undefined
  },
  {
    name: "An answer that comes before the whole body reaches the client",
    rfc: "9112 §9.5",
    reply: thenClose(answer(413, "Content Too Large", "too large", "Connection: close")),
    replyAtHead: true,
    send: `${request("POST", "/a", "Content-Length: 1000000")}${"x".repeat(1_000)}`,
    client: answered(413, { body: "too large" }),
    upstream: neverWhole
  },
  {
    name: "An early answer to a body in chunks reaches the client",
    rfc: "9112 §9.5",
    reply: thenClose(answer(413, "Content Too Large", "too large", "Connection: close")),
    replyAtHead: true,
    send: `${request("POST", "/a", "Transfer-Encoding: chunked")}4\r\ndata\r\n`,
    client: answered(413, { body: "too large" }),
    upstream: neverWhole
  },
  {
    name: "The rest of a body that was answered early is not read as a request",
    rfc: "9112 §9.5",
    reply: [answer(413, "Content Too Large", "too large"), echo],
    replyAtHead: true,
    run: async ({ client, upstream }) => {
      const rest = get("/smuggled")
      client.send(`${request("POST", "/a", `Content-Length: ${4 + rest.length}`)}data`)
      await answered(413, { body: "too large" })(client)
      client.send(rest + get("/b"))
      // The connection is closed, or continues behind the body's end.
      await client.wire.until("answer 2, or the end", () => client.seen().answers[1] ?? client.wire.closed())
      for (const { target } of upstream.requests) if (target === "/smuggled") fail("upstream: received /smuggled")
    }
  }
]
