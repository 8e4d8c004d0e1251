/** An origin in the configuration: it is compared with what browsers send, letter by letter. */
import type { CheckEntry } from "../policy/readEntries.ts"
import { isHttpsUrl } from "../remote/httpsUrl.ts"

/** Exactly as browsers serialise it (RFC 6454 §6.2): lower case, no port of the scheme's own, no path. Each fault says what to write. */
export const checkOrigin: CheckEntry = (entry) => {
  // A sandboxed frame, a file and a data: URL all have it: it would allow everybody.
  if (entry === "null") return "is null, which any page can be made to send: leave it out"
  // Of a host alone, the scheme is what is missing.
  const url = readOrigin(entry.includes("://") ? entry : `https://${entry}`)
  if (url === undefined) return "is not an origin: write its scheme and host, such as https://portal.example.com"
  if (url.hostname.includes("*")) return "is a pattern: name each origin separately, such as https://portal.example.com"
  if (!isHttpsUrl(url.origin) && !isLocalhost(url.hostname))
    return `is http, which is allowed for loopback hosts only: write https://${url.host}`
  return url.origin === entry ? undefined : `is not as browsers send it: write ${url.origin}`
}

const readOrigin = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === "https:" || url?.protocol === "http:" ? url : undefined
}

/** RFC 6761 §6.3: browsers take every name under localhost for loopback, whatever a name server says. */
const isLocalhost = (host: string): boolean => host.endsWith(".localhost")
