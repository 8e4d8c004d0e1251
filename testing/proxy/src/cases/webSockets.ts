/** WebSockets: offered, accepted, refused, joined and ended. */
import { type Case, signingIn } from "../Case.ts"
import { answered } from "../expect/client.ts"
import { get, ok, post, switched, webSocket } from "../expect/messages.ts"
import { gets, getsNothing } from "../expect/upstream.ts"
import { fail } from "../Mismatch.ts"
import { quote } from "../wire/Message.ts"
import type { UpstreamConnection } from "../wire/Upstream.ts"
import type { Wire } from "../wire/Wire.ts"

const expectBytes = async (whose: string, received: () => Buffer, expected: string, { until }: Wire): Promise<void> => {
  await until(`${expected.length} bytes`, () => received().length >= expected.length || undefined)
  const bytes = received().toString("latin1")
  if (bytes !== expected) fail(`${whose}: received ${quote(bytes)}, expected ${quote(expected)}`)
}

/** Every byte there is, a few thousand times. */
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  .toString("latin1")
  .repeat(2_000)
const closeFrame = "\x88\x82\x00\x00\x00\x00\x03\xe8"

const tunnel = (
  name: string,
  rfc: string,
  talk: (
    sides: Parameters<Extract<Case, { run: unknown }>["run"]>[0] & { readonly connection: UpstreamConnection; readonly said: () => Buffer }
  ) => Promise<void>,
  more: Partial<Case> = {}
): Case => ({
  name,
  rfc,
  reply: switched(),
  run: async (sides) => {
    const { client, upstream } = sides
    client.send(webSocket("/ws"))
    await answered(101)(client)
    const { connection } = await upstream.whole()
    await talk({ ...sides, connection, said: () => client.seen().rest })
  },
  ...more
})

