/** Any character. */
import * as fc from "fast-check"

const firstSurrogate = 0xd800
const surrogates = 0x800

/**
 * Any Unicode scalar value (Unicode 16, §3.9, D76): every code point but the surrogates. For `fc.string({ unit: scalarValue })`.
 *
 * It gives what the unit `"binary"` of fast-check gives. That one keeps a map of all 1.1 million of them, which takes a second and
 * 120 MB of each process.
 */
export const scalarValue: fc.Arbitrary<string> = fc.nat({ max: 0x10ffff - surrogates }).map(
  (index) => String.fromCodePoint(index < firstSurrogate ? index : index + surrogates),
  (value) => {
    const codePoint = typeof value === "string" ? value.codePointAt(0) : undefined
    if (codePoint === undefined || String.fromCodePoint(codePoint) !== value) throw new Error("Expected one character.")
    if (codePoint < firstSurrogate) return codePoint
    if (codePoint < firstSurrogate + surrogates) throw new Error("Expected no surrogate.")
    return codePoint - surrogates
  }
)
