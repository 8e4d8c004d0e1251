/** For how long: the limits are a second for the subjects of these cases. */
import type { Case, SubjectName } from "../Case.ts"
import { answered, cut, hungUpOr } from "../expect/client.ts"
import { answer, get, request, switched, webSocket } from "../expect/messages.ts"
import { expectRequest, gets, getsNothing, neverWhole } from "../expect/upstream.ts"
import { fail } from "../Mismatch.ts"

const impatient = "impatient"
/** The mounts' heads are read by the app's own server, whose limits are the app's. */
const readingHeads: ReadonlyArray<SubjectName> = ["gateway", "alb", "nginx", "caddy", "haproxy"]
const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
const pollMillis = 100

export const timeLimits: ReadonlyArray<Case> = [
  {
    name: "A request line that stalls is cut",
    rfc: "9110 §15.5.9",
    subjects: readingHeads,
    profile: impatient,
    run: async ({ client }) => {
      client.send("GET /a HT")
      await hungUpOr(400, 408)(client)
    }
  },
  {
    name: "A head that stalls is cut",
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
    name: "A head that arrives a byte at a time is cut",
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
    name: "The second head of a connection that stalls is cut, too",
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
    name: "A body that stalls is cut, and the upstream's connection freed",
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
    name: "A body in chunks that stalls is cut, and the upstream's connection freed",
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
      client.send(`${request("POST", "/a", "Content-Length: 100000000")}part`)
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
    name: "A refusal of an upgrade that stops within its body is seen to be cut",
    rfc: "9112 §8",
    profile: impatient,
    reply: (connection) => connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\npart"),
    send: webSocket("/ws"),
    client: cut(403),
    upstream: () => undefined
  },
  {
    name: "A refusal of an upgrade that the client does not read frees the upstream's connection",
    rfc: "9110 §15.5.9",
    profile: impatient,
    reply: (connection) => connection.send(answer(403, "Forbidden", "x".repeat(32 * 1_048_576))),
    run: async ({ client, upstream }) => {
      client.wire.socket.pause()
      client.send(webSocket("/ws"))
      await upstream.request()
      for (const { wire } of upstream.connections) await wire.untilClosed()
    }
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
