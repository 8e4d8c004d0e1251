/**
 * Detects a redirect loop: a request that is refused at the redirect URL must not be redirected there again.
 *
 * @module
 */
import { firstValue } from "../request/Headers.ts"
import type { AuthRequest } from "../request/Request.ts"

/** A host and path, as far as they are known. */
interface Location {
  readonly host: string
  /** `undefined`: unknown, so it may be any path. */
  readonly path: string | undefined
}

/**
 * Whether the request is already at the URL of the redirect, as a browser resolves it. The query, the fragment, trailing slashes
 * and percent-encoding are ignored. The scheme is ignored too, because the load balancer terminates TLS and may redirect http to https.
 */
export const isAtRedirect = ({ target, headers }: AuthRequest, redirectUrl: string): boolean => {
  // RFC 9113 §8.3.1: over HTTP/2, the host is in :authority.
  const host = firstValue(headers, "host") ?? firstValue(headers, ":authority") ?? ""
  const here = locationOf(target, host)
  const there = locationOf(redirectUrl, host)
  return there.host === here.host && (here.path === undefined || here.path === there.path)
}

/** RFC 9112 §3.2: a request target is a path, or a URL as clients of a proxy send it. A redirect is one of the two as well. */
const locationOf = (reference: string, host: string): Location => {
  const isUrl = /^https?:/i.test(reference)
  const url = isUrl ? parse(reference) : (parse(`http://${host}`) ?? new URL("http://unknown.invalid"))
  if (url === undefined) return { host: "", path: undefined }
  // Assigned, not parsed: in a URL, //elsewhere would be a host. It is cut at the query or fragment, which assignment would encode.
  if (!isUrl) url.pathname = /^[^?#]*/.exec(reference)?.[0] ?? ""
  return {
    // Default ports and the dot at the end of a name are ignored.
    host: url.host.replace(/:(?:80|443)$/, "").replace(/\.(?=:|$)/, ""),
    path: isUrl || reference.startsWith("/") ? withoutTrailingSlashes(decode(url.pathname)) : undefined
  }
}

/** RFC 1035 §2.3.4: a name has at most 253 characters; plus the dot at its end, and a port. */
const maxHostLength = 260

/** Parses a URL, unless its host is too long: parsing a host is quadratic in its length (RFC 3492), and clients control it. */
const parse = (url: string): URL | undefined => {
  const host = /^[a-z]+:[/\\]*([^/\\?#]*)/i.exec(url)?.[1] ?? ""
  return host.length <= maxHostLength && URL.canParse(url) ? new URL(url) : undefined
}

/** Not /\/+$/: on slashes that are not at the end, it takes time quadratic in their number. */
const withoutTrailingSlashes = (path: string): string => {
  let end = path.length
  while (path.charAt(end - 1) === "/") end--
  return path.slice(0, end)
}

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
