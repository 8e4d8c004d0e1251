/**
 * Connections that can outlive a session: Node's sockets and responses.
 *
 * @module
 */

/** What core needs of a socket or a response to close it when its user's session expires. */
export interface Connection {
  /** Whether it has closed. HTTP/2's response, Node's `Http2ServerResponse`, does not have it: its `stream` has. */
  readonly destroyed?: boolean | undefined
  /** HTTP/2: the stream that the response is sent on. */
  readonly stream?: { readonly destroyed: boolean } | undefined
  readonly destroy: () => unknown
  readonly once: (event: "close", listener: () => void) => unknown
}

/** Whether the connection has closed: it will not emit `close` again. */
export const isClosed = ({ destroyed, stream }: Pick<Connection, "destroyed" | "stream">): boolean =>
  destroyed === true || stream?.destroyed === true
