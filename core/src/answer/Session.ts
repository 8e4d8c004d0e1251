/**
 * When a session ends: for front-ends that ask, and for connections that must not outlive it.
 *
 * @module
 */
import type { User } from "../user/User.ts"
import type { HttpResponse } from "./HttpResponse.ts"
import { noStore } from "./ResponseHeaders.ts"

/** The WebSocket close code for an expired session: in the private range (RFC 6455 §7.4.2), derived from HTTP's 401. */
export const sessionExpiredCloseCode = 4401

/** `{"expiresAt": "2026-…Z", "expiresInSeconds": 1800}`: when the access token expires. */
export const sessionResponse = (user: User, nowMillis: number): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/json", ...noStore },
  body: JSON.stringify({
    expiresAt: user.expiresAt.toISOString(),
    expiresInSeconds: Math.max(0, Math.floor(millisLeft(user, nowMillis) / 1000))
  })
})

/** Milliseconds until the user's access token expires; negative afterwards. */
export const millisLeft = (user: User, nowMillis: number): number => user.expiresAt.getTime() - nowMillis

/** The members of a socket or a response that core needs to close it when its user's session expires. */
export interface Connection {
  /** Whether it has closed. In HTTP/2, Node's `Http2ServerResponse` does not have it; its `stream` does. */
  readonly destroyed?: boolean | undefined
  /** HTTP/2: the stream that the response is sent on. */
  readonly stream?: { readonly destroyed: boolean } | undefined
  readonly destroy: () => unknown
  readonly once: (event: "close", listener: () => void) => unknown
}

/** Whether the connection has closed: it will not emit `close` again. */
export const isClosed = ({ destroyed, stream }: Pick<Connection, "destroyed" | "stream">): boolean =>
  destroyed === true || stream?.destroyed === true
