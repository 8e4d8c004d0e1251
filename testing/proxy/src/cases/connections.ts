/** Connections to the upstream and from the client: kept, stale, aborted, and no faster than the slower side. */
import type { Case } from "../Case.ts"
import { answered, answers, cut, either } from "../expect/client.ts"
import { answer, get, ok, post, request } from "../expect/messages.ts"
import { expectRequest, gets } from "../expect/upstream.ts"
import { fail } from "../Mismatch.ts"
import type { Reply, UpstreamConnection } from "../wire/Upstream.ts"
import type { Wire } from "../wire/Wire.ts"

/** Answers the first request of a connection, and leaves upon the second, as an upstream does whose keep-alive has just run out. */
const stale = (leave: (wire: Wire) => void, isStale = (_nth: number): boolean => true): Reply => {
  const served = new Map<UpstreamConnection, number>()
  return (connection, { target }) => {
    const nth = served.size
    if (!served.has(connection)) {
      served.set(connection, nth)
      return connection.send(ok(target))
    }
    if (isStale(served.get(connection) ?? 0)) leave(connection.wire)
    else connection.send(ok(target))
  }
}
const ends = (wire: Wire) => wire.end()
const resets = (wire: Wire) => wire.reset()

const chunk = Buffer.alloc(65_536, "x")
const hugeBytes = 256 * 1_048_576
/** Kernels buffer some megabytes for each of the two connections; a proxy that reads on would take it all. */
const mostBuffered = 64 * 1_048_576

/** Sends until nothing more is taken, or all was; returns how much was. `round` is something else that takes its time. */
const sendUntilStalled = async ({ socket }: Wire, round: () => Promise<void>): Promise<number> => {
  let sent = 0
  let taken = 0
  const more = () => {
    while (!socket.destroyed && sent < hugeBytes && socket.writableLength < 4 * chunk.length) {
      sent += chunk.length
      socket.write(chunk, (error) => {
        if (error) return
        taken += chunk.length
        more()
      })
    }
  }
  more()
  let before = -1
  // Five rounds of other requests in which not one byte more was taken.
  for (let quiet = 0; quiet < 5 && taken < hugeBytes; ) {
    await round()
    quiet = taken === before ? quiet + 1 : 0
    before = taken
  }
  return taken
}

