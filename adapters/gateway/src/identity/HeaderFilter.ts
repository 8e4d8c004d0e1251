/**
 * Which header lines of a client are never forwarded: hop-by-hop ones, and those that tell an app the user, the client's
 * address, or the path. All of them are matched in every spelling.
 *
 * @module
 */
import type { AddFault } from "@cognito-auth/core/ConfigurationError"
import { hopByHop } from "@cognito-auth/node/proxy"

export interface HeaderFilterOptions {
  /** Names of further headers that are removed from every request: `["X-Internal-Token"]`. */
  readonly strip?: ReadonlyArray<string> | undefined
  /**
   * Names of headers that are removed by default and are to be forwarded: `["X-Real-IP"]`, if a proxy in
   * front of the load balancer sets it. Headers that the gateway itself writes cannot be forwarded.
   */
  readonly pass?: ReadonlyArray<string> | undefined
}

/**
 * What happens to a header line. `verified`: it is forwarded under its own name if it was verified.
 * `hop`: it is hop-by-hop.
 */
type HeaderAction = "keep" | "drop" | "verified" | "hop"

export type HeaderFilter = (name: string) => HeaderAction

/** Hop-by-hop fields, the framing, which is rewritten, and an expectation, which is forwarded separately. */
const ownOfHop: ReadonlySet<string> = new Set([...hopByHop, "content-length", "expect"])

/** The verified headers, which are forwarded as the load balancer sent them. */
const verified: ReadonlySet<string> = new Set(["x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity"])

/** Headers that only the gateway may set. The load balancer's -For, -Proto and -Port are read, and rewritten. */
const written =
  /^x-(?:amzn-oidc-.*|cognito-auth-.*|forwarded-(?:user|email|groups|preferred-username|name|is-admin|for|proto|port|host|prefix)|gradio-server)$/

/** The user, as other proxies and their apps name the header; each with a prefix `X-`, too. */
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
 * Overrides of the path, the method or the client's address: frameworks that use them could be led around
 * path rules. gunicorn uses SCRIPT_NAME and PATH_INFO from its own host as the path; CGI turns Proxy into HTTP_PROXY (httpoxy).
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
 * The name that an upstream may read a header as: CGI, and so WSGI, replaces every `-` by `_`, and some servers every
 * character that is no letter or digit.
 */
const readAs = (lowerName: string): string => (/[^a-z0-9-]/.test(lowerName) ? lowerName.replace(/[^a-z0-9]/g, "-") : lowerName)

/** Names repeat from request to request. The bound keeps a client that invents names from filling the memory. */
const mostCached = 1_000
const longestCached = 64

/** Validates the options, and adds a fault for each name that is wrong. */
export const readHeaderFilter = ({ strip = [], pass = [] }: HeaderFilterOptions, fault: AddFault): HeaderFilter => {
  const stripped = new Set(namesOf("strip", strip, fault))
  const passed = new Set(namesOf("pass", pass, fault))
  for (const name of stripped) {
    if (name === "host" || ownOfHop.has(name)) fault("strip", `${name} is part of HTTP itself, and the gateway writes it.`)
    if (passed.has(name)) fault("pass", `${name} is in strip, too.`)
  }
  for (const name of passed) {
    if (ownOfHop.has(name)) fault("pass", `${name} concerns one connection alone (RFC 9110 §7.6.1).`)
    if (written.test(name)) fault("pass", `${name} is set by the gateway alone, so it cannot be passed on.`)
  }

  const actionOf = (name: string): HeaderAction => {
    const lowerName = name.toLowerCase()
    const read = readAs(lowerName)
    if (ownOfHop.has(read)) return "hop"
    if (stripped.has(read)) return "drop"
    if (verified.has(lowerName)) return "verified"
    if (written.test(read)) return "drop"
    return (identity.test(read) || routing.has(read)) && !passed.has(read) ? "drop" : "keep"
  }
  const cached = new Map<string, HeaderAction>()
  return (name) => {
    const known = cached.get(name)
    if (known !== undefined) return known
    const action = actionOf(name)
    if (cached.size < mostCached && name.length <= longestCached) cached.set(name, action)
    return action
  }
}

const namesOf = (setting: string, names: unknown, fault: AddFault): ReadonlyArray<string> => {
  if (!Array.isArray(names)) {
    fault(setting, 'expected a list of header names, such as ["X-Real-IP"].')
    return []
  }
  return names.flatMap((name: unknown) => {
    // RFC 9110 §5.1.
    if (typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return [readAs(name.toLowerCase())]
    fault(setting, `${JSON.stringify(name)} is not a header name.`)
    return []
  })
}
