/**
 * Whatever else a client offers to change to, or an upstream changes to: it stays HTTP/1.1. Behind a change to HTTP/2, requests would pass that
 * nobody has looked at. The reference proxies forward such offers, as their documentation has it.
 */
import type { Case } from "../Case.ts"
import { answered } from "../expect/client.ts"
import { chunks, get, ok, request, switched, webSocket } from "../expect/messages.ts"
import { expectRequest, gets } from "../expect/upstream.ts"
import { valuesOf } from "../wire/Message.ts"
import type { Reply } from "../wire/Upstream.ts"

/** Takes every upgrade that it is offered, and says "h2" at once. */
const takesAny: Reply = (connection, { message }) => {
  const [protocol] = valuesOf(message.fields, "upgrade")
  if (protocol === undefined) connection.send(ok())
  else connection.send(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\nh2`)
}

/** What is no handshake of RFC 6455 is forwarded as a plain request, or is refused; the upstream sees no offer. */
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

export const upgradeOffers: ReadonlyArray<Case> = [
  ...["h2c", "H2C", "h2c, websocket", "websocket, h2c", "HTTP/2.0", "TLS/1.0", "foo/1", "websocket/13", ""].map((protocol) =>
    plain(`An offer of ${JSON.stringify(protocol)} is forwarded as a plain request`, offer(`Upgrade: ${protocol}`))
  ),
  plain("An offer in two Upgrade fields is forwarded as a plain request", offer("Upgrade: h2c", "Upgrade: websocket")),
  plain("A WebSocket beside h2c in another field is forwarded as a plain request", webSocket("/ws", "Upgrade: h2c")),
  plain(
    "An offer of h2c by nobody, where nobody need sign in, is forwarded as a plain request",
    offer("Upgrade: h2c").replace("/a", "/open").replace("{auth}", "")
  ),
  plain(
    "An offer of h2c with a body is forwarded as a plain request",
    `${request("POST", "/a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", "Content-Length: 4")}data`
  ),
  plain(
    "Upgrade without Connection is no offer",
    get("/a", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
  ),
  plain("An offer in HTTP/1.0 is none", webSocket("/ws").replace("HTTP/1.1", "HTTP/1.0")),
  plain("A WebSocket with a body is forwarded as a plain request", `${webSocket("/ws", "Content-Length: 4")}data`),
  plain(
    "A WebSocket with a body in chunks is forwarded as a plain request",
    webSocket("/ws", "Transfer-Encoding: chunked") + chunks("data")
  ),
  plain("A WebSocket by POST is forwarded as a plain request", webSocket("/ws", "Content-Length: 0").replace("GET", "POST")),
  plain("A WebSocket of another version is forwarded as a plain request", webSocket("/ws").replace("Version: 13", "Version: 8")),
  plain("A WebSocket without a version is forwarded as a plain request", webSocket("/ws").replace("Sec-WebSocket-Version: 13\r\n", "")),
  plain("A WebSocket without a key is forwarded as a plain request", webSocket("/ws").replace(/Sec-WebSocket-Key: .*\r\n/, "")),
  plain("A WebSocket with a key that is none is forwarded as a plain request", webSocket("/ws").replace(/(Sec-WebSocket-Key: ).*/, "$1x")),
  {
    // §4.2.1: compared in any case. A proxy that does not accept it must not offer it either.
    name: "An offer of WebSocket in capitals is an offer, or is forwarded as a plain request",
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
  }
]
