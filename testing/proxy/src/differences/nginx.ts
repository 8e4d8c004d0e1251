/** What nginx 1.22 does in another way than cases expect. */
import type { Difference } from "./Difference.ts"

export const nginx: ReadonlyArray<Difference> = [
  {
    does: "takes a Transfer-Encoding behind a tab for an unknown one",
    failure: /501 Not Implemented/,
    cases: ["A Transfer-Encoding of Chunked behind a tab is understood"]
  },
  {
    does: "takes two CRs and an LF for the end of a line",
    failure: /200 OK/,
    cases: ["A bare CR at the end of a field line is refused"]
  },
  {
    does: "forwards control characters in values to the app",
    failure: /200 OK/,
    cases: ["Another control character in a field's value is refused"]
  },
  {
    does: "serves HTTP/0.9: the body alone, without a head",
    failure: /without answer 1/,
    cases: ["A request of HTTP/0.9 is refused"]
  },
  {
    does: "accepts white space at the end of a request line",
    failure: /200 OK/,
    cases: ['A request line that ends in "HTTP/1.1 " is refused']
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
      "A Host of user@app.example is refused",
      "A Host of app.example:80x is refused",
      "A Host of app.example#x is refused",
      "A Host of app.example?x is refused",
      "A Host of [::1 is refused"
    ]
  },
  {
    does: "asks the app without a Host, where the client of HTTP/1.0 had none",
    failure: /0 Host fields/,
    cases: ["A request of HTTP/1.0 without Host is refused, or is forwarded with one"]
  },
  {
    does: "forwards Host, as it was told to by `proxy_set_header`, and the target of another host",
    failure: /host is "app\.example"/,
    cases: ["A target in absolute form of another host is refused, or takes the place of Host"]
  },
  {
    does: "cuts the fragment off for itself, and forwards it to the app",
    failure: /200 OK/,
    cases: ["A target of /a#x is refused", "A target of /# is refused", "A target of /a?x#y is refused", "A target of /open#x is refused"]
  },
  {
    does: "reads a body to its end, and says its length, before the app gets it: with trailers or without",
    failure: /content-length is/,
    cases: ["Trailers that would change the framing are refused, or left out"]
  },
  {
    does: "forwards the Content-Length of a 204",
    failure: /content-length in an answer of status 204/,
    cases: ["An answer of 204 with a Content-Length ends with its head", "A body behind an answer of 204 never reaches another request"]
  },
  {
    does: "knows no interim answers (before version 1.29): it takes the first for the final one",
    failure: /answer 2|without answer 1|answer 1/,
    cases: [
      "A 100 Continue that nobody asked for does not stand in for the answer",
      "A 103 Early Hints does not stand in for the answer",
      "A 102 Processing does not stand in for the answer",
      "A provisional answer of status 199 does not stand in for the answer",
      "Twenty interim answers in a row do not stand in for the answer",
      "An interim answer in a packet of its own does not stand in for the answer",
      "An upstream that stops behind an interim answer is 504",
      "An upstream that sends interim answers for ever is 504",
      "An upgrade that gets interim answers for ever is 504"
    ]
  },
  {
    does: "resets nothing and answers nothing: it closes the connection where it can read no more",
    failure: /without answer 1/,
    cases: [
      'An answer in chunks that are "x\\r\\ndata\\r\\n0\\r\\n\\r\\n" is seen to be cut',
      'An answer in chunks that are "4\\r\\ndataX\\r\\n0\\r\\n\\r\\n" is seen to be cut',
      'An answer in chunks that are "-4\\r\\ndata\\r\\n0\\r\\n\\r\\n" is seen to be cut',
      'An answer in chunks that are "fffffffffffffffff\\r\\ndata\\r\\n" is seen to be cut',
      "An answer with an unknown Transfer-Encoding is 502, or lasts until the connection ends"
    ]
  },
  {
    does: "does not look closely at the framing of an answer",
    failure: /200 OK/,
    cases: [
      "An answer with two different lengths is 502",
      "An answer with a length that is no number is 502",
      "An answer whose Transfer-Encoding is not only chunked is 502"
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
      'An answer of status "2x0" is 502',
      'An answer of status "-20" is 502',
      'An answer of status "" is 502',
      "An upgrade that gets status 050 is 502"
    ]
  },
  {
    does: "forwards a status line as it is, without the space that it lacks",
    failure: /status line/,
    cases: ['An answer that begins with "HTTP/1.1 200\\r\\n" is relayed']
  },
  {
    does: "forwards a reason phrase as it is",
    failure: /status line/,
    cases: [
      'A reason phrase with the byte "\\u0001" is 502, or left out',
      'A reason phrase with the byte "\\u0000" is 502, or left out',
      'A reason phrase with the byte "\u007f" is 502, or left out',
      'A reason phrase with the byte "\\r" is 502, or left out',
      "A refusal with a reason phrase that makes no sense does not keep the client waiting"
    ]
  },
  {
    does: "forwards control characters of an answer to the client",
    failure: /received value of|403/,
    cases: [
      'A field of an answer with the byte "\\u0001" is 502, or corrected',
      'A field of an answer with the byte "\u007f" is 502, or corrected',
      "An upgrade that gets a control character in its fields is 502"
    ]
  },
  {
    does: "forwards names of an answer that are no tokens",
    failure: /field line/,
    cases: ['An answer with the line "X\u00e9: 1" is 502, or corrected']
  },
  {
    does: "takes whatever an upstream says, and is no HTTP/1, for an answer of HTTP/0.9",
    failure: /answer 1|expected/,
    cases: [
      "An upstream that speaks HTTP/2 is 502",
      "An upstream that speaks HTTP/0.9 is 502",
      "An upstream that speaks something else is 502",
      "An answer of HTTP/1.1x is 502",
      "An answer of http/1.1 is 502",
      "An answer of ICY is 502",
      "An answer of HTTP/0.9 is 502, or is relayed as HTTP/1.1",
      "An upgrade that gets something else than HTTP is 502"
    ]
  },
  {
    does: "takes out its own Connection and no fields besides that it was not told of",
    failure: /expected none/,
    cases: [
      "A field that Connection names is removed",
      "Fields that several Connection fields name, in any case, are removed",
      "A request's Proxy-Connection is removed",
      "A request's Trailer is removed",
      "A request's Upgrade is removed",
      "An answer's Proxy-Connection is removed",
      "An answer's Upgrade is removed",
      "Fields that an answer's Connection names are removed"
    ]
  },
  {
    does: "leaves out fields with other characters than letters, digits and hyphens (`ignore_invalid_headers`)",
    failure: /absent/,
    cases: ["Every character of a token may be in a name"]
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
    does: "limits the silence of a tunnel as that of an answer (`proxy_read_timeout`, the transport's `read_timeout`)",
    failure: /upstream's bytes/,
    cases: ["A tunnel may be silent for longer than an answer may take"]
  },
  {
    does: "waits for who has said nothing until the time limit of a head",
    failure: /the end of the connection/,
    cases: ["A connection that has said nothing does not stretch it"]
  }
]
