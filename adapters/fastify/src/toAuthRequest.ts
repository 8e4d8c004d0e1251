/** Fastify's request → AuthRequest. */
import type { AuthRequest, HeaderFields } from "@cognito-auth/core"

/** The part of a request that authentication depends on, so that every server, schema and type provider fits. */
export interface RequestLike {
  readonly method: string
  readonly url: string
  readonly originalUrl: string
  readonly raw: {
    readonly headers: HeaderFields & { readonly upgrade?: string | undefined }
    readonly rawHeaders?: ReadonlyArray<string> | undefined
  }
}

/**
 * `originalUrl` is the raw request target; what Fastify routes by is `url`, which `rewriteUrl` may have changed.
 * `raw.headers` came from the client, `headers` may not have.
 */
export const toAuthRequest = ({ method, url, originalUrl, raw }: RequestLike): AuthRequest => ({
  method,
  target: originalUrl,
  routedTarget: url,
  headers: raw.headers,
  rawHeaders: raw.rawHeaders,
  // @fastify/websocket sends upgrades through the router, where nothing else distinguishes them from requests (RFC 9110 §7.8).
  upgrade: raw.headers.upgrade !== undefined
})
