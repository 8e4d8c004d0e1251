/**
 * Requests that a page of another origin makes a browser send, with the user's session cookie in them: refused, without a token.
 *
 * The rule is that of Go's `http.CrossOriginProtection` (1.25): browsers say themselves where a request comes from, in header fields that
 * no script can set (Fetch, "forbidden request-header"). A request with neither field is not a browser's, and passes.
 *
 * @module
 */
import { CrossOriginRefused } from "../errors/AuthError.ts"
import { type Bypass, isBypassed } from "./Bypass.ts"
import { hasField, readOriginFields } from "./Headers.ts"
import type { AuthRequest } from "./Request.ts"

export interface CrossOrigin {
  /** Why a request on a guarded route is refused: an unsafe method, or an upgrade. `undefined` for nearly all. */
  readonly refuse: (request: AuthRequest, allowedPaths: Bypass) => CrossOriginRefused | undefined
  /** The same for a route on which every method has an effect, as that of signing out. */
  readonly refuseAnyMethod: (request: AuthRequest) => CrossOriginRefused | undefined
}

/** Compiles the rule. `allowedOrigins` are spelt as browsers send them. */
export const makeCrossOrigin = (allowedOrigins: ReadonlySet<string>): CrossOrigin => {
  const expected = ["the app's own origin", ...allowedOrigins].join(" or ")

  const refuseAnyMethod = (request: AuthRequest): CrossOriginRefused | undefined => {
    const { site = "", origin = "", host, authority = "" } = readOriginFields(request.headers)
    const field = crossOriginBy(site, origin, host || authority, isUpgrade(request))
    // Exactly: neither a case, a port nor the end of a name may differ, and two joined origins are neither of them.
    if (field === undefined || allowedOrigins.has(origin)) return undefined
    return new CrossOriginRefused({ field, expected, message: `${reasons[field]} Expected ${expected}.` })
  }

  return {
    refuse: (request, allowedPaths) => {
      // RFC 9110 §9.2.1: safe methods ask for no effect. A WebSocket's handshake is a GET, and CORS does not protect it.
      if (isSafe(request.method) && !isUpgrade(request)) return undefined
      const refused = refuseAnyMethod(request)
      return refused !== undefined && isBypassed(allowedPaths, request.target, request.routedTarget) ? undefined : refused
    },
    refuseAnyMethod
  }
}

const reasons: Readonly<Record<CrossOriginRefused["field"], string>> = {
  "sec-fetch-site": "A page of another origin sent this request: its Sec-Fetch-Site is neither same-origin nor none.",
  origin: "A page of another origin sent this request: its Origin is not that of its Host."
}

// Methods are case-sensitive (RFC 9110 §9.1): "get" is none of these.
const isSafe = (method: string): boolean => method === "GET" || method === "HEAD" || method === "OPTIONS"

/** By its field too: a framework may upgrade what its adapter took for a request. */
const isUpgrade = ({ upgrade, headers }: AuthRequest): boolean => upgrade === true || hasField(headers, "upgrade")

/** The header field that says that the request comes from another origin; `undefined`: none does. */
const crossOriginBy = (site: string, origin: string, host: string, upgrades: boolean): CrossOriginRefused["field"] | undefined => {
  if (site !== "" && site !== "same-origin" && site !== "none") return "sec-fetch-site"
  // Of a handshake, both must agree: RFC 6455 §10.2 has the server check its Origin.
  if (origin === "" || (site !== "" && !upgrades)) return undefined
  return isOriginOf(origin, host) ? undefined : "origin"
}

/**
 * Whether an origin as browsers send it (RFC 6454 §6.2) is of this host and port. Of which scheme cannot be told, as the load balancer
 * ends TLS; the session's cookie is `Secure`.
 */
const isOriginOf = (origin: string, host: string): boolean => host !== "" && (origin === `https://${host}` || origin === `http://${host}`)
