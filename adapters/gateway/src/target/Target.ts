/**
 * Request target → the upstream's.
 *
 * @module
 */
import { type Reading, readingsOf, simplify } from "./readings.ts"

/** What to do with a target: forward it as another, redirect to add a slash, or refuse it. */
export type Routed =
  | { readonly _tag: "Forward"; readonly target: string }
  | { readonly _tag: "AddSlash"; readonly location: string }
  | { readonly _tag: "Refuse"; readonly status: 400 | 404 }

/**
 * Removes the prefix, and adds the upstream's own path. The rest is forwarded unchanged. A path with a dot segment, in
 * any encoding, would lead out of the prefix: no browser sends one (WHATWG URL, "path state"), and it is refused. So is an
 * encoded control character, at which some servers truncate the path.
 */
export const routeTarget = (target: string, prefix: string, basePath: string): Routed => {
  if (!target.startsWith("/") || readingsOf(target).some(isRefused)) return { _tag: "Refuse", status: 400 }
  const query = target.indexOf("?")
  const path = query === -1 ? target : target.slice(0, query)
  // From /app, a page's "./assets" would resolve outside the app.
  if (prefix !== "" && path === prefix) return { _tag: "AddSlash", location: `${prefix}/${target.slice(path.length)}` }
  if (!isUnder(path, prefix)) return { _tag: "Refuse", status: 404 }
  return { _tag: "Forward", target: basePath + target.slice(prefix.length) }
}

/** Whether the path is exactly the prefix or below it. */
export const isUnder = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`)

/** Whether some server reads the path as this one, or as one below it. `wanted`: simplified. */
export const isReadAsUnder = (readings: ReadonlyArray<Reading>, wanted: string): boolean =>
  wanted === "/" || wanted === "" || readings.some(({ simplified }) => isUnder(simplified, wanted))

/** Whether an upstream could read the target's path as the prefix, or as one below it, in any of its spellings. */
export const mayBeReadAsUnder = (target: string, prefix: string): boolean => isReadAsUnder(readingsOf(target), simplify(prefix))

const isRefused = ({ decoded }: Reading): boolean => hasDotSegment(decoded) || hasControl(decoded)

/** A segment of dots: `/..;/` is one to Tomcat, `/.. /` to a file system of Windows. */
const hasDotSegment = (path: string): boolean => path.includes("/.") && /\/\.{1,2}(?:[;/\s]|$)/.test(path)

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant.
const hasControl = (path: string): boolean => /[\x00-\x1f\x7f]/.test(path)
