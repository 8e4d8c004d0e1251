/**
 * How servers parse the path of a request target: every way in which a known one does.
 *
 * Everything here takes time linear in the target's length: it runs before authentication, on any client's input.
 *
 * @module
 */

/** A path as some server may read it. */
export interface Reading {
  /** Decoded a number of times, with compatibility letters normalised and `\` replaced by `/`; dot segments are kept. */
  readonly decoded: string
  /**
   * The same without what some servers ignore: a repeated or trailing slash, path parameters, white space and dots at the end
   * of a segment, the case, compatibility forms of letters; and truncated at `#` and `?`, as some servers do after decoding.
   */
  readonly simplified: string
}

/** A server behind a proxy behind a framework: each may decode once. */
const mostDecodings = 3

/** The readings of a target's path; nearly every path has only one. */
export const readingsOf = (target: string): ReadonlyArray<Reading> => {
  const query = target.indexOf("?")
  const path = query === -1 ? target : target.slice(0, query)
  if (isPlain(path)) return [{ decoded: path, simplified: withoutSlashes(path.toLowerCase()) }]
  const found: Array<Reading> = []
  // Node has a character for each byte. Bytes that are not UTF-8 become U+FFFD in the string, and may become UTF-8 when decoded again.
  let bytes = Buffer.from(path, "latin1")
  for (let times = 0; ; times++) {
    const text = bytes.toString("utf8")
    found.push({ decoded: toCompatible(text).replaceAll("\\", "/"), simplified: simplify(text) })
    const next = percentDecode(bytes)
    if (next === bytes || times === mostDecodings) return found
    bytes = next
  }
}

/** A configured path, simplified for comparison with readings. */
export const simplify = (path: string): string => {
  const whole = toCompatible(path).toLowerCase().replaceAll("\\", "/")
  const end = whole.search(/[#?]/)
  const segments = (end === -1 ? whole : whole.slice(0, end)).split("/")
  for (const [i, segment] of segments.entries()) segments[i] = trimSegment(segment)
  return withoutSlashes(segments.join("/"))
}

// The characters of RFC 3986 §3.3 except "%" and ";", and no dot at the end of a segment: only slashes and case to simplify.
const isPlain = (path: string): boolean => /^[\w~!$&'()*+,=:@./-]*$/.test(path) && !path.includes("./") && !path.endsWith(".")

/** `admin;x=1`, `admin ` and `admin.` are `admin` to Tomcat, to IIS, or to a file system of Windows. */
const trimSegment = (segment: string): string => {
  const parameters = segment.indexOf(";")
  let end = parameters === -1 ? segment.length : parameters
  while (end > 0 && isTrailing(segment.charCodeAt(end - 1))) end--
  return segment.slice(0, end)
}

const isTrailing = (code: number): boolean => code <= 0x20 || code === 0x2e || code === 0xa0

/** Replaces repeated slashes by one, and removes a trailing one: `/` is the shortest path. */
const withoutSlashes = (path: string): string => {
  const single = path.includes("//") ? path.replace(/\/{2,}/g, "/") : path
  return single.length > 1 && single.endsWith("/") ? single.slice(0, -1) : single
}

const pieceLength = 64

/**
 * NFKC, in short pieces: a long run of combining marks takes quadratic time (Unicode TR 15 §1.1, canonical ordering), and
 * no ASCII letter results from separate characters.
 */
const toCompatible = (path: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant.
  if (/^[\x00-\x7f]*$/.test(path)) return path
  let normal = ""
  for (let start = 0; start < path.length; ) {
    let end = Math.min(start + pieceLength, path.length)
    // Both halves of a character outside the BMP stay together.
    if (end < path.length && (path.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++
    normal += path.slice(start, end).normalize("NFKC")
    start = end
  }
  return normal
}

/** RFC 3986 §2.1, for any input: a `%` without two hexadecimal digits stays. The same bytes where there is nothing to decode. */
const percentDecode = (bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> => {
  const first = bytes.indexOf(percent)
  if (first === -1) return bytes
  const decoded = Buffer.from(bytes)
  let length = first
  for (let i = first; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    const value = byte === percent ? hexValue(bytes[i + 1]) * 16 + hexValue(bytes[i + 2]) : Number.NaN
    decoded[length++] = Number.isNaN(value) ? byte : value
    if (!Number.isNaN(value)) i += 2
  }
  return length === bytes.length ? bytes : decoded.subarray(0, length)
}

const percent = 0x25

const hexValue = (code = 0): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN
}
