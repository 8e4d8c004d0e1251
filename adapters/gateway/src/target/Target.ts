/**
 * Request target → the upstream's, and how an upstream may read its path.
 *
 * @module
 */

/** What is to be done with a target: forward as another, go where links work from, or refuse. */
export type Routed =
  | { readonly _tag: "Forward"; readonly target: string }
  | { readonly _tag: "AddSlash"; readonly location: string }
  | { readonly _tag: "Refuse"; readonly status: 400 | 404 }

/**
 * Takes the prefix off, and puts the upstream's own path in front. The rest goes on to the letter. A path with a dot segment, in
 * whatever encoding, would lead out of the prefix: no browser sends one (WHATWG URL, "path state"), and it is refused.
 */
export const routeTarget = (target: string, prefix: string, basePath: string): Routed => {
  if (!target.startsWith("/") || readings(target).some((path) => hasDotSegment(path) || hasControl(path))) {
    return { _tag: "Refuse", status: 400 }
  }
  const [path = ""] = target.split("?")
  // From /app, a page's "./assets" would be another app's.
  if (prefix !== "" && path === prefix) return { _tag: "AddSlash", location: `${prefix}/${target.slice(path.length)}` }
  if (!isUnder(path, prefix)) return { _tag: "Refuse", status: 404 }
  return { _tag: "Forward", target: basePath + target.slice(prefix.length) }
}

/** Whether the path is the prefix or lies below it, to the letter. */
export const isUnder = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`)

/** Whether an upstream could take the target's path for the prefix, or for one below it, in any of its spellings. */
export const mayBeReadAsUnder = (target: string, prefix: string): boolean => {
  const [wanted = ""] = readings(prefix)
  return wanted === "/" || readings(target).some((path) => isUnder(path, wanted))
}

/**
 * How upstreams read a path: as it is, or decoded, once or twice over; and all of them without what some leave out: a
 * repeated slash, a path parameter, the case.
 */
const readings = (target: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let path = target.split("?")[0] ?? ""
  for (let times = 0; times < 4; times++) {
    found.push(simplify(path))
    const decoded = decode(path)
    if (decoded === path) break
    path = decoded
  }
  return found
}

const simplify = (path: string): string =>
  path
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("\\", "/")
    .replace(/;[^/]*/g, "")
    .replace(/[ \t]+(?=\/|$)/g, "")
    .replace(/\/{2,}/g, "/")
    .replace(/(?<=.)\/$/, "")

/** What is no UTF-8 stays byte by byte: it must not keep the rest from being read. */
const decode = (path: string): string =>
  path.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return Buffer.from(encoded.replaceAll("%", ""), "hex").toString("latin1")
    }
  })

const hasDotSegment = (path: string): boolean => path.split("/").some((segment) => segment === "." || segment === "..")

const hasControl = (path: string): boolean => [...path].some((character) => character < " " || character === "\x7f")
