/** Two readers of the same bytes must not find different requests in them. */
import type { Case } from "../Case.ts"
import { answered, either, hungUpOr, refused } from "../expect/client.ts"
import { get, request } from "../expect/messages.ts"
import { gets, getsEither, getsNothing, neverWhole } from "../expect/upstream.ts"

/** Behind each request that is to be refused stands another, which must not be found. */
const smuggled = get("/smuggled")
const chunked = "4\r\ndata\r\n0\r\n\r\n"

/** A POST whose framing is wrong before its body begins: nothing of it is forwarded. */
const refusedHead = (name: string, rfc: string, lines: ReadonlyArray<string>, body: string, more: Partial<Case> = {}): Case => ({
  name,
  rfc,
  send: request("POST", "/a", ...lines) + body + smuggled,
  client: refused(400, 501),
  upstream: getsNothing,
  ...more
})

/** A chunked body that is wrong: the request's head may be on its way already, but it must not come to its end. */
const refusedChunks = (name: string, rfc: string, body: string, more: Partial<Case> = {}): Case => ({
  name,
  rfc,
  send: request("POST", "/a", "Transfer-Encoding: chunked") + body + smuggled,
  client: hungUpOr(400, 413, 502),
  upstream: neverWhole,
  ...more
})

/** After so many lines, Node drops the length; lines of an offer are left out when a header section is rewritten. */
const droppedLength = (name: string, count: (line: string) => number): Case => {
  const body = get("/open?smuggled").replace("{auth}", "")
  const lines = ["Upgrade: h2c", "a:"].flatMap((line) => Array.from({ length: count(line) }, () => line))
  return {
    name,
    rfc: "9110 §7.8, 9112 §6.3",
    send: request("POST", "/open", "Connection: Upgrade", ...lines, `Content-Length: ${body.length}`).replace("{auth}", "") + body,
    client: either(answered(200), refused(400, 431)),
    upstream: getsEither(getsNothing, gets({ target: "/open", body }))
  }
}

