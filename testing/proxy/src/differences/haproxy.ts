/** What HAProxy 2.6 does in another way than cases expect. */
import type { Difference } from "./Difference.ts"

export const haproxy: ReadonlyArray<Difference> = [
  {
    does: "answers 422 to a Transfer-Encoding that it does not know",
    failure: /422/,
    cases: ["A Transfer-Encoding that is not only chunked is refused"]
  },
  {
    does: "forwards control characters in values to the app",
    failure: /200 OK/,
    cases: ["A NUL in a field's value is refused", "Another control character in a field's value is refused"]
  },
  {
    does: "accepts another version",
    failure: /200 OK/,
    cases: ['A request line that ends in "HTTP/2.0" is refused', 'A request line that ends in "HTTP/0.9" is refused']
  },
  {
    does: "speaks HTTP/2 to who begins so, or answers as if it was a request",
    failure: /200 OK|an answer/,
    cases: ["The preface of HTTP/2 is refused"]
  },
  {
    does: "takes a bare LF for the end of a chunk line, or of the data",
    failure: /200 OK/,
    cases: ["A chunk line that ends in a bare LF is refused", "A chunk's data that ends in a bare LF is refused"]
  },
  {
    does: "looks at Host less closely",
    failure: /200 OK/,
    cases: [
      "A request of HTTP/1.1 without Host is refused",
      "Two Hosts that agree are refused",
      "A Host of app example is refused",
      "A Host of app.example/x is refused",
      "A Host of user@app.example is refused",
      "A Host of app.example, other.example is refused",
      "A Host of app.example:80x is refused",
      "A Host of app.example#x is refused",
      "A Host of app.example?x is refused",
      "A Host of [::1 is refused"
    ]
  },
  {
    does: "forwards the absolute form",
    failure: /http:\/\/app/,
    cases: ["A target in absolute form is refused, or is forwarded in origin form"]
  },
  {
    does: "serves targets of any form to a request of any method",
    failure: /200 OK/,
    cases: ["CONNECT is refused", "A * for anything but OPTIONS is refused"]
  },
  {
    does: "forwards a DEL",
    failure: /200 OK/,
    cases: ['A target with the byte "\u007f" is refused']
  },
  {
    does: "passes interim answers on to a client of HTTP/1.0",
    failure: /the interim answers are 100/,
    cases: ["A client of HTTP/1.0 that expects 100 Continue is answered once"]
  },
  {
    does: "sends chunks to a client of HTTP/1.0",
    failure: /chunked/,
    cases: ["A client of HTTP/1.0 is not sent chunks"]
  },
  {
    does: "takes a reset for the end of an answer without a length",
    failure: /seems to be whole/,
    cases: ["An answer without a length that is reset is seen to be cut"]
  },
  {
    does: "forwards the version of an answer",
    failure: /expected it in HTTP\/1\.1/,
    cases: [
      "An answer of HTTP/1.0 that ends with the connection is relayed whole",
      "An answer of HTTP/1.0 with a length is relayed whole",
      "An answer of HTTP/0.9 is 502, or is relayed as HTTP/1.1"
    ]
  },
  {
    does: "does not look closely at the status of an answer",
    failure: /expected 502/,
    cases: [
      'An answer of status "050" is 502',
      'An answer of status "000" is 502',
      'An answer of status "099" is 502',
      'An answer of status "20" is 502',
      'An answer of status "2000" is 502',
      "An upgrade that gets status 050 is 502"
    ]
  },
  {
    does: "forwards a reason phrase as it is",
    failure: /status line/,
    cases: [
      'A reason phrase with the byte "\\u0001" is 502, or left out',
      'A reason phrase with the byte "\\u0000" is 502, or left out',
      'A reason phrase with the byte "\u007f" is 502, or left out',
      "A refusal with a reason phrase that makes no sense does not keep the client waiting"
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
    does: "takes out its own Connection and no fields besides that it was not told of",
    failure: /expected none/,
    cases: [
      "A field that Connection names is removed",
      "Fields that several Connection fields name, in any case, are removed",
      "A request's Keep-Alive is removed",
      "A request's Proxy-Connection is removed",
      "A request's TE is removed",
      "A request's Trailer is removed",
      "A request's Upgrade is removed",
      "An answer's Keep-Alive is removed",
      "An answer's Proxy-Connection is removed",
      "An answer's Upgrade is removed",
      "Fields that an answer's Connection names are removed"
    ]
  },
  {
    does: "writes names in lower case",
    failure: /no X-CamelCASE/,
    cases: ["Names of fields keep their case, both ways"]
  },
  {
    does: "adds an X-Forwarded-For of its own behind the client's",
    failure: /" and "127/,
    cases: ["The client's address is added to X-Forwarded-For"]
  },
  {
    does: "takes an interim answer for a refusal of the upgrade",
    failure: /502/,
    cases: ["An upstream's interim answer before its 101 does not stand in for it"]
  },
  {
    does: "forwards whatever a client offers to change to; it looks only at WebSockets",
    failure: /101 Switching|502|400|upstream:/,
    cases: [
      'An offer of "h2c" is forwarded as a plain request',
      'An offer of "H2C" is forwarded as a plain request',
      'An offer of "HTTP/2.0" is forwarded as a plain request',
      'An offer of "TLS/1.0" is forwarded as a plain request',
      'An offer of "foo/1" is forwarded as a plain request',
      'An offer of "websocket/13" is forwarded as a plain request',
      'An offer of "" is forwarded as a plain request',
      "A WebSocket beside h2c in another field is forwarded as a plain request",
      "An offer of h2c by nobody, where nobody need sign in, is forwarded as a plain request",
      "An offer of h2c with a body is forwarded as a plain request",
      "Upgrade without Connection is no offer",
      "An offer in HTTP/1.0 is none",
      "A WebSocket with a body is forwarded as a plain request",
      "A WebSocket with a body in chunks is forwarded as a plain request",
      "A WebSocket by POST is forwarded as a plain request",
      "A WebSocket of another version is forwarded as a plain request",
      "A WebSocket without a version is forwarded as a plain request"
    ]
  },
  {
    does: "closes the client's connection where the upstream has closed one: the client is to send again",
    failure: /without answer/,
    cases: [
      "A POST whose kept connection is closed as it goes out is never sent again",
      "A GET that finds two kept connections, both closed, is sent again on a new one",
      "A POST whose kept connection is reset as it goes out is never sent again",
      "A GET that finds two kept connections, both reset, is sent again on a new one"
    ]
  },
  {
    does: "takes the end of the client's side for its leaving, and still answers",
    failure: /the body is|400|499/,
    cases: ["A client that ends its side behind its request is answered, or both connections are freed"]
  },
  {
    does: "closes the connection where the upstream resets it within a body",
    failure: /without answer 1/,
    cases: ["An upstream that resets within the client's body is 502"]
  },
  {
    does: "restarts its timeout after each interim response",
    sometimes: true,
    failure: /answer 1/,
    cases: ["An upstream that sends interim answers for ever is 504", "An upgrade that gets interim answers for ever is 504"]
  },
  {
    does: "waits for who has said nothing until the time limit of a head",
    failure: /the end of the connection/,
    cases: ["A connection that has said nothing does not stretch it"]
  },
  {
    does: "waits for a body that ends with the connection as for a tunnel",
    failure: /the end of the connection|answer 1/,
    cases: ["An upstream that stops within a body that ends with the connection is seen to be cut"]
  }
]
