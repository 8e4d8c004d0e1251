/** What is asked for: the request line and Host. */
import { type Case, ownSubjects, referenceProxyNames } from "../Case.ts"
import { answered, either, notServed } from "../expect/client.ts"
import { get } from "../expect/messages.ts"
import { gets, getsEither, getsNothing } from "../expect/upstream.ts"

const refusedTarget = (name: string, rfc: string, target: string, more: Partial<Case> = {}): Case => ({
  name,
  rfc,
  send: get(target),
  client: notServed(400),
  upstream: getsNothing,
  ...more
})

const refusedHost = (name: string, lines: ReadonlyArray<string>, more: Partial<Case> = {}): Case => ({
  name,
  rfc: "9112 §3.2",
  send: `${["GET /a HTTP/1.1", ...lines].join("\r\n")}\r\n{auth}\r\n`,
  client: answered(400),
  upstream: getsNothing,
  ...more
})

/**
 * Not the local ALB: a load balancer blocks no target for its form, and apps behind it have to (docs/decisions/0007). AWS ELB guide, "Desync
 * mitigation mode": requests are classified by the library http_desync_guardian, and by default only severe ones are blocked. Of targets those are
 * the ones with NUL or CR (its docs/README.md, "Classification Reasons"); one with a raw # is "Compliant" (its tests/rfc-compliant.yaml).
 */
const judgingTargets = ["gateway", "express", "fastify", ...referenceProxyNames] as const

/** The other half of that: what the local ALB makes of such a target. */
const passedByAlb = (target: string): Case => ({
  name: `A load balancer forwards a target of ${target} byte for byte`,
  rfc: "9112 §3.2",
  subjects: ["alb"],
  send: get(target),
  client: answered(200),
  upstream: gets({ method: "GET", target, has: { host: "app.example" } })
})

