/** What Caddy 2.6 does in another way than cases expect. */
import type { Difference } from "./Difference.ts"

export const caddy: ReadonlyArray<Difference> = [
  {
    does: "reads an empty Content-Length as none",
    failure: /200 OK/,
    cases: ["An empty Content-Length is refused"]
  },
  {
    does: "waits for ever for a client that does not read",
    failure: /waited in vain for the end of the connection/,
    cases: ["A refusal of an upgrade that the client does not read frees the upstream's connection"]
  },
  {
    does: "passes interim answers on to a client of HTTP/1.0",
    failure: /the interim answers are 100/,
    cases: ["A client of HTTP/1.0 that expects 100 Continue is answered once"]
  },
  {
    does: "reads Transfer-Encoding in HTTP/1.0 as nothing, and closes",
    failure: /the body is ""/,
    cases: ["Transfer-Encoding in HTTP/1.0 is refused, or the connection closed behind the answer"]
  },
  {
    does: "leaves a field without a name out",
    failure: /200 OK/,
    cases: ["A field without a name is refused"]
  },
  {
    does: "speaks HTTP/2 to who begins so, or answers as if it was a request",
    failure: /200 OK|an answer/,
    cases: ["The preface of HTTP/2 is refused"]
  },
  {
    does: "refuses a long extension when the upstream has been asked: 502",
    failure: /502/,
    cases: ["A chunk's extension of 60 KB is refused, or left out"]
  },
  {
    does: "accepts a CR within an extension",
    failure: /200 OK/,
    cases: ["A chunk's extension with a bare CR is refused"]
  },
  {
    does: "takes a bare LF for the end of a chunk line, or of the data",
    failure: /200 OK/,
    cases: ["A chunk line that ends in a bare LF is refused"]
  },
  {
    does: "looks at Host less closely",
    failure: /200 OK/,
    cases: ["A Host of app.example:80x is refused", "A Host of [::1 is refused"]
  },
  {
    does: "serves targets of any form to a request of any method",
    failure: /200 OK/,
    cases: ["A target in authority form is refused", "CONNECT is refused", "A * for anything but OPTIONS is refused"]
  },
  {
    does: "forwards a fragment, as Go encodes it",
    failure: /200 OK/,
    cases: ["A target of /a#x is refused", "A target of /# is refused", "A target of /a?x#y is refused", "A target of /open#x is refused"]
  },
  {
    does: "encodes what RFC 3986 does not allow in a target",
    failure: /the target is/,
    cases: [
      "A target with bytes beyond ASCII is refused, or is forwarded to the byte",
      'A target of /a|b"<>^`{}\\ is forwarded to the byte'
    ]
  },
  {
    does: "refuses empty lines before a request",
    failure: /400/,
    cases: ["Empty lines before a request are left out"]
  },
  {
    does: "keeps sending a body to an upstream that has responded or disconnected, and forwards the response at its end",
    failure: /answer 1|502/,
    cases: [
      "An answer that comes before the whole body reaches the client",
      "An early answer to a body in chunks reaches the client",
      "The rest of a body that was answered early is not read as a request",
      "An upstream that resets within the client's body is 502",
      "An upstream that answers, and resets, within the client's body is heard, or 502"
    ]
  },
  {
    does: "ends a response as if it was complete when the upstream's was truncated (fixed in version 2.7)",
    failure: /the end of the connection/,
    cases: [
      "An answer without a length that is reset is seen to be cut",
      'An answer in chunks that is cut behind "4\\r\\nda" is seen to be cut',
      'An answer in chunks that is cut behind "4\\r\\ndata\\r\\n" is seen to be cut',
      'An answer in chunks that is cut behind "4\\r\\ndata\\r\\n0\\r\\n" is seen to be cut',
      'An answer in chunks that is cut behind "4" is seen to be cut',
      'An answer in chunks that are "x\\r\\ndata\\r\\n0\\r\\n\\r\\n" is seen to be cut',
      'An answer in chunks that are "4\\r\\ndataX\\r\\n0\\r\\n\\r\\n" is seen to be cut',
      'An answer in chunks that are "-4\\r\\ndata\\r\\n0\\r\\n\\r\\n" is seen to be cut',
      'An answer in chunks that are "fffffffffffffffff\\r\\ndata\\r\\n" is seen to be cut',
      "An upstream that stops within a chunk is seen to be cut"
    ]
  },
  {
    does: "takes at most five interim answers (net/http, `max1xxResponses`)",
    failure: /502/,
    cases: ["Twenty interim answers in a row do not stand in for the answer"]
  },
  {
    does: "ends the connection upon an answer whose status Go cannot send",
    failure: /without answer 1/,
    cases: [
      'An answer of status "050" is 502',
      'An answer of status "000" is 502',
      'An answer of status "099" is 502',
      "An upgrade that gets status 050 is 502"
    ]
  },
  {
    does: "forwards control characters of an answer to the client",
    failure: /received value of|403/,
    cases: [
      'A field of an answer with the byte "\\u0001" is 502, or corrected',
      'A field of an answer with the byte "\\u0000" is 502, or corrected',
      'A field of an answer with the byte "\u007f" is 502, or corrected',
      "An upgrade that gets a control character in its fields is 502"
    ]
  },
  {
    does: "takes an early second answer for the next request's",
    sometimes: true,
    failure: /stray/,
    cases: ["A second answer on an idle connection never reaches another request"]
  },
  {
    does: "forwards `TE: trailers`, and asks so for itself",
    failure: /trailers/,
    cases: ["A request's TE is removed"]
  },
  {
    does: "writes names as Go does: `X-Camelcase`",
    failure: /no X-CamelCASE/,
    cases: ["Names of fields keep their case, both ways"]
  },
  {
    does: "believes no X-Forwarded-For of clients that it was not told to trust",
    failure: /127\.0\.0\.1/,
    cases: ["The client's address is added to X-Forwarded-For"]
  },
  {
    does: "loses what a client says before its upgrade is answered",
    failure: /45 bytes/,
    cases: ["Bytes in the packet of the client's handshake reach the upstream as they are"]
  },
  {
    does: "forwards whatever a client offers to change to, as a proxy for WebSockets is configured by its documentation",
    failure: /101 Switching|upstream:/,
    cases: [
      'An offer of "h2c" is forwarded as a plain request',
      'An offer of "H2C" is forwarded as a plain request',
      'An offer of "h2c, websocket" is forwarded as a plain request',
      'An offer of "websocket, h2c" is forwarded as a plain request',
      'An offer of "HTTP/2.0" is forwarded as a plain request',
      'An offer of "TLS/1.0" is forwarded as a plain request',
      'An offer of "foo/1" is forwarded as a plain request',
      'An offer of "websocket/13" is forwarded as a plain request',
      'An offer of "" is forwarded as a plain request',
      "An offer in two Upgrade fields is forwarded as a plain request",
      "A WebSocket beside h2c in another field is forwarded as a plain request",
      "An offer of h2c by nobody, where nobody need sign in, is forwarded as a plain request",
      "An offer of h2c with a body is forwarded as a plain request",
      "Upgrade without Connection is no offer",
      "An offer in HTTP/1.0 is none",
      "A WebSocket with a body is forwarded as a plain request",
      "A WebSocket with a body in chunks is forwarded as a plain request",
      "A WebSocket by POST is forwarded as a plain request",
      "A WebSocket of another version is forwarded as a plain request",
      "A WebSocket without a version is forwarded as a plain request",
      "A WebSocket without a key is forwarded as a plain request",
      "A WebSocket with a key that is none is forwarded as a plain request"
    ]
  },
  {
    does: "changes protocols when the upstream does, asked or not",
    failure: /101 Switching|200 OK/,
    cases: ["A 101 that nobody asked for is 502", "A 101 to a POST is 502"]
  },
  {
    does: "takes the end of the client's side for its leaving, and still answers",
    failure: /the body is|400|499/,
    cases: ["A client that ends its side behind its request is answered, or both connections are freed"]
  },
  {
    does: "answers 200 without a body where a request's body has stalled",
    sometimes: true,
    failure: /200 OK/,
    cases: [
      "A body that stalls is cut, and the upstream's connection freed",
      "A body in chunks that stalls is cut, and the upstream's connection freed"
    ]
  },
  {
    does: "limits the silence of a tunnel as that of an answer (`proxy_read_timeout`, the transport's `read_timeout`)",
    failure: /upstream's bytes/,
    cases: ["A tunnel may be silent for longer than an answer may take"]
  },
  {
    does: "waits for who has said nothing until the time limit of a head",
    failure: /the end of the connection/,
    cases: ["A connection that has said nothing does not stretch it"]
  },
  {
    does: "takes its time limit for the end of a body that only the connection ends",
    failure: /the end of the connection/,
    cases: ["An upstream that stops within a body that ends with the connection is seen to be cut"]
  }
]
