/** Which header fields are forwarded, which are removed, and which are added. */
import { type Case, signingIn } from "../Case.ts"
import { answered, either } from "../expect/client.ts"
import { chunks, get, ok, post, request } from "../expect/messages.ts"
import { gets } from "../expect/upstream.ts"

const xs = (length: number) => "x".repeat(length)

export const fields: ReadonlyArray<Case> = [
  {
    name: "A field that Connection names is removed",
    rfc: "9110 §7.6.1",
    send: get("/a", "Connection: keep-alive, X-Hop", "X-Hop: 1", "X-Kept: 1"),
    client: answered(200),
    upstream: gets({ has: { "x-hop": undefined, "x-kept": "1" } })
  },
  {
    name: "Fields that several Connection fields name, in any case, are removed",
    rfc: "9110 §7.6.1",
    send: get("/a", "Connection: x-one", "X-One: 1", "connection: X-TWO ,, x-three", "X-Two: 2", "X-Three: 3"),
    client: answered(200),
    upstream: gets({ has: { "x-one": undefined, "x-two": undefined, "x-three": undefined } })
  },
  {
    // Else a client could take out what a proxy says of it.
    name: "Connection does not take out what a proxy adds, nor Host",
    rfc: "9110 §7.6.1",
    send: get("/a", "Connection: close, Host, X-Forwarded-For, X-Forwarded-Proto"),
    client: answered(200),
    upstream: gets({ has: { host: "app.example", "x-forwarded-for": /./, "x-forwarded-proto": "http" } })
  },
  {
    name: "Connection does not take out who the user is",
    rfc: "9110 §7.6.1",
    subjects: signingIn,
    send: get("/a", "Connection: close, X-Forwarded-User, X-Forwarded-Email, X-Cognito-Auth-Assertion"),
    client: answered(200),
    upstream: gets({ has: { "x-forwarded-user": /./, "x-forwarded-email": "ada@example.com", "x-cognito-auth-assertion": /./ } })
  },
  {
    name: "Connection does not take out the length of a body",
    rfc: "9110 §7.6.1",
    send: post("/a", "data", "Connection: Content-Length"),
    client: answered(200),
    upstream: gets({ body: "data" })
  },
  ...["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers", "Trailer: X-Sum", "Upgrade: foo"].map(
    (line): Case => ({
      name: `A request's ${line.split(":")[0]} is removed`,
      rfc: "9110 §7.6.1",
      send: get("/a", line),
      client: answered(200),
      upstream: gets({ has: { [line.split(":")[0] ?? ""]: undefined } })
    })
  ),
  ...["Keep-Alive: timeout=5, max=7", "Proxy-Connection: keep-alive", "Upgrade: h2c"].map(
    (line): Case => ({
      name: `An answer's ${line.split(":")[0]} is removed`,
      rfc: "9110 §7.6.1",
      reply: ok("ok", line),
      send: get("/a"),
      // A proxy may have a Keep-Alive of its own to say.
      client: either(
        answered(200, { has: { [line.split(":")[0] ?? ""]: undefined } }),
        answered(200, { has: { "keep-alive": /^(?!.*max=7)/ } })
      ),
      upstream: gets({ target: "/a" })
    })
  ),
  {
    name: "Fields that an answer's Connection names are removed",
    rfc: "9110 §7.6.1",
    reply: ok("ok", "Connection: x-hop, X-Other", "X-Hop: 1", "X-Other: 1", "X-Kept: 1"),
    send: get("/a"),
    client: answered(200, { has: { "x-hop": undefined, "x-other": undefined, "x-kept": "1" } }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "An answer's Connection does not take out its length",
    rfc: "9110 §7.6.1",
    reply: ok("data", "Connection: Content-Length, Set-Cookie", "Set-Cookie: a=1"),
    send: get("/a"),
    client: answered(200, { body: "data" }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "A repeated field of a request is forwarded as often, in its order",
    rfc: "9110 §5.3",
    send: get("/a", "X-A: 1", "X-B: between", "X-A: 2", "x-a: 3", "Cookie: a=1", "Cookie: b=2"),
    client: answered(200),
    upstream: gets({ has: { "x-a": ["1", "2", "3"], cookie: ["a=1", "b=2"] } })
  },
  {
    name: "A repeated field of an answer is relayed as often, in its order",
    rfc: "9110 §5.3",
    reply: ok(
      "ok",
      "Set-Cookie: a=1; Path=/",
      "X-A: 1",
      "Set-Cookie: b=2, 3",
      "x-a: 2",
      "WWW-Authenticate: Basic",
      "WWW-Authenticate: Digest"
    ),
    send: get("/a"),
    client: answered(200, { has: { "set-cookie": ["a=1; Path=/", "b=2, 3"], "x-a": ["1", "2"], "www-authenticate": ["Basic", "Digest"] } }),
    upstream: gets({ target: "/a" })
  },
  {
    name: "Fields without a value are forwarded, both ways",
    rfc: "9110 §5.5",
    reply: ok("ok", "X-Empty:", "X-Spaces:  \t "),
    send: get("/a", "X-Empty:", "X-Spaces: \t "),
    client: answered(200, { has: { "x-empty": "", "x-spaces": "" } }),
    upstream: gets({ has: { "x-empty": "", "x-spaces": "" } })
  },
  {
    name: "Bytes beyond ASCII are forwarded as they are, both ways",
    rfc: "9110 §5.5",
    reply: ok("ok", "X-Latin: caf\xe9", "X-Utf: \xe4\xbd\xa0", "X-High: \x80\xff"),
    send: get("/a", "X-Latin: caf\xe9", "X-Utf: \xe4\xbd\xa0", "X-High: \x80\xff"),
    client: answered(200, { has: { "x-latin": "caf\xe9", "x-utf": "\xe4\xbd\xa0", "x-high": "\x80\xff" } }),
    upstream: gets({ has: { "x-latin": "caf\xe9", "x-utf": "\xe4\xbd\xa0", "x-high": "\x80\xff" } })
  },
  {
    // The head goes ahead of a body that is still to come.
    name: "Bytes beyond ASCII are forwarded as they are beside a body, too",
    rfc: "9110 §5.5",
    run: async ({ client, upstream }) => {
      client.send(request("POST", "/a", "X-Latin: caf\xe9", "X-High: \x80\xff", "Content-Length: 4"))
      await upstream.request()
      client.send("data")
      await answered(200)(client)
      await gets({ has: { "x-latin": "caf\xe9", "x-high": "\x80\xff" }, body: "data" })(upstream)
    }
  },
  {
    name: "White space around a value is left out, within it kept",
    rfc: "9112 §5.1",
    send: get("/a", "X-A:\t a  b\tc \t"),
    client: answered(200),
    upstream: gets({ has: { "x-a": "a  b\tc" } })
  },
  {
    // Names are compared in any case; some apps and some devices do not know that.
    name: "Names of fields keep their case, both ways",
    rfc: "9110 §5.1",
    reply: ok("ok", "X-CamelCASE: 1", 'ETag: "a"'),
    send: get("/a", "X-CamelCASE: 1", "DNT: 1"),
    client: async (client) => {
      await answered(200)(client)
      const { head } = await client.answer()
      for (const name of ["X-CamelCASE", "ETag"])
        if (!head.includes(`\r\n${name}: `)) throw new Error(`client: the head has no ${name}: ${JSON.stringify(head)}`)
    },
    upstream: gets({ lines: ["X-CamelCASE: 1", "DNT: 1"] })
  },
  {
    name: "Every character of a token may be in a name",
    rfc: "9110 §5.6.2",
    send: get("/a", "X!#$%&'*+-.^`|~9: 1"),
    client: answered(200),
    upstream: gets({ has: { "X!#$%&'*+-.^`|~9": "1" } })
  },
  {
    name: "The client's address is added to X-Forwarded-For",
    rfc: "7239 §5.2",
    send: get("/a", "X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 198.51.100.2"),
    client: answered(200),
    upstream: gets({ has: { "x-forwarded-for": /^198\.51\.100\.1, ?198\.51\.100\.2, ?127\.\d+\.\d+\.\d+$/ } })
  },
  {
    name: "X-Forwarded-Proto is one, and is http or https",
    rfc: "7239 §5.4",
    send: get("/a", "X-Forwarded-Proto: javascript"),
    client: answered(200),
    upstream: gets({ has: { "x-forwarded-proto": "http" } })
  },
  {
    name: "Date and Server of an answer are relayed as they are, once",
    rfc: "9110 §6.6.1",
    reply: ok("ok", "Date: Sun, 06 Nov 1994 08:49:37 GMT"),
    send: get("/a"),
    client: answered(200, { has: { date: "Sun, 06 Nov 1994 08:49:37 GMT" } }),
    upstream: gets({ target: "/a" })
  },
  ...[20_000, 60_000].map(
    (size): Case => ({
      name: `An answer with a field of ${size} bytes is relayed whole`,
      rfc: "9110 §5.4",
      reply: ok("ok", `X-Long: ${xs(size)}`),
      send: get("/a"),
      client: answered(200, { body: "ok", has: { "x-long": xs(size) } }),
      upstream: gets({ target: "/a" })
    })
  ),
  {
    name: "An answer with 200 fields is relayed whole",
    rfc: "9110 §5.4",
    reply: ok("ok", ...Array.from({ length: 200 }, (_, index) => `X-${index}: ${index}`)),
    send: get("/a"),
    client: answered(200, { has: { "x-0": "0", "x-199": "199" } }),
    upstream: gets({ target: "/a" })
  },
  {
    // AWS ELB guide: the largest that a load balancer passes.
    name: "A request with fields of 14 KB each, 56 KB in all, is forwarded whole",
    rfc: "9110 §5.4",
    send: get("/a", `X-1: ${xs(14_000)}`, `X-2: ${xs(14_000)}`, `X-3: ${xs(14_000)}`, `X-4: ${xs(14_000)}`),
    client: answered(200),
    upstream: gets({ has: { "x-1": xs(14_000), "x-4": xs(14_000) } })
  },
  {
    name: "Connection does not take out the chunks of a body",
    rfc: "9110 §7.6.1",
    send: request("POST", "/a", "Transfer-Encoding: chunked", "Connection: Transfer-Encoding") + chunks("data"),
    client: answered(200),
    upstream: gets({ body: "data" })
  }
]
