/**
 * Paths that need no sign-in, matched exactly against the raw request target.
 *
 * A path is bypassed only in its configured spelling. A spelling with percent-encoding, doubled slashes, dot segments or other
 * case is a different path here, even if a router treats it as the same (oauth2-proxy GHSA-7rh7-c77v-6434, CVE-2026-40575).
 *
 * @module
 */
import * as Result from "effect/Result"
import { type Fault, Faults } from "../errors/ConfigurationError.ts"

/** A compiled list: each path in every spelling that is bypassed, so that targets need no normalisation. */
export type Bypass = ReadonlySet<string>

// RFC 3986 §3.3 pchar without percent-encoding, without ";" (path parameters) and without empty segments. Also without "*",
// which people would mean as a pattern.
const plainPath = /^\/(?:[A-Za-z0-9._~!$&'()+,=:@-]+(?:\/[A-Za-z0-9._~!$&'()+,=:@-]+)*\/?)?$/
const dotSegment = /\/\.{1,2}(?:\/|$)/

/** Whether it may be configured as a path: no query, no encoding, no pattern, no dot segment. */
export const isPlainPath = (path: unknown): path is string => typeof path === "string" && plainPath.test(path) && !dotSegment.test(path)

/** Validates a list of plain paths. `setting` names it in faults, which ask for a path as `expected` has it. */
export const readPlainPaths = (
  paths: unknown,
  setting: string,
  { example, expected }: { readonly example: string; readonly expected: string }
): Result.Result<ReadonlyArray<string>, ReadonlyArray<Fault>> => {
  if (paths === undefined) return Result.succeed([])
  const list: unknown = paths instanceof Set ? [...paths] : paths
  if (!Array.isArray(list)) return Result.fail([{ setting, problem: `expected a list of paths, such as ["${example}"].` }])
  const faults = new Faults()
  for (const path of list) {
    if (isPlainPath(path)) continue
    faults.add(
      setting,
      `${JSON.stringify(path)} is not a plain path: expected ${expected}, without a query, an encoding, a pattern or a dot segment.`
    )
  }
  return faults.resultOf(list)
}

const exact = { example: "/health", expected: 'an exact path such as "/health"' }

/**
 * Validates and compiles a list of paths: `/health` also matches `/health/`; `/` matches only itself. `setting` names it in faults: other
 * lists of exact paths are compiled in the same way.
 */
export const readBypass = (paths: unknown, setting = "bypass"): Result.Result<Bypass, ReadonlyArray<Fault>> =>
  Result.map(readPlainPaths(paths, setting, exact), (list) => new Set(list.flatMap(spellingsOf)))

/** With and without a trailing slash. The root has only one spelling: without its slash it would be the empty path. */
const spellingsOf = (path: string): ReadonlyArray<string> => {
  if (path === "/") return [path]
  const bare = path.endsWith("/") ? path.slice(0, -1) : path
  return [bare, `${bare}/`]
}

/**
 * Whether the path of the request target is listed, and the path that the router acts on is listed too. The query is ignored;
 * nothing else is removed.
 *
 * Every listed path begins with `/`, so any other target is never bypassed: an empty one (an event that does not come from a
 * load balancer has no raw path), `*`, an absolute form, the authority of a CONNECT (RFC 9112 §3.2), or `?x` in HTTP/2.
 */
export const isBypassed = (bypass: Bypass, target: string, routedTarget: string = target): boolean =>
  bypass.size > 0 && bypass.has(pathOf(target)) && (routedTarget === target || bypass.has(pathOf(routedTarget)))

/** What precedes the query of a request target. */
export const pathOf = (target: string): string => {
  const query = target.indexOf("?")
  return query === -1 ? target : target.slice(0, query)
}
