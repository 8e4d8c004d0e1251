/**
 * The ways in which a key endpoint can fail, and each failure on the wire.
 *
 * @module
 */
import type { ServerResponse } from "node:http"
import { pipeline, Readable } from "node:stream"
import type { KeyEndpoints, KeyResponse } from "./KeyEndpoints.ts"

/**
 * - `slow`: the correct response, after `delay`.
 * - `never`: accepts the request and never responds.
 * - `500`, `404`: that status.
 * - `garbage`: 200, and bytes that are not text.
 * - `truncated`: the connection is cut in the middle of the body.
 * - `endless`: a body that does not end until the client disconnects.
 * - `redirect`: 302 to a path of the same server, under `/redirected`, with the correct response.
 * - `wrong-content`: 200, and an HTML page.
 * - `wrong-key`: 200, and a well-formed key, but not the signing one.
 * - `down`: nothing listens on the port. For one endpoint alone: the connection is cut before a response.
 */
export type Misbehaviour =
  | "slow"
  | "never"
  | "500"
  | "404"
  | "garbage"
  | "truncated"
  | "endless"
  | "redirect"
  | "wrong-content"
  | "wrong-key"
  | "down"

export const send = (response: ServerResponse, { status, type, body }: KeyResponse): void => {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body)
}

/** The target of `redirect`: the same paths below this one have correct responses. */
export const redirectedPath = "/redirected"

/** The request and the endpoint's state, for a misbehaviour. */
export interface FailureContext {
  readonly path: string
  readonly endpoints: KeyEndpoints
  readonly delayMillis: number
}

/** The response of each misbehaviour. */
export const misbehaviours: Readonly<Record<Misbehaviour, (response: ServerResponse, context: FailureContext) => void>> = {
  slow: (response, { path, endpoints, delayMillis }) => {
    const timer = setTimeout(() => send(response, endpoints.answer(path)), delayMillis)
    response.once("close", () => clearTimeout(timer))
  },
  never: () => undefined,
  "500": (response) => send(response, { status: 500, type: "text/plain", body: "Internal Server Error" }),
  "404": (response) => send(response, { status: 404, type: "text/plain", body: "Not Found" }),
  garbage: (response) => {
    // 0xFF and 0xFE never occur in UTF-8 (RFC 3629 §3).
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0xc3, 0x28, 0xff]))
  },
  truncated: (response, { path, endpoints }) => {
    const { status, type, body } = endpoints.answer(path)
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) })
    response.write(body.slice(0, body.length / 2), () => response.destroy())
  },
  endless: (response) => {
    response.writeHead(200, { "content-type": "text/plain" })
    pipeline(Readable.from(endless()), response, () => undefined)
  },
  redirect: (response, { path }) => {
    response.writeHead(302, { location: `${redirectedPath}${path}`, "content-length": 0 }).end()
  },
  "wrong-content": (response) =>
    send(response, { status: 200, type: "text/html", body: "<!doctype html><title>Sign in</title><h1>Welcome to this Wi-Fi</h1>" }),
  "wrong-key": (response, { path, endpoints }) => send(response, endpoints.answerWithOtherKeys(path)),
  down: (response) => {
    response.destroy()
  }
}

function* endless(): Generator<Buffer> {
  const chunk = Buffer.alloc(16_384, "A")
  for (;;) yield chunk
}
