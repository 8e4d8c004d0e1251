/** Upgrades that come to nothing: the upstream refuses them, in its own words, or gives no answer that makes sense. */
import type { Case } from "../Case.ts"
import { answered, cut, either } from "../expect/client.ts"
import { answer, chunks, thenClose, thenReset, webSocket } from "../expect/messages.ts"
import { gets } from "../expect/upstream.ts"

export const upgradeRefusals: ReadonlyArray<Case> = [
  {
    name: "A refusal by the upstream is relayed, with its fields and its body",
    rfc: "6455 §4.2.2",
    reply: answer(403, "Forbidden", "not you", "X-A: 1", "Set-Cookie: a=1", "Set-Cookie: b=2"),
    send: webSocket("/ws"),
    client: answered(403, { body: "not you", has: { "x-a": "1", "set-cookie": ["a=1", "b=2"] } }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal in chunks is relayed",
    rfc: "6455 §4.2.2",
    reply: `HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n${chunks("not", " you")}`,
    send: webSocket("/ws"),
    client: answered(401, { body: "not you" }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal that ends with the connection is relayed",
    rfc: "6455 §4.2.2",
    reply: thenClose("HTTP/1.1 401 Unauthorized\r\n\r\nnot you"),
    send: webSocket("/ws"),
    client: answered(401, { body: "not you" }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "An answer of 426 is relayed with what it asks for",
    rfc: "6455 §4.4",
    reply: answer(426, "Upgrade Required", "no", "Sec-WebSocket-Version: 13"),
    send: webSocket("/ws"),
    client: answered(426, { body: "no", has: { "sec-websocket-version": "13" } }),
    upstream: gets({ target: "/ws" })
  },
  {
    name: "A refusal in two hundred thousand bytes is relayed whole",
    rfc: "6455 §4.2.2",
    reply: answer(403, "Forbidden", "0123456789".repeat(20_000)),
    send: webSocket("/ws"),
    client: answered(403, { body: "0123456789".repeat(20_000) }),
    upstream: gets({ target: "/ws" })
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
      upstream: () => undefined
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
      await answered([502, 503])(client)
      await upstream.listenAgain()
    }
  }
]
