/**
 * Whether a redirect would lead back to where it comes from: what is refused there would be sent there again, for ever.
 *
 * @module
 */
import { firstValue } from "../request/Headers.ts"
import type { AuthRequest } from "../request/Request.ts"

/** A place of an app, as far as it can be told. */
interface Place {
  readonly host: string
  /** `undefined`: not known, so it may be any. */
  readonly path: string | undefined
}

/**
 * Whether the request is at the place that the redirect leads to, as a browser resolves it. A query, a fragment, a slash at the end
 * and an encoding make no other place; nor does the scheme, as the load balancer ends TLS, and may send http to https.
 */
export const isAtRedirect = ({ target, headers }: AuthRequest, redirectUrl: string): boolean => {
  // RFC 9113 §8.3.1: over HTTP/2, the host is in :authority.
  const host = firstValue(headers, "host") ?? firstValue(headers, ":authority") ?? ""
  const here = placeOf(target, host)
  const there = placeOf(redirectUrl, host)
  return there.host === here.host && (here.path === undefined || here.path === there.path)
}

/** RFC 9112 §3.2: a request target is a path, or a URL as clients of proxies send it. A redirect is one of the two as well. */
const placeOf = (reference: string, host: string): Place => {
  const isUrl = /^https?:/i.test(reference)
  const url = isUrl ? parse(reference) : (parse(`http://${host}`) ?? new URL("http://unknown.invalid"))
  if (url === undefined) return { host: "", path: undefined }
  // By assignment: as part of a URL, //elsewhere would be a host. It ends at the query or the fragment, which would be encoded.
  if (!isUrl) url.pathname = /^[^?#]*/.exec(reference)?.[0] ?? ""
  return {
    // Either scheme's own port is as good as none, and a name with its dot at the end the same name.
    host: url.host.replace(/:(?:80|443)$/, "").replace(/\.(?=:|$)/, ""),
    path: isUrl || reference.startsWith("/") ? withoutSlashesAtEnd(decode(url.pathname)) : undefined
  }
}

/** RFC 1035 §2.3.4: a name is of 253 characters at most. With the dot at its end, and a port. */
const maxHostLength = 260

/** Not where the host is longer than any: a parser's work on its letters is quadratic (RFC 3492), and anybody can send one. */
const parse = (url: string): URL | undefined => {
  const host = /^[a-z]+:[/\\]*([^/\\?#]*)/i.exec(url)?.[1] ?? ""
  return host.length <= maxHostLength && URL.canParse(url) ? new URL(url) : undefined
}

/** By hand: of slashes that are not at the end, /\/+$/ tries each beginning, in time quadratic in their number. */
const withoutSlashesAtEnd = (path: string): string => {
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