export const webSockets: ReadonlyArray<Case> = [
  {
    name: "A WebSocket is offered to the upstream, and its answer is relayed",
    rfc: "6455 §4",
    reply: switched("Sec-WebSocket-Protocol: chat", "X-A: 1", "Set-Cookie: a=1", "Set-Cookie: b=2"),
    send: webSocket(
      "/ws?x=1",
      "Sec-WebSocket-Protocol: chat, other",
      "Sec-WebSocket-Extensions: permessage-deflate",
      "Origin: http://app.example"
    ),
    client: answered(101, {
      has: {
        upgrade: "websocket",
        connection: /^upgrade$/i,
        "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "sec-websocket-protocol": "chat",
        "x-a": "1",
        "set-cookie": ["a=1", "b=2"]
      }
    }),
    upstream: gets({
      method: "GET",
      target: "/ws?x=1",
      has: {
        host: "app.example",
        upgrade: "websocket",
        connection: /^upgrade$/i,
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
        "sec-websocket-protocol": "chat, other",
        "sec-websocket-extensions": "permessage-deflate",
        origin: "http://app.example"
      }
    })
  },
  tunnel("Bytes go both ways as they are", "6455 §5", async ({ client, connection, said }) => {
    client.send(Buffer.from(everyByte, "latin1"))
    await expectBytes("upstream", connection.rest, everyByte, connection.wire)
    connection.send(Buffer.from(everyByte, "latin1"))
    await expectBytes("client", said, everyByte, client.wire)
  }),
  {
    name: "Bytes in the packet of the upstream's 101 reach the client",
    rfc: "6455 §4",
    reply: `${switched()}\x81\x05first`,
    run: async ({ client }) => {
      client.send(webSocket("/ws"))
      await answered(101)(client)
      await expectBytes("client", () => client.seen().rest, "\x81\x05first", client.wire)
    }
  },
  {
    // A client must wait for the response. Bytes that it sends before must not be read as a request.
    name: "Bytes in the packet of the client's handshake reach the upstream as they are",
    rfc: "6455 §4.1",
    reply: switched(),
    run: async ({ client, upstream }) => {
      client.send(`${webSocket("/ws")}GET /smuggled HTTP/1.1\r\nHost: app.example\r\n\r\n`)
      await answered(101)(client)
      const { connection } = await upstream.whole()
      await expectBytes("upstream", connection.rest, "GET /smuggled HTTP/1.1\r\nHost: app.example\r\n\r\n", connection.wire)
      if (upstream.requests.length !== 1) fail("upstream: received a second request")
    }
  },
  tunnel("Close frames go both ways as they are, and the end behind them", "6455 §5.5.1", async ({ client, connection, said }) => {
    client.send(Buffer.from(closeFrame, "latin1"))
    await expectBytes("upstream", connection.rest, closeFrame, connection.wire)
    connection.send(Buffer.from("\x88\x02\x03\xe8", "latin1"))
    connection.wire.end()
    await expectBytes("client", said, "\x88\x02\x03\xe8", client.wire)
    await client.wire.untilClosed()
    client.wire.end()
    await connection.wire.untilClosed()
  }),
  tunnel("What the upstream said before it left arrives", "6455 §7.1.1", async ({ client, connection, said }) => {
    connection.send(Buffer.from(everyByte, "latin1"))
    connection.wire.end()
    await client.wire.untilClosed()
    if (said().toString("latin1") !== everyByte) fail(`client: received ${said().length} bytes, expected ${everyByte.length}`)
  }),
  tunnel("What the client said before it left arrives", "6455 §7.1.1", async ({ client, connection }) => {
    client.send(Buffer.from(everyByte, "latin1"))
    client.wire.end()
    await connection.wire.untilClosed()
    if (connection.rest().toString("latin1") !== everyByte)
      fail(`upstream: received ${connection.rest().length} bytes, expected ${everyByte.length}`)
  }),
  tunnel("An upstream that resets ends the client's connection", "6455 §7.1.7", async ({ client, connection }) => {
    connection.wire.reset()
    await client.wire.untilClosed()
  }),
  tunnel("A client that resets ends the upstream's connection", "6455 §7.1.7", async ({ client, connection }) => {
    client.wire.reset()
    await connection.wire.untilClosed()
  }),
  {
    name: "An answer of 101 with 20 KB of fields is relayed whole",
    rfc: "9110 §5.4",
    reply: switched(`X-Long: ${"x".repeat(20_000)}`),
    send: webSocket("/ws"),
    client: answered(101, { has: { "x-long": "x".repeat(20_000) } }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A request with 50 KB of fields may upgrade",
    rfc: "9110 §5.4",
    reply: switched(),
    send: webSocket("/ws", ...["1", "2", "3", "4"].map((name) => `X-${name}: ${"x".repeat(12_500)}`)),
    client: answered(101),
    upstream: gets({ target: "/ws", has: { "x-4": "x".repeat(12_500) } })
  },
  {
    name: "An upstream's interim answer before its 101 does not stand in for it",
    rfc: "9110 §15.2",
    reply: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${switched()}`,
    send: webSocket("/ws"),
    client: answered(101),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A WebSocket without a sign-in is refused before the upstream is asked",
    rfc: "9110 §15.5.2",
    subjects: signingIn,
    reply: switched(),
    send: webSocket("/ws").replace("{auth}", ""),
    client: answered(401),
    upstream: getsNothing
  },
  {
    // Bytes of a client that is not signed in must not be read as a request either.
    name: "What follows a handshake without a sign-in is not read",
    rfc: "9110 §15.5.2",
    subjects: signingIn,
    reply: switched(),
    send: webSocket("/ws").replace("{auth}", "") + get("/smuggled"),
    client: answered(401, { connection: "closed" }),
    upstream: getsNothing
  },
  {
    // Some ask the upstream for both at once: what counts is the order in which the client is answered.
    name: "A WebSocket that is asked for behind a request without an answer is answered behind it, or not at all",
    rfc: "9112 §9.3.2",
    reply: [],
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a") + webSocket("/ws"))
      const first = await upstream.whole()
      await probe()
      if (client.wire.count() > 0) fail(`client: received ${quote(client.wire.received().toString("latin1"))} ahead of the first answer`)
      for (const { connection } of upstream.requests.slice(1)) connection.send(switched())
      first.connection.send(ok("/a"))
      await answered(200, { body: "/a" })(client)
    }
  },
  {
    name: "A WebSocket that is asked for behind an upload that expects 100 Continue is answered behind it, or not at all",
    rfc: "9112 §9.3.2",
    reply: [],
    run: async ({ client, upstream, probe }) => {
      client.send(post("/a", "data", "Expect: 100-continue") + webSocket("/ws"))
      const first = await upstream.whole()
      await probe()
      if (client.wire.received().includes("101 Switching")) fail("client: the WebSocket was answered ahead of the upload")
      for (const { connection } of upstream.requests.slice(1)) connection.send(switched())
      first.connection.send(ok("/a"))
      await answered(200, { body: "/a" })(client)
    }
  },
  {
    name: "A client that leaves before its upgrade is answered frees the upstream's connection",
    rfc: "6455 §4",
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(webSocket("/ws"))
      const { connection } = await upstream.whole()
      client.wire.reset()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A client that ends its side before its upgrade is answered frees the upstream's connection",
    rfc: "6455 §4",
    reply: [],
    run: async ({ client, upstream }) => {
      client.send(webSocket("/ws"))
      const { connection } = await upstream.whole()
      client.wire.end()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A connection that asked for an upgrade, and got another answer, serves no request of another user",
    rfc: "9110 §7.8",
    reply: (connection, { target }) => connection.send(ok(target)),
    run: async ({ client, open }) => {
      client.send(webSocket("/ws") + get("/early"))
      await answered(200, { body: "/ws" })(client)
      const other = await open()
      other.send(get("/other"))
      await answered(200, { body: "/other" })(other)
    }
  }
]
