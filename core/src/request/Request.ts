/**
 * AuthRequest: the input that an adapter must produce. Core decides everything else.
 *
 * @module
 */

/**
 * Header fields as any Node framework provides them: a string, a list or `undefined` per name; names in any case.
 * A Fetch `Headers` object is accepted too.
 */
export type HeaderFields =
  | Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  | { readonly forEach: (each: (value: string, name: string) => void) => void; readonly get: (name: string) => string | null }

/** The parts of an HTTP request or upgrade that authentication needs. */
export interface AuthRequest {
  /** The method as received: `GET`. */
  readonly method: string
  /**
   * The raw request target of the request line, before any router changed it: `/me?x=1` (RFC 9112 §3.2). The bypass list is
   * matched against it, so it must not be a rewritten, mounted or forwarded path.
   */
  readonly target: string
  /**
   * The target that the framework's router acts on, if something may have rewritten it. A path is bypassed only if both
   * targets are: otherwise `/health` with an `X-Original-URL` that a middleware honours would admit anyone anywhere.
   */
  readonly routedTarget?: string
  readonly headers: HeaderFields
  /** The request is an upgrade, for example to a WebSocket. It never gets a redirect. */
  readonly upgrade?: boolean
}
