/** Leaving HTTP: only for WebSockets, and only if the upstream agrees. */
import { type Case, signingIn } from "../Case.ts"
import { answered, cut, either } from "../expect/client.ts"
import { answer, chunks, get, ok, request, switched, thenClose, thenReset, webSocket } from "../expect/messages.ts"
import { expectRequest, gets, getsNothing } from "../expect/upstream.ts"
import { fail } from "../Mismatch.ts"
import { quote, valuesOf } from "../wire/Message.ts"
import type { Reply, UpstreamConnection } from "../wire/Upstream.ts"
import type { Wire } from "../wire/Wire.ts"

/** Takes every upgrade that it is offered, and says "h2" at once. */
const takesAny: Reply = (connection, { message }) => {
  const [protocol] = valuesOf(message.fields, "upgrade")
  if (protocol === undefined) connection.send(ok())
  else connection.send(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\nh2`)
}

/** What is no handshake of RFC 6455 goes on as a plain request, or is refused; the upstream sees no offer. */
const plain = (name: string, send: string, more: Partial<Case> = {}): Case => ({
  name,
  rfc: "9110 §7.8",
  reply: takesAny,
  send,
  client: answered([200, 400, 426]),
  upstream: ({ requests }) => {
    for (const each of requests)
      expectRequest(each, { has: { upgrade: undefined, "http2-settings": undefined, connection: /^(?!.*(upgrade|http2))/i } })
  },
  ...more
})

const offer = (...lines: ReadonlyArray<string>) =>
  get("/a", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", ...lines)

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

export const upgrades: ReadonlyArray<Case> = [
  {
    name: "A WebSocket is offered to the upstream, and its answer comes back",
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
    // A client is to wait for the answer. What it says before must not be read as a request by anybody.
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
    name: "An answer of 101 with 20 KB of fields comes back whole",
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
    name: "A refusal by the upstream comes back, with its fields and its body",
    rfc: "6455 §4.2.2",
    reply: answer(403, "Forbidden", "not you", "X-A: 1", "Set-Cookie: a=1", "Set-Cookie: b=2"),
    send: webSocket("/ws"),
    client: answered(403, { body: "not you", has: { "x-a": "1", "set-cookie": ["a=1", "b=2"] } }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal in chunks comes back",
    rfc: "6455 §4.2.2",
    reply: `HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n${chunks("not", " you")}`,
    send: webSocket("/ws"),
    client: answered(401, { body: "not you" }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal that ends with the connection comes back",
    rfc: "6455 §4.2.2",
    reply: thenClose("HTTP/1.1 401 Unauthorized\r\n\r\nnot you"),
    send: webSocket("/ws"),
    client: answered(401, { body: "not you" }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "An answer of 426 comes back with what it asks for",
    rfc: "6455 §4.4",
    reply: answer(426, "Upgrade Required", "no", "Sec-WebSocket-Version: 13"),
    send: webSocket("/ws"),
    client: answered(426, { body: "no", has: { "sec-websocket-version": "13" } }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal in two hundred thousand bytes comes back whole",
    rfc: "6455 §4.2.2",
    reply: answer(403, "Forbidden", "0123456789".repeat(20_000)),
    send: webSocket("/ws"),
    client: answered(403, { body: "0123456789".repeat(20_000) }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "Nobody's WebSocket is refused before the upstream is asked",
    rfc: "9110 §15.5.2",
    subjects: signingIn,
    reply: switched(),
    send: webSocket("/ws").replace("{auth}", ""),
    client: answered(401),
    upstream: getsNothing
  },
  {
    // Whoever is not signed in must not be read as a request either.
    name: "What follows nobody's handshake is not read",
    rfc: "9110 §15.5.2",
    subjects: signingIn,
    reply: switched(),
    send: webSocket("/ws").replace("{auth}", "") + get("/smuggled"),
    client: answered(401, { connection: "closed" }),
    upstream: getsNothing
  },
  ...["h2c", "H2C", "h2c, websocket", "websocket, h2c", "HTTP/2.0", "TLS/1.0", "foo/1", "websocket/13", ""].map((protocol) =>
    plain(`An offer of ${JSON.stringify(protocol)} goes on as a plain request`, offer(`Upgrade: ${protocol}`))
  ),
  plain("An offer in two Upgrade fields goes on as a plain request", offer("Upgrade: h2c", "Upgrade: websocket")),
  plain("A WebSocket beside h2c in another field goes on as a plain request", webSocket("/ws", "Upgrade: h2c")),
  plain(
    "An offer of h2c by nobody, where nobody need sign in, goes on as a plain request",
    offer("Upgrade: h2c").replace("/a", "/open").replace("{auth}", "")
  ),
  plain(
    "An offer of h2c with a body goes on as a plain request",
    `${request("POST", "/a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", "Content-Length: 4")}data`
  ),
  plain(
    "Upgrade without Connection is no offer",
    get("/a", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
  ),
  plain("An offer in HTTP/1.0 is none", webSocket("/ws").replace("HTTP/1.1", "HTTP/1.0")),
  plain("A WebSocket with a body goes on as a plain request", `${webSocket("/ws", "Content-Length: 4")}data`),
  plain("A WebSocket with a body in chunks goes on as a plain request", webSocket("/ws", "Transfer-Encoding: chunked") + chunks("data")),
  plain("A WebSocket by POST goes on as a plain request", webSocket("/ws", "Content-Length: 0").replace("GET", "POST")),
  plain("A WebSocket of another version goes on as a plain request", webSocket("/ws").replace("Version: 13", "Version: 8")),
  plain("A WebSocket without a version goes on as a plain request", webSocket("/ws").replace("Sec-WebSocket-Version: 13\r\n", "")),
  plain("A WebSocket without a key goes on as a plain request", webSocket("/ws").replace(/Sec-WebSocket-Key: .*\r\n/, "")),
  plain("A WebSocket with a key that is none goes on as a plain request", webSocket("/ws").replace(/(Sec-WebSocket-Key: ).*/, "$1x")),
  {
    // §4.2.1: compared in any case. Whoever does not take it must not offer it either.
    name: "An offer of WebSocket in capitals is an offer, or goes on as a plain request",
    rfc: "6455 §4.2.1",
    reply: (connection, { message }) => connection.send(valuesOf(message.fields, "upgrade").length > 0 ? switched() : ok()),
    send: webSocket("/ws").replace("Upgrade: websocket", "Upgrade: WebSocket"),
    client: answered([101, 200]),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A 101 that nobody asked for is 502",
    rfc: "9110 §15.2.2",
    reply: `${switched()}behind`,
    send: get("/a"),
    client: answered(502),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A 101 to a POST is 502",
    rfc: "9110 §15.2.2",
    reply: `${switched()}behind`,
    send: `${request("POST", "/a", "Content-Length: 4")}data`,
    client: answered(502),
    upstream: gets({ target: "/a" })
  },
  ...(
    [
      ["no answer", ""],
      ["half a head", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso"],
      ["something else than HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
      ["status 050", "HTTP/1.1 050 X\r\nContent-Length: 0\r\n\r\n"],
      ["a control character in its fields", "HTTP/1.1 403 X\r\nX-A: 1\x012\r\nContent-Length: 0\r\n\r\n"]
    ] as const
  ).map(
    ([what, bytes]): Case => ({
      name: `An upgrade that gets ${what} is 502`,
      rfc: "9110 §15.6.3",
      reply: thenClose(bytes),
      send: webSocket("/ws"),
      client: answered(502),
      upstream: gets({ target: "/ws" })
    })
  ),
  {
    name: "An upgrade that is reset is 502",
    rfc: "9110 §15.6.3",
    reply: thenReset(""),
    send: webSocket("/ws"),
    client: answered(502),
    upstream: () => undefined
  },
  {
    name: "A refusal with a reason phrase that makes no sense does not keep the client waiting",
    rfc: "9112 §4",
    reply: thenClose(answer(403, "Forbidden \x01 \xe9", "no")),
    send: webSocket("/ws"),
    client: answered([403, 502]),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal that is cut is seen to be cut",
    rfc: "9112 §8",
    reply: thenClose("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nno"),
    send: webSocket("/ws"),
    client: either(cut(403), answered(502)),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "An upgrade to an upstream that refuses connections is 502",
    rfc: "9110 §15.6.3",
    run: async ({ client, upstream }) => {
      await upstream.stopListening()
      client.send(webSocket("/ws"))
      await answered(502)(client)
      await upstream.listenAgain()
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
    name: "A connection that asked for an upgrade, and got another answer, serves no request of somebody else's",
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
