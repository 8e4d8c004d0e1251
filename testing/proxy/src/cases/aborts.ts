/** A client or upstream that disconnects closes the other side, and no other connection. */
import type { Case } from "../Case.ts"
import { answered, cut, either } from "../expect/client.ts"
import { answer, get, ok, request } from "../expect/messages.ts"
import { fail } from "../Mismatch.ts"

export const aborts: ReadonlyArray<Case> = [
  {
    // Not everybody asks for the second before the first is answered.
    name: "A client that leaves with two requests unanswered frees the upstream's connections for both",
    rfc: "9112 §9.3.2",
    reply: [],
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a") + get("/b"))
      await upstream.whole()
      await probe()
      client.wire.reset()
      for (const { connection } of upstream.requests) await connection.wire.untilClosed()
    }
  },
  {
    name: "A client that resets frees the upstream's connection, which has not answered",
    rfc: "9112 §9.6",
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      client.wire.reset()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A client that resets frees the upstream's connection, which is in the middle of its answer",
    rfc: "9112 §9.6",
    reply: (connection) => connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\npart"),
    run: async ({ client, upstream }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      await client.answerHead()
      client.wire.reset()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A client that resets within its body is cut for the upstream, too",
    rfc: "9112 §8",
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(`${request("POST", "/a", "Content-Length: 1000")}part`)
      const received = await upstream.request()
      client.wire.reset()
      await received.connection.wire.untilClosed()
      if (received.message.complete) fail("upstream: the request seems to be whole")
    }
  },
  {
    name: "A client that resets within a body in chunks is cut for the upstream, too",
    rfc: "9112 §8",
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(`${request("POST", "/a", "Transfer-Encoding: chunked")}4\r\npart\r\n`)
      const received = await upstream.request()
      client.wire.reset()
      await received.connection.wire.untilClosed()
      if (received.message.complete) fail("upstream: the request seems to be whole")
    }
  },
  {
    name: "A client that ends its side within its body is cut for the upstream, too",
    rfc: "9112 §8",
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(`${request("POST", "/a", "Content-Length: 1000")}part`)
      const received = await upstream.request()
      client.wire.end()
      await received.connection.wire.untilClosed()
      if (received.message.complete) fail("upstream: the request seems to be whole")
    }
  },
  {
    // §9.6: it may still wait for the answer. Some take its end for its leaving.
    name: "A client that ends its side behind its request is answered, or both connections are freed",
    rfc: "9112 §9.6",
    reply: [],
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      client.wire.end()
      await probe()
      if (connection.wire.closed() === undefined) connection.send(ok())
      await client.wire.untilClosed()
      if (client.wire.count() > 0) await answered(200, { body: "ok" })(client)
    }
  },
  {
    name: "The late answer to a client that has left never reaches another",
    rfc: "9112 §9.2",
    reply: [],
    run: async ({ client, open, upstream }) => {
      client.send(get("/a"))
      const first = await upstream.whole()
      client.wire.reset()
      first.connection.send(ok("/a's"))
      const other = await open()
      other.send(get("/b"))
      const second = await upstream.whole(1)
      second.connection.send(ok("/b's"))
      await answered(200, { body: "/b's" })(other)
    }
  },
  {
    name: "An upstream that resets within the client's body is 502",
    rfc: "9110 §15.6.3",
    replyAtHead: true,
    reply: (connection) => connection.wire.reset(),
    send: `${request("POST", "/a", "Content-Length: 1000")}part`,
    client: answered(502),
    upstream: () => undefined
  },
  {
    name: "An upstream that answers, and resets, within the client's body is heard, or 502",
    rfc: "9112 §9.5",
    replyAtHead: true,
    reply: { bytes: answer(413, "Content Too Large", "too large", "Connection: close"), leaves: "reset" },
    send: `${request("POST", "/a", "Content-Length: 1000")}part`,
    client: either(answered([413, 502]), cut(413)),
    upstream: () => undefined
  },
  {
    name: "An upstream that refuses connections is 502, and is asked again by the next",
    rfc: "9110 §15.6.3",
    run: async ({ client, upstream }) => {
      await upstream.stopListening()
      client.send(get("/a"))
      await answered([502, 503])(client)
      await upstream.listenAgain()
    }
  }
]
