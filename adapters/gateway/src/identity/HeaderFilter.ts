/**
 * Which header lines of a client's never go on: those that end at this hop, and those by which an app learns who asks, from
 * where, or for which path. All of them are matched in every spelling.
 *
 * @module
 */
import type { Fault } from "@cognito-auth/core"
import { hopByHop } from "@cognito-auth/node/proxy"

export interface HeaderFilterOptions {
  /** Names of further headers that are removed from every request: `["X-Internal-Token"]`. */
  readonly strip?: ReadonlyArray<string> | undefined
  /**
   * Names of headers that are removed by default and that the app is to get from the client: `["X-Real-IP"]`, where a proxy in
   * front of the load balancer sets it. What the gateway itself writes cannot be passed on.
   */
  readonly pass?: ReadonlyArray<string> | undefined
}

/**
 * What becomes of a header line. `verified`: it goes on where it is one of those that were verified, under its own name.
 * `hop`: it belongs to this connection.
 */
type Verdict = "keep" | "drop" | "verified" | "hop"

export type HeaderFilter = (name: string) => Verdict

/** What ends at this hop, with the framing, which is written anew, and an expectation, which is passed on by itself. */
const ownOfHop: ReadonlySet<string> = new Set([...hopByHop, "content-length", "expect"])

/** The headers that were verified, and that go on as the load balancer sent them. */
const verified: ReadonlySet<string> = new Set(["x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity"])

/** What the gateway says by itself, so that nobody else may. The load balancer's -For, -Proto and -Port are read, and written anew. */
const written =
  /^x-(?:amzn-oidc-.*|cognito-auth-.*|forwarded-(?:user|email|groups|preferred-username|name|is-admin|for|proto|port|host|prefix)|gradio-server)$/

/** Who asks, as other proxies and their apps spell it; each with `X-` in front, too. */
const othersIdentity: ReadonlyArray<string> = [
  "remote-(?:user|groups?|name|email)",
  "auth-(?:user|email|request-.*)",
  "(?:user|username|email|groups)",
  "webauth-.*",
  "authenticated-.*",
  "authentik-.*",
  "cf-access-.*",
  "client-cert.*",
  "forwarded-(?:roles|login|jwt|id-token|access-token|client-cert|tls-client-cert.*)",
  "goog-(?:authenticated|iap)-.*",
  "ms-(?:client-principal|token).*",
  "pomerium-.*",
  "ssl-client-.*",
  "tailscale-.*",
  "vouch-.*"
]
const identity = new RegExp(`^(?:x-)?(?:${othersIdentity.join("|")})$`)

/**
 * For which path, by which method and from where, instead of what the request itself says: heeded by frameworks, which leads round
 * path rules. gunicorn takes SCRIPT_NAME and PATH_INFO of its own host as the path; CGI makes HTTP_PROXY of Proxy (httpoxy).
 */
const routing: ReadonlySet<string> = new Set([
  "forwarded",
  "script-name",
  "path-info",
  "proxy",
  "true-client-ip",
  "cf-connecting-ip",
  "fastly-client-ip",
  "front-end-https",
  "x-script-name",
  "x-original-url",
  "x-original-uri",
  "x-original-method",
  "x-original-host",
  "x-rewrite-url",
  "x-envoy-original-path",
  "x-envoy-external-address",
  "x-forwarded-uri",
  "x-forwarded-path",
  "x-forwarded-method",
  "x-forwarded-scheme",
  "x-forwarded-protocol",
  "x-forwarded-server",
  "x-forwarded-ssl",
  "x-url-scheme",
  "x-scheme",
  "x-host",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-accel-mapping",
  "x-sendfile-type"
])

/**
 * The name that an upstream may take a header for: CGI, and so WSGI, makes `_` of every `-`, and some servers of every
 * character that is no letter or digit.
 */
const readAs = (lowerName: string): string => (/[^a-z0-9-]/.test(lowerName) ? lowerName.replace(/[^a-z0-9]/g, "-") : lowerName)

/** Names repeat from request to request. A client that invents them must not fill the memory. */
const mostCached = 1_000
const longestCached = 64

/** Validates the options, and adds a fault for each name that is wrong. */
export const readHeaderFilter = ({ strip = [], pass = [] }: HeaderFilterOptions, fault: (fault: Fault) => void): HeaderFilter => {
  const stripped = new Set(namesOf("strip", strip, fault))
  const passed = new Set(namesOf("pass", pass, fault))
  for (const name of stripped) {
    if (name === "host" || ownOfHop.has(name)) fault({ setting: "strip", problem: `${name} is part of how HTTP works, and written anew.` })
    if (passed.has(name)) fault({ setting: "pass", problem: `${name} is in strip, too.` })
  }
  for (const name of passed) {
    if (ownOfHop.has(name)) fault({ setting: "pass", problem: `${name} concerns one connection alone (RFC 9110 §7.6.1).` })
    if (written.test(name)) fault({ setting: "pass", problem: `${name} is what the gateway itself tells the app: nobody else may.` })
  }

  const judge = (name: string): Verdict => {
    const lowerName = name.toLowerCase()
    const read = readAs(lowerName)
    if (ownOfHop.has(read)) return "hop"
    if (stripped.has(read)) return "drop"
    if (verified.has(lowerName)) return "verified"
    if (written.test(read)) return "drop"
    return (identity.test(read) || routing.has(read)) && !passed.has(read) ? "drop" : "keep"
  }
  const cached = new Map<string, Verdict>()
  return (name) => {
    const known = cached.get(name)
    if (known !== undefined) return known
    const verdict = judge(name)
    if (cached.size < mostCached && name.length <= longestCached) cached.set(name, verdict)
    return verdict
  }
}

const namesOf = (setting: string, names: unknown, fault: (fault: Fault) => void): ReadonlyArray<string> => {
  if (!Array.isArray(names)) {
    fault({ setting, problem: 'expected a list of header names, as ["X-Real-IP"].' })
    return []
  }
  return names.flatMap((name: unknown) => {
    // RFC 9110 §5.1.
    if (typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return [readAs(name.toLowerCase())]
    fault({ setting, problem: `${JSON.stringify(name)} is no header name.` })
    return []
  })
}
