/** How much. */

import { type Case, ownSubjects } from "../Case.ts"
import { answered, either, hungUpOr, refused } from "../expect/client.ts"
import { get, ok, request } from "../expect/messages.ts"
import { gets, getsEither, getsNothing } from "../expect/upstream.ts"

export const limits: ReadonlyArray<Case> = [
  {
    // AWS ELB guide: 64 KiB in all. The reference proxies have what limit their operator gave them.
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
    // Node's parser drops what is behind the 2,000th (`server.maxHeadersCount`).
    name: "Of 4,000 fields none is dropped: all are forwarded, or the request is refused",
    rfc: "6585 §5",
    send: get("/open", ...Array.from({ length: 4_000 }, () => "a:"), "X-Last: 1").replace("{auth}", ""),
    client: either(answered(200), refused(400, 431)),
    upstream: getsEither(getsNothing, gets({ has: { "x-last": "1" } }))
  },
  {
    name: "A length behind 4,000 fields is not dropped",
    rfc: "6585 §5",
    send: `${request("POST", "/open", ...Array.from({ length: 4_000 }, () => "a:"), "Content-Length: 4").replace("{auth}", "")}data`,
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
    name: "An answer of 4,000 fields is relayed with its last, or is 502",
    rfc: "6585 §5",
    reply: ok("ok", ...Array.from({ length: 4_000 }, () => "a:"), "Set-Cookie: last=1"),
    send: get("/a"),
    client: either(answered(502), answered(200, { body: "ok", has: { "set-cookie": "last=1" } })),
    upstream: gets({ target: "/a" })
  }
]
