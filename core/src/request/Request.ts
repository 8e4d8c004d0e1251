/**
 * AuthRequest: all that an adapter must produce. Everything else is decided in core.
 *
 * @module
 */

/**
 * Header fields as any Node framework has them: one text per name, a list, or nothing; names in any case.
 * A Fetch `Headers` object serves too.
 */
export type HeaderFields =
  | Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  | { readonly forEach: (each: (value: string, name: string) => void) => void; readonly get: (name: string) => string | null }

/** One HTTP request or upgrade, as far as signing in is concerned. */
export interface AuthRequest {
  /** The method as it was sent: `GET`. */
  readonly method: string
  /**
   * The raw request target of the request line, before any router touched it: `/me?x=1` (RFC 9112 §3.2). A bypass is
   * decided on it, so never a rewritten, mounted or forwarded path.
   */
  readonly target: string
  /**
   * The target that the framework's router acts on, where something may have rewritten it. A path is bypassed only if both
   * are: or `/health` with an `X-Original-URL` that a middleware heeds would let anybody in anywhere.
   */
  readonly routedTarget?: string
  readonly headers: HeaderFields
  /**
   * Every header line as it was received: name, value, name, value … Needed for services where `headers` leaves out what came twice: of
   * `Authorization`, Node keeps the first (Node's guide, "message.headers").
   */
  readonly rawHeaders?: ReadonlyArray<string> | undefined
  /** The request asks to leave HTTP, for a WebSocket say: it is never answered with a redirect. */
  readonly upgrade?: boolean
}
