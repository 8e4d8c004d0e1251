/** How much, and for how long. Time limits are a second for the subjects of these cases. */

import type { SubjectName } from "../Case.ts"
import { type Case, ownSubjects } from "../Case.ts"
import { answered, cut, either, hungUpOr, refused } from "../expect/client.ts"
import { get, ok, request, switched, webSocket } from "../expect/messages.ts"
import { expectRequest, gets, getsEither, getsNothing, neverWhole } from "../expect/upstream.ts"
import { fail } from "../Mismatch.ts"

const impatient = "impatient"
/** The mounts' heads are read by the app's own server, whose limits are the app's. */
const readingHeads: ReadonlyArray<SubjectName> = ["gateway", "alb", "nginx", "caddy", "haproxy"]
const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
const pollMillis = 100

export const limits: ReadonlyArray<Case> = [
  {
    // AWS ELB guide: 64 KiB in all. The witnesses have what limit their operator gave them.
    name: "A head of more than 64 KiB is answered 431",
    rfc: "6585 §5",
    subjects: ownSubjects,
    send: get("/a", ...Array.from({ length: 10 }, (_, index) => `X-${index}: ${"x".repeat(8_000)}`)),
    client: refused(431),
    upstream: getsNothing
  },
  {
    name: "A head that never ends is refused before a megabyte of it",
    rfc: "6585 §5",
    run: async ({ client }) => {
      client.send(get("/a").slice(0, -2))
      for (let sent = 0; sent < 64 && client.wire.closed() === undefined; sent++) client.send(`X-${sent}: ${"x".repeat(16_000)}\r\n`)
      await hungUpOr(400, 414, 431, 494, 502)(client)
    }
  },
  {
    // Node's server forgets what is behind the 2,000th.
    name: "Of 4,000 fields none is forgotten: all go on, or the request is refused",
    rfc: "6585 §5",
    send: get("/a", ...Array.from({ length: 4_000 }, () => "a:"), "X-Last: 1"),
    client: either(answered(200), refused(400, 431)),
    upstream: getsEither(getsNothing, gets({ has: { "x-last": "1" } }))
  },
  {
    name: "A length behind 4,000 fields is not forgotten",
    rfc: "6585 §5",
    send: `${request("POST", "/a", ...Array.from({ length: 4_000 }, () => "a:"), "Content-Length: 4")}data`,
    client: either(answered(200), refused(400, 431)),
    upstream: getsEither(getsNothing, gets({ body: "data" }))
  },
  {
    name: "An answer whose head never ends is 502",
    rfc: "9110 §15.6.3",
    reply: ({ wire }) => {
      const field = `X-A: ${"x".repeat(16_000)}\r\n`
      const more = (error?: Error | null) => {
        if (!error && wire.closed() === undefined) wire.socket.write(field, (failed) => setImmediate(more, failed))
      }
      wire.socket.write("HTTP/1.1 200 OK\r\n", more)
    },
    send: get("/a"),
    client: answered(502),
    upstream: () => undefined
  },
  {
    name: "An answer of 4,000 fields comes back with its last, or is 502",
    rfc: "6585 §5",
    reply: ok("ok", ...Array.from({ length: 4_000 }, () => "a:"), "Set-Cookie: last=1"),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "ok", has: { "set-cookie": "last=1" } })),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A request line that does not go on is cut",
    rfc: "9110 §15.5.9",
    subjects: readingHeads,
    profile: impatient,
    run: async ({ client }) => {
      client.send("GET /a HT")
      await hungUpOr(400, 408)(client)
    }
  },
  {
    name: "A head that does not go on is cut",
    rfc: "9110 §15.5.9",
    subjects: readingHeads,
    profile: impatient,
    run: async ({ client, upstream }) => {
      client.send("GET /a HTTP/1.1\r\nHost: app.example\r\nX-A: ")
      await hungUpOr(400, 408)(client)
      await getsNothing(upstream)
    }
  },
  {
    name: "A head that goes on by a byte at a time is cut",
    rfc: "9110 §15.5.9",
    subjects: readingHeads,
    profile: impatient,
    run: async ({ client }) => {
      client.send("GET /a HTTP/1.1\r\nHost: app.example\r\nX-A: ")
      const drip = setInterval(() => client.send("x"), pollMillis)
      await hungUpOr(400, 408)(client).finally(() => clearInterval(drip))
    }
  },
  {
    name: "The second head of a connection that does not go on is cut, too",
    rfc: "9110 §15.5.9",
    subjects: readingHeads,
    profile: impatient,
    run: async ({ client }) => {
      client.send(get("/a"))
      await answered(200)(client)
      client.send("GET /b HTTP/1.1\r\nHost: app.example\r\nX-A: ")
      await client.wire.untilClosed()
    }
  },
  {
    name: "A body that does not go on is cut, and the upstream's connection freed",
    rfc: "9110 §15.5.9",
    profile: impatient,
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(`${request("POST", "/a", "Content-Length: 1000")}part`)
      await hungUpOr(400, 408, 502, 504)(client)
      for (const { wire } of upstream.connections) await wire.untilClosed()
      await neverWhole(upstream)
    }
  },
  {
    name: "A body in chunks that does not go on is cut, and the upstream's connection freed",
    rfc: "9110 §15.5.9",
    profile: impatient,
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(`${request("POST", "/a", "Transfer-Encoding: chunked")}4\r\npart\r\n`)
      await hungUpOr(400, 408, 502, 504)(client)
      for (const { wire } of upstream.connections) await wire.untilClosed()
      await neverWhole(upstream)
    }
  },
  {
    name: "An upload that the upstream does not read is cut",
    rfc: "9110 §15.6.5",
    profile: impatient,
    replyAtHead: true,
    reply: (connection) => void connection.wire.socket.pause(),
    run: async ({ client, upstream }) => {
      client.send(request("POST", "/a", "Content-Length: 100000000"))
      await upstream.request()
      client.send(Buffer.alloc(32 * 1_048_576))
      await client.wire.until("an answer, or the end", () => client.seen().answers[0] ?? client.wire.closed())
      const [first] = client.seen().answers
      if (first !== undefined && ![408, 502, 504].includes(first.status))
        fail(`client: the answer is ${first.startLine}, expected 408, 502 or 504`)
    }
  },
  {
    name: "An upstream that never answers is 504, and its connection freed",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(get("/a"))
      await answered(504)(client)
      for (const { wire } of upstream.connections) await wire.untilClosed()
    }
  },
  {
    name: "An upstream that never answers a POST is 504, and is asked once",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: [],
    send: `${request("POST", "/a", "Content-Length: 4")}data`,
    client: answered(504),
    upstream: gets({ target: "/a", body: "data" })
  },
  {
    name: "An upstream that stops within its head is 504",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: "HTTP/1.1 200 OK\r\nX-A",
    send: get("/a"),
    client: answered([502, 504]),
    upstream: () => undefined
  },
  {
    name: "An upstream that stops behind an interim answer is 504",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: early,
    send: get("/a"),
    client: answered([502, 504]),
    upstream: () => undefined
  },
  {
    name: "An upstream that sends interim answers for ever is 504",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: (connection) => {
      const drip = setInterval(() => connection.send(early), pollMillis)
      connection.wire.socket.once("close", () => clearInterval(drip))
    },
    send: get("/a"),
    client: answered([502, 504]),
    upstream: () => undefined
  },
  {
    name: "An upstream that stops within its body is seen to be cut",
    rfc: "9112 §8",
    profile: impatient,
    reply: (connection) => connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart"),
    send: get("/a"),
    client: cut(200),
    upstream: () => undefined
  },
  {
    name: "An upstream that stops within a chunk is seen to be cut",
    rfc: "9112 §8",
    profile: impatient,
    reply: (connection) => connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npa"),
    send: get("/a"),
    client: cut(200),
    upstream: () => undefined
  },
  {
    name: "An upstream that never answers an upgrade is 504, and its connection freed",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(webSocket("/ws"))
      await answered(504)(client)
      for (const { wire } of upstream.connections) await wire.untilClosed()
    }
  },
  {
    name: "An upgrade that gets interim answers for ever is 504",
    rfc: "9110 §15.6.5",
    profile: impatient,
    reply: (connection) => {
      const drip = setInterval(() => connection.send(early), pollMillis)
      connection.wire.socket.once("close", () => clearInterval(drip))
    },
    send: webSocket("/ws"),
    client: answered([502, 504]),
    upstream: () => undefined
  },
  {
    // The local ALB ends what is idle, as the real one does.
    name: "A tunnel may be silent for longer than an answer may take",
    rfc: "6455 §5",
    subjects: ["gateway", "express", "fastify", "nginx", "caddy", "haproxy"],
    profile: impatient,
    reply: [switched(), () => undefined],
    run: async ({ client, open, upstream }) => {
      client.send(webSocket("/ws"))
      await answered(101)(client)
      for (const index of [1, 2]) {
        const other = await open()
        other.send(`${request("POST", `/${index}`, "Content-Length: 0")}`)
        await answered([502, 504])(other)
      }
      const received = await upstream.whole()
      expectRequest(received, { target: "/ws" })
      received.connection.send("still here")
      await client.wire.until("the upstream's bytes", () => client.seen().rest.toString() === "still here" || undefined)
    }
  }
]