export const targets: ReadonlyArray<Case> = [
  refusedHost("A request of HTTP/1.1 without Host is refused", []),
  refusedHost("Two Hosts that differ are refused", ["Host: app.example", "Host: other.example"]),
  refusedHost("Two Hosts that agree are refused", ["Host: app.example", "Host: app.example"]),
  ...[
    "app example",
    "app.example/x",
    "user@app.example",
    "app.example, other.example",
    "app.example:80x",
    "app.example#x",
    "app.example?x",
    "[::1"
  ].map((host) => refusedHost(`A Host of ${host} is refused`, [`Host: ${host}`])),
  {
    name: "Host is forwarded as received, with its port",
    rfc: "9110 §7.2",
    send: "GET /a HTTP/1.1\r\nHost: APP.example:8443\r\n{auth}\r\n",
    // The local ALB compares ports: it has another.
    subjects: ["gateway", "express", "fastify", "nginx", "caddy", "haproxy"],
    client: answered(200),
    upstream: gets({ target: "/a", has: { host: "APP.example:8443" } })
  },
  {
    // What is forwarded as HTTP/1.1 needs one. The local ALB answers 421 to names that are not its own.
    name: "A request of HTTP/1.0 without Host is refused, or is forwarded with one",
    rfc: "9112 §3.2",
    send: "GET /a HTTP/1.0\r\n{auth}\r\n",
    client: answered([200, 400, 421]),
    upstream: getsEither(getsNothing, gets({ target: "/a" }))
  },
  {
    name: "A target in absolute form is refused, or is forwarded in origin form",
    rfc: "9112 §3.2.2",
    subjects: judgingTargets,
    send: "GET http://app.example/a HTTP/1.1\r\nHost: app.example\r\n{auth}\r\n",
    client: answered([200, 400, 404]),
    upstream: getsEither(getsNothing, gets({ target: "/a", has: { host: "app.example" } }))
  },
  {
    // §3.2.2: a proxy must replace Host by the target's. What it must not do is to decide by one, and forward the other.
    name: "A target in absolute form of another host is refused, or takes the place of Host",
    rfc: "9112 §3.2.2",
    subjects: judgingTargets,
    send: "GET http://other.example/a HTTP/1.1\r\nHost: app.example\r\n{auth}\r\n",
    client: answered([200, 400, 404, 421]),
    upstream: getsEither(getsNothing, gets({ target: "/a", has: { host: "other.example" } }))
  },
  refusedTarget("A target in authority form is refused", "9112 §3.2.3", "app.example:80"),
  {
    name: "CONNECT is refused",
    rfc: "9110 §9.3.6",
    send: "CONNECT app.example:443 HTTP/1.1\r\nHost: app.example:443\r\n{auth}\r\n",
    client: notServed(400, 404, 405, 421, 501),
    upstream: getsNothing
  },
  {
    name: "OPTIONS * is forwarded as it is, or is answered",
    rfc: "9112 §3.2.4",
    send: "OPTIONS * HTTP/1.1\r\nHost: app.example\r\n{auth}\r\n",
    client: answered([200, 204, 400, 404, 405, 501]),
    upstream: getsEither(getsNothing, gets({ method: "OPTIONS", target: "*" }))
  },
  refusedTarget("A * for anything but OPTIONS is refused", "9112 §3.2.4", "*", { subjects: judgingTargets, client: notServed(400, 404) }),
  refusedTarget("A target that begins without a slash is refused", "9112 §3.2.1", "a"),
  // A fragment never leaves a browser. Apps cut it off, and so see another path than who read it whole.
  ...["/a#x", "/#", "/a?x#y", "/open#x"].map((target) =>
    refusedTarget(`A target of ${target} is refused`, "9112 §3.2", target, { subjects: judgingTargets })
  ),
  ...["/a#x", "/#", "/a?x#y", "*", "http://app.example/a", "http://other.example/a"].map(passedByAlb),
  ...["\x01", "\x7f", "\t", "\x0b", "\0", "\x1f"].map((byte) =>
    refusedTarget(`A target with the byte ${JSON.stringify(byte)} is refused`, "9112 §3.2", `/a${byte}b`)
  ),
  refusedTarget("A target with a space is refused", "9112 §3", "/a b"),
  refusedTarget("A target with a bare CR is refused", "9112 §2.2", "/a\rb"),
  refusedTarget("A target that is missing is refused", "9112 §3", ""),
  {
    // RFC 3986 has no such bytes; a proxy that accepts them must not change them.
    name: "A target with bytes beyond ASCII is refused, or is forwarded to the byte",
    rfc: "9112 §3.2",
    send: get("/caf\xc3\xa9"),
    client: either(answered(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ target: "/caf\xc3\xa9" }))
  },
  ...[
    "/My%20file?x=%23&y=a+b",
    "/C%23",
    "/a%25b",
    "/a%2Fb",
    "/%E4%BD%A0",
    "/a;v=1/b;c",
    "/a/",
    "//a//b",
    "/a?",
    "/?a?b=/../c",
    "/a:b@c!$&'()*,=~",
    '/a|b"<>^`{}\\'
  ].map(
    (target): Case => ({
      name: `A target of ${target} is forwarded to the byte`,
      rfc: "9110 §7.7",
      send: get(target),
      client: answered(200),
      upstream: gets({ target })
    })
  ),
  {
    name: "A target whose encoding is no UTF-8 is refused, or is forwarded to the byte",
    rfc: "9110 §7.7",
    send: get("/%e5%"),
    client: answered([200, 400]),
    upstream: getsEither(getsNothing, gets({ target: "/%e5%" }))
  },
  {
    name: "Empty lines before a request are left out",
    rfc: "9112 §2.2",
    send: `\r\n\r\n${get("/a")}`,
    methods: ["GET"],
    client: answered(200),
    upstream: gets({ target: "/a" })
  },
  ...["get", "G\tET", 'GE"T', "G\xe9T", ""].map(
    (method): Case => ({
      // Methods are case-sensitive: "get" is one that nobody knows. A proxy may refuse it, but must not make it a GET.
      name: `A method of ${JSON.stringify(method)} is refused, or is forwarded to the byte`,
      rfc: "9110 §9.1",
      send: `${method} /a HTTP/1.1\r\nHost: app.example\r\n{auth}\r\n`,
      client: either(answered(200), notServed(400, 405, 501)),
      upstream: getsEither(getsNothing, gets({ method, target: "/a" }))
    })
  ),
  {
    name: "A method that is not of RFC 9110 is forwarded as it is, with its body",
    rfc: "9110 §9.1",
    send: "PROPFIND /a HTTP/1.1\r\nHost: app.example\r\n{auth}Content-Length: 4\r\n\r\ndata",
    client: answered(200),
    upstream: gets({ method: "PROPFIND", target: "/a", body: "data" })
  },
  {
    name: "A target of 16,000 bytes is forwarded whole",
    rfc: "9112 §3",
    send: get(`/${"a".repeat(15_999)}`),
    client: answered(200),
    upstream: gets({ target: `/${"a".repeat(15_999)}` })
  },
  // A load balancer passes 16 KiB of a request line. The reference proxies have what limit their operator gave them.
  ...(
    [
      ["17,000 bytes", "a".repeat(16_999)],
      ["60,000 bytes of encoded spaces", "%20".repeat(20_000)],
      ["60,000 bytes of encoded tabs", "%09".repeat(20_000)],
      ["60,000 bytes of encoded percent signs", "%2520".repeat(12_000)]
    ] as const
  ).map(
    ([size, path]): Case => ({
      name: `A target of ${size} is answered 414`,
      rfc: "9110 §15.5.15",
      subjects: ownSubjects,
      send: get(`/${path}`),
      client: answered(414),
      upstream: getsNothing
    })
  )
]
