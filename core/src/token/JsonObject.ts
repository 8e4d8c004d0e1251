/** Strict JSON objects: valid UTF-8, an object at the top, no member name twice, and no prototype. */
import { isUtf8 } from "node:buffer"

/** A JSON object without a prototype: no claim can shadow or inherit anything. */
export interface JsonObject {
  readonly [name: string]: unknown
}

/** Claims are a few levels deep at most. Thousands, which fit into a header, would overflow the stack of whoever walks them. */
const maxDepth = 64

/** Reads the bytes as one JSON object, or says in a few words what is wrong with them. */
export const readJsonObject = (bytes: Buffer): JsonObject | string => {
  const text = bytes.toString()
  // JSON between systems is UTF-8 (RFC 8259 §8.1). What is not decodes to U+FFFD, which would hide a difference; nearly no
  // text holds one, so the bytes themselves are looked at only then.
  if (text.includes("\ufffd") && !isUtf8(bytes)) return "not UTF-8"
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "not JSON"
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not a JSON object"
  const names = takePrototypes(value)
  if (Number.isNaN(names)) return "nested too deeply"
  // RFC 7515 §4 and RFC 7519 §4: names are unique. JSON.parse keeps the last of two, another reader the first.
  return names === mostNames(text) || names === countNames(text) ? (value as JsonObject) : "a name stands twice in one object"
}

/** Takes the prototype off every object in it, and counts their members. `NaN`: it is nested too deeply. */
const takePrototypes = (value: object, depth = 1): number => {
  if (depth > maxDepth) return Number.NaN
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null) count += takePrototypes(item, depth + 1)
    return count
  }
  for (const name in value) {
    count++
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === "object" && member !== null) count += takePrototypes(member, depth + 1)
  }
  Object.setPrototypeOf(value, null)
  return count
}

const quote = 34
const backslash = 92
const colon = 58
const space = 32

/**
 * No fewer than the members that valid JSON has, and in claims nearly always as many: every colon after a quote. Where white
 * space stands before a colon, there may be any number.
 */
const mostNames = (text: string): number => {
  let names = 0
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) {
    const before = text.charCodeAt(at - 1)
    if (before === quote) names++
    else if (before <= space) return Number.POSITIVE_INFINITY
  }
  return names
}

/** How many members valid JSON has: outside of strings, a colon follows each name. */
const countNames = (text: string): number => {
  let names = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === colon) names++
    else if (code === quote) i = endOfString(text, i)
  }
  return names
}

/** Where the string that opens here is closed: at the first quote with an even number of backslashes before it. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  for (;;) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
}
