/**
 * Paths that need no sign-in, by exact match on the raw request target.
 *
 * Only a path that is spelt as it was configured is bypassed. Encoded, doubled, dotted or differently cased spellings
 * are other paths here, however a router behind may read them (oauth2-proxy GHSA-7rh7-c77v-6434, CVE-2026-40575).
 *
 * @module
 */
import * as Result from "effect/Result"
import { type Fault, Faults } from "../errors/ConfigurationError.ts"

/** A compiled list: each path in every spelling that is bypassed, so that nothing of a target needs to be normalised. */
export type Bypass = ReadonlySet<string>

// RFC 3986 §3.3 pchar without percent-encoding, ";" (path parameters) and empty segments; and without "*", which would be
// meant as a pattern.
const plainPath = /^\/(?:[A-Za-z0-9._~!$&'()+,=:@-]+(?:\/[A-Za-z0-9._~!$&'()+,=:@-]+)*\/?)?$/
const dotSegment = /\/\.{1,2}(?:\/|$)/

/** A path as it is configured: no query, no encoding, no pattern, no dot segment. */
export const isPlainPath = (path: unknown): path is string => typeof path === "string" && plainPath.test(path) && !dotSegment.test(path)

/**
 * Validates a list of paths, and compiles it: `/health` stands for `/health/` too, `/` for itself alone. `setting` names it in faults: other
 * lists of exact paths are compiled alike.
 */
export const readBypass = (paths: unknown, setting = "bypass"): Result.Result<Bypass, ReadonlyArray<Fault>> => {
  if (paths === undefined) return Result.succeed(new Set<string>())
  const list: unknown = paths instanceof Set ? [...paths] : paths
  if (!Array.isArray(list)) return Result.fail([{ setting, problem: 'expected a list of paths, as ["/health"].' }])
  const faults = new Faults()
  for (const path of list) {
    if (isPlainPath(path)) continue
    faults.add(
      setting,
      `${JSON.stringify(path)} is no plain path: expected an exact path as "/health", without a query, an encoding, a pattern or a dot segment.`
    )
  }
  return faults.isEmpty ? Result.succeed(new Set(list.flatMap(spellingsOf))) : Result.fail(faults.all)
}

/** With and without a trailing slash. The root has only the one spelling: without its slash it would be the empty path. */
const spellingsOf = (path: string): ReadonlyArray<string> => {
  if (path === "/") return [path]
  const bare = path.endsWith("/") ? path.slice(0, -1) : path
  return [bare, `${bare}/`]
}

/**
 * Whether the request target's path is on the list, and the path that a router will act on is too. The query does not
 * count; nothing else is removed.
 *
 * Every listed path begins with `/`. So no other target is ever bypassed: none that is empty (an event that is not a load
 * balancer's has no raw path), `*`, in absolute form, the authority of a CONNECT (RFC 9112 §3.2), or HTTP/2's `?x`.
 */
export const isBypassed = (bypass: Bypass, target: string, routedTarget: string = target): boolean =>
  bypass.size > 0 && bypass.has(pathOf(target)) && (routedTarget === target || bypass.has(pathOf(routedTarget)))

const pathOf = (target: string): string => {
  const query = target.indexOf("?")
  return query === -1 ? target : target.slice(0, query)
}
