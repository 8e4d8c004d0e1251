/** Connections to the upstream: kept, stale, and never another's. */
import type { Case } from "../Case.ts"
import { answered, answers, either } from "../expect/client.ts"
import { get, ok, post } from "../expect/messages.ts"
import { gets } from "../expect/upstream.ts"
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
        name: `A GET that finds two kept connections, both ${how}, is sent again on a new one`,
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
    name: "Answers to many clients at once are not mixed up",
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