export const connections: ReadonlyArray<Case> = [
  ...(
    [
      ["closed", ends],
      ["reset", resets]
    ] as const
  ).flatMap(
    ([how, leave]): ReadonlyArray<Case> => [
      {
        name: `A GET whose kept connection is ${how} as it goes out is sent again on another`,
        rfc: "9112 §9.3.1",
        reply: stale(leave),
        send: [get("/a"), get("/b")],
        client: answers([200, { body: "/a" }], [200, { body: "/b" }]),
        upstream: () => undefined
      },
      {
        name: `A POST whose kept connection is ${how} as it goes out is never sent again`,
        rfc: "9110 §9.2.2",
        reply: stale(leave),
        send: [get("/a"), post("/b", "data")],
        client: either(answers([200, { body: "/a" }], [502]), answers([200, { body: "/a" }], [200, { body: "/b" }])),
        upstream: ({ requests }) => {
          const sent = requests.filter(({ method }) => method === "POST").length
          if (sent !== 1) fail(`upstream: received the POST ${sent} times, expected once`)
        }
      },
      {
        name: `A GET that meets two kept connections, both ${how}, is sent again on a new one`,
        rfc: "9112 §9.3.1",
        reply: stale(leave),
        run: async ({ client, open, upstream }) => {
          // Two at once, so that there are two connections.
          const other = await open()
          client.send(get("/1"))
          other.send(get("/2"))
          await Promise.all([answered(200)(client), answered(200)(other)])
          client.send(get("/b"))
          await answers([200, { body: "/1" }], [200, { body: "/b" }])(client)
          const last = upstream.requests.at(-1)
          if (last?.target !== "/b") fail(`upstream: the last request is for ${last?.target}, expected /b`)
        }
      }
    ]
  ),
  {
    name: "A GET on a new connection that ends without an answer is 502, and sent no more than twice",
    rfc: "9112 §9.3.1",
    reply: (connection) => connection.wire.end(),
    send: get("/a"),
    client: answered(502),
    upstream: ({ requests }) => {
      if (requests.length > 2) fail(`upstream: received ${requests.length} requests, expected 1 or 2`)
    }
  },
  {
    name: "An upstream that closes an idle connection costs nobody an answer",
    rfc: "9112 §9.3.1",
    reply: (connection, { target }) => connection.send(ok(target)),
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a"))
      await answered(200)(client)
      upstream.requests[0]?.connection.wire.end()
      await probe()
      client.send(post("/b", "data"))
      await answers([200, { body: "/a" }], [200, { body: "/b" }])(client)
    }
  },
  {
    name: "A connection is not used again behind an answer that says close",
    rfc: "9112 §9.6",
    reply: (connection, { target }) => connection.send(ok(target, "Connection: close")),
    send: [get("/a"), get("/b")],
    client: answers([200, { body: "/a" }], [200, { body: "/b" }]),
    upstream: ({ requests: [first, second] }) => {
      if (first?.connection === second?.connection) fail("upstream: both requests are on one connection, expected two")
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
  },
  {
    name: "An answer is taken no faster than its client reads",
    rfc: "9112 §9.5",
    reply: (connection) => connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${hugeBytes}\r\n\r\n`),
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      await client.answerHead()
      client.wire.socket.pause()
      const taken = await sendUntilStalled(connection.wire, probe)
      if (taken > mostBuffered) fail(`upstream: ${taken} bytes were taken of it while the client read nothing`)
      client.wire.reset()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A body is taken no faster than the upstream reads",
    rfc: "9112 §9.5",
    replyAtHead: true,
    reply: (connection) => void connection.wire.socket.pause(),
    run: async ({ client, upstream, probe }) => {
      client.send(request("POST", "/a", `Content-Length: ${hugeBytes}`))
      const { connection } = await upstream.request()
      const taken = await sendUntilStalled(client.wire, probe)
      if (taken > mostBuffered) fail(`client: ${taken} bytes were taken of it while the upstream read nothing`)
      client.wire.reset()
      connection.wire.socket.resume()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A tunnel takes no more of the upstream than its client reads",
    rfc: "6455 §5",
    reply:
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    run: async ({ client, upstream, probe }) => {
      client.send(
        get("/ws", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
      )
      const received = await upstream.whole()
      expectRequest(received, { target: "/ws" })
      await client.answerHead()
      client.wire.socket.pause()
      const taken = await sendUntilStalled(received.connection.wire, probe)
      if (taken > mostBuffered) fail(`upstream: ${taken} bytes were taken of it while the client read nothing`)
      client.wire.reset()
      await received.connection.wire.untilClosed()
    }
  },
  {
    name: "Answers to many clients at once do not meet",
    rfc: "9112 §9.2",
    reply: (connection, { target }) => connection.send(ok(target)),
    run: async ({ open }) => {
      const clients = await Promise.all(Array.from({ length: 50 }, () => open(["GET"])))
      for (const [index, client] of clients.entries()) for (let nth = 0; nth < 5; nth++) client.send(get(`/${index}/${nth}`))
      await Promise.all(
        clients.map((client, index) =>
          answers(...Array.from({ length: 5 }, (_, nth) => [200, { body: `/${index}/${nth}` }] as const))(client)
        )
      )
    }
  },
  {
    name: "A hundred requests sent at once are answered in their order",
    rfc: "9112 §9.3.2",
    reply: (connection, { target }) => connection.send(ok(target)),
    send: Array.from({ length: 100 }, (_, index) => get(`/${index}`)).join(""),
    client: answers(...Array.from({ length: 100 }, (_, index) => [200, { body: `/${index}` }] as const)),
    upstream: gets(...Array.from({ length: 100 }, (_, index) => ({ target: `/${index}` })))
  }
]
