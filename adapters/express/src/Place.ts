/** Where in an app something is registered: the path patterns of what it is mounted on and its own, joined. */

export interface Place {
  /** For people. */
  readonly shown: string
  /** The pattern as Express takes it, without a trailing slash; `undefined` where it is a regular expression, or not known. */
  readonly pattern: string | undefined
}

/** A pattern → the place below another; a list of patterns → as many places. */
export const placesBelow = (place: Place, patterns: unknown): ReadonlyArray<Place> =>
  [patterns].flat(Number.POSITIVE_INFINITY).map((pattern): Place => {
    if (typeof pattern !== "string") return { shown: place.shown + (pattern === undefined ? "/…" : String(pattern)), pattern: undefined }
    const path = pattern.replace(/\/+$/, "")
    return { shown: place.shown + path, pattern: place.pattern === undefined ? undefined : place.pattern + path }
  })

const segmentsOf = (pattern: string): ReadonlyArray<string> => pattern.split("/").filter((segment) => segment !== "")

const isLiteral = (segment: string): boolean => !/[:*?+(){}[\]]/.test(segment)

/** Whether a request for the one may be a request below the other: not where two literal segments differ. */
export const mayBeBelow = (place: Place, base: Place): boolean => {
  if (place.pattern === undefined || base.pattern === undefined) return true
  const segments = segmentsOf(place.pattern)
  for (const [i, wanted] of segmentsOf(base.pattern).entries()) {
    const segment = segments[i]
    if (segment === undefined) return false
    // It may stand for any number of segments.
    if (/[*({]/.test(segment) || !isLiteral(wanted)) return true
    if (isLiteral(segment) && segment.toLowerCase() !== wanted.toLowerCase()) return false
  }
  return true
}

/** Whether every request for the one is a request below the other. */
export const isBelow = (place: Place, base: Place): boolean => {
  if (base.pattern === "") return true
  if (place.pattern === undefined || base.pattern === undefined) return false
  const segments = segmentsOf(place.pattern)
  return segmentsOf(base.pattern).every((wanted, i) => isLiteral(wanted) && segments[i] === wanted)
}