export const smuggling: ReadonlyArray<Case> = [
  droppedLength("A body behind an offer and 1,100 fields is not taken for a request", (line) => (line === "a:" ? 1_100 : 1)),
  droppedLength("A body behind an offer made 600 times and 600 fields is not taken for a request", () => 600),
  {
    // §6.1 allows both. A recipient that uses Transfer-Encoding must remove the Content-Length.
    name: "A request with Transfer-Encoding and Content-Length is refused, or loses the Content-Length",
    rfc: "9112 §6.3",
    send: `${request("POST", "/a", "Content-Length: 6", "Transfer-Encoding: chunked")}0\r\n\r\nX`,
    client: either(refused(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ target: "/a", body: "" }))
  },
  {
    name: "Transfer-Encoding before Content-Length is no different",
    rfc: "9112 §6.3",
    send: `${request("POST", "/a", "Transfer-Encoding: chunked", "Content-Length: 6")}0\r\n\r\nX`,
    client: either(refused(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ target: "/a", body: "" }))
  },
  refusedHead("Two Content-Lengths that differ are refused", "9112 §6.3", ["Content-Length: 4", "Content-Length: 5"], "data"),
  refusedHead("A Content-Length that is a list of different numbers is refused", "9112 §6.3", ["Content-Length: 4, 5"], "data"),
  {
    // §6.3: a list of one number, repeated, may be read as that number.
    name: "Two Content-Lengths that agree are refused, or become one",
    rfc: "9112 §6.3",
    send: `${request("POST", "/a", "Content-Length: 4", "Content-Length: 4")}data`,
    client: either(refused(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ body: "data", has: { "content-length": "4" } }))
  },
  ...["+4", "-4", "0x4", "4a", "4 4", "4.0", '"4"', "99999999999999999999"].map((value) =>
    refusedHead(`A Content-Length of ${value} is refused`, "9110 §8.6", [`Content-Length: ${value}`], "data", { client: refused(400, 413) })
  ),
  refusedHead("An empty Content-Length is refused", "9110 §8.6", ["Content-Length:"], "data"),
  ...["xchunked", "chunkedx", "chunked, identity", "identity", "chunked, chunked", "chunked, x", '"chunked"', "chunked;a=b"].map((value) =>
    refusedHead(`A Transfer-Encoding of ${value} is refused`, "9112 §6.1", [`Transfer-Encoding: ${value}`], chunked)
  ),
  // A proxy that removes the chunks and does not declare gzip forwards a different message.
  refusedHead("A Transfer-Encoding that is not only chunked is refused", "9112 §6.1", ["Transfer-Encoding: gzip, chunked"], chunked),
  refusedHead("Transfer-Encoding twice is refused", "9112 §6.1", ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], chunked),
  refusedHead(
    "Transfer-Encoding twice, once unknown, is refused",
    "9112 §6.1",
    ["Transfer-Encoding: chunked", "Transfer-Encoding: x"],
    chunked
  ),
  refusedHead("An empty Transfer-Encoding is refused", "9112 §6.1", ["Transfer-Encoding:"], chunked),
  {
    name: "A Transfer-Encoding of Chunked behind a tab is understood",
    rfc: "9112 §7",
    send: `${request("POST", "/a", "Transfer-Encoding:\tChunked ")}${chunked}`,
    client: answered(200),
    upstream: gets({ target: "/a", body: "data" })
  },
  {
    // §6.1: the framing is faulty. A server that responds all the same must close, because HTTP/1.0 clients do not know chunks.
    name: "Transfer-Encoding in HTTP/1.0 is refused, or the connection closed behind the answer",
    rfc: "9112 §6.1",
    send: `POST /a HTTP/1.0\r\nHost: app.example\r\n{auth}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}${smuggled}`,
    client: answered([200, 400, 501], { connection: "closed" }),
    upstream: getsEither(getsNothing, gets({ target: "/a", body: "data" }))
  },
  refusedHead("A space before a field's colon is refused", "9112 §5.1", ["Transfer-Encoding : chunked"], chunked),
  refusedHead("A tab before a field's colon is refused", "9112 §5.1", ["Content-Length\t: 4"], "data"),
  refusedHead("A control character in a field's name is refused", "9110 §5.1", ["Transfer-Encoding\x0b: chunked"], chunked),
  refusedHead("A NUL in a field's name is refused", "9110 §5.1", ["Content-\0Length: 4"], "data"),
  refusedHead("A line without a colon is refused", "9112 §5", ["Content-Length 4"], "data"),
  refusedHead("A field without a name is refused", "9112 §5", [": x"], ""),
  refusedHead("A line that begins with white space, before any field, is refused", "9112 §2.2", [], "", {
    send: `POST /a HTTP/1.1\r\n Content-Length: 4\r\nHost: app.example\r\n{auth}\r\n`
  }),
  {
    // §5.2: refused, or each fold replaced by spaces.
    name: "A folded field is refused, or becomes one line",
    rfc: "9112 §5.2",
    send: get("/a", "X-Folded: one\r\n two"),
    client: either(refused(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ has: { "x-folded": /^one +two$/ } }))
  },
  refusedHead("A folded Transfer-Encoding is no other than it seems", "9112 §5.2", ["Transfer-Encoding:\r\n chunked"], chunked, {
    send: `${request("POST", "/a", "Transfer-Encoding:\r\n chunked")}${chunked}`,
    client: either(refused(400, 501), answered(200)),
    upstream: getsEither(getsNothing, gets({ body: "data" }))
  }),
  {
    // §2.2: a recipient may take a single LF for the end of a line. What is forwarded ends its lines as it should.
    name: "Lines that end in a bare LF are refused, or corrected",
    rfc: "9112 §2.2",
    send: "GET /a HTTP/1.1\nHost: app.example\r\n{auth}X-A: 1\n\r\n",
    client: either(refused(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ target: "/a", has: { "x-a": "1" } }))
  },
  {
    name: "An empty line that is a bare LF does not hide a request",
    rfc: "9112 §2.2",
    send: `GET /a HTTP/1.1\r\nHost: app.example\r\n{auth}Content-Length: 0\r\n\n${smuggled}`,
    client: either(refused(400), answered(200)),
    upstream: getsEither(getsNothing, gets({ target: "/a" }), gets({ target: "/a" }, { target: "/smuggled" }))
  },
  refusedHead("A bare CR in a field's value is refused", "9112 §2.2", ["X-A: 1\rTransfer-Encoding: chunked"], chunked),
  refusedHead("A bare CR at the end of a field line is refused", "9112 §2.2", ["X-A: 1\r"], ""),
  refusedHead("A NUL in a field's value is refused", "9110 §5.5", ["X-A: 1\x002"], ""),
  // §5.5 lets a recipient keep other control characters "within a safe context": the app behind is none that a proxy knows.
  refusedHead("Another control character in a field's value is refused", "9110 §5.5", ["X-A: 1\x012"], ""),
  {
    name: "A request of HTTP/0.9 is refused",
    rfc: "9112 §3",
    send: "GET /open\r\n\r\n",
    // The local ALB answers 421 to who names no host.
    client: hungUpOr(400, 421, 505),
    upstream: getsNothing
  },
  ...["HTTP/2.0", "HTTP/0.9", "HTTP/11", "HTTP/1.1 ", "http/1.1", "HTTP/1.", "HTTPS/1.1"].map(
    (version): Case => ({
      name: `A request line that ends in ${JSON.stringify(version)} is refused`,
      rfc: "9112 §2.3, §3",
      send: `GET /a ${version}\r\nHost: app.example\r\n{auth}\r\n`,
      client: hungUpOr(400, 505),
      upstream: getsNothing
    })
  ),
  {
    name: "The preface of HTTP/2 is refused",
    rfc: "9113 §3.4",
    send: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    client: hungUpOr(400, 405, 505),
    upstream: getsNothing
  },
  {
    name: "A chunk's extension does not become part of the body",
    rfc: "9112 §7.1.1",
    send: `${request("POST", "/a", "Transfer-Encoding: chunked")}4;name=value;other="quoted; text"\r\ndata\r\n0;last\r\n\r\n`,
    client: answered(200),
    upstream: gets({ target: "/a", body: "data" })
  },
  {
    // §7.1.1: a server should limit them.
    name: "A chunk's extension of 60 KB is refused, or left out",
    rfc: "9112 §7.1.1",
    send: `${request("POST", "/a", "Transfer-Encoding: chunked")}4;${"x".repeat(60_000)}\r\ndata\r\n0\r\n\r\n`,
    client: either(hungUpOr(400, 413, 431), answered(200)),
    upstream: getsEither(neverWhole, gets({ target: "/a", body: "data" }))
  },
  refusedChunks("A chunk's extension with a bare LF is refused", "9112 §7.1.1", "4;a\nb\r\ndata\r\n0\r\n\r\n"),
  refusedChunks("A chunk's extension with a bare CR is refused", "9112 §7.1.1", "4;a\rb\r\ndata\r\n0\r\n\r\n"),
  refusedChunks("A chunk's quoted extension does not hide the end of its line", "9112 §7.1.1", '4;a="\r\ndata"\r\n\r\n0\r\n\r\n'),
  refusedChunks("A chunk line that ends in a bare LF is refused", "9112 §7.1", "4\ndata\r\n0\r\n\r\n"),
  refusedChunks("A chunk's data that ends in a bare LF is refused", "9112 §7.1", "4\r\ndata\n0\r\n\r\n"),
  refusedChunks("A chunk with more data than its size is refused", "9112 §7.1", "4\r\ndataXX\r\n0\r\n\r\n"),
  ...["10000000000000004", "fffffffffffffffff", "-4", "+4", "0x4", " 4", "", ";", "g", "4_0"].map((size) =>
    refusedChunks(`A chunk size of ${JSON.stringify(size)} is refused`, "9112 §7.1", `${size}\r\ndata\r\n0\r\n\r\n`)
  )
]
