/** Strict JSON objects: valid UTF-8, an object at the top level, unique member names, and no prototype. */
import { isUtf8 } from "node:buffer"

/** A JSON object without a prototype, so that no claim can shadow or inherit a property. */
export interface JsonObject {
  readonly [name: string]: unknown
}

/** Claims are a few levels deep at most. Thousands of levels fit into a header, and would overflow the stack of code that traverses them. */
const maxDepth = 64

/** Reads the bytes as one JSON object. A string says what is wrong with them. */
export const readJsonObject = (bytes: Buffer): JsonObject | string => {
  const text = bytes.toString()
  // JSON between systems is UTF-8 (RFC 8259 §8.1). Invalid bytes decode to U+FFFD, which would hide a difference. U+FFFD is
  // rare, so the bytes are validated only if there is one.
  if (text.includes("\ufffd") && !isUtf8(bytes)) return "not UTF-8"
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "not JSON"
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not a JSON object"
  const names = removePrototypes(value)
  if (Number.isNaN(names)) return "nested too deeply"
  // RFC 7515 §4 and RFC 7519 §4: names are unique. Of two, JSON.parse keeps the last; another parser may keep the first.
  return names === maxNames(text) || names === countNames(text) ? (value as JsonObject) : "an object has a duplicate name"
}

/** Removes the prototype of every object in the value, and counts their members. `NaN`: it is nested too deeply. */
const removePrototypes = (value: object, depth = 1): number => {
  if (depth > maxDepth) return Number.NaN
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null) count += removePrototypes(item, depth + 1)
    return count
  }
  for (const name in value) {
    count++
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === "object" && member !== null) count += removePrototypes(member, depth + 1)
  }
  Object.setPrototypeOf(value, null)
  return count
}

const quote = 34
const backslash = 92
const colon = 58
const space = 32

/**
 * An upper bound of the number of members in valid JSON: every colon after a quote. In claims it is nearly always exact. With
 * white space before a colon, there is no bound.
 */
const maxNames = (text: string): number => {
  let names = 0
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) {
    const before = text.charCodeAt(at - 1)
    if (before === quote) names++
    else if (before <= space) return Number.POSITIVE_INFINITY
  }
  return names
}

/** The number of members in valid JSON: outside of strings, each name is followed by a colon. */
const countNames = (text: string): number => {
  let names = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === colon) names++
    else if (code === quote) i = endOfString(text, i)
  }
  return names
}

/** The end of the string that starts here: the first quote with an even number of backslashes before it. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  for (;;) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
}
