/** Strict JSON objects: valid UTF-8, an object at the top, no member name twice, and no prototype. */
import { isUtf8 } from "node:buffer"

/** A JSON object without a prototype: no claim can shadow or inherit anything. */
export interface JsonObject {
  readonly [name: string]: unknown
}

/** Reads the bytes as one JSON object, or says in a few words what is wrong with them. */
export const readJsonObject = (bytes: Buffer): JsonObject | string => {
  // JSON between systems is UTF-8 without a byte order mark (RFC 8259 §8.1); a replacement character would hide a difference.
  if (!isUtf8(bytes)) return "not UTF-8"
  const text = bytes.toString("utf8")
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "not JSON"
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not a JSON object"
  // RFC 7515 §4 and RFC 7519 §4: names are unique. JSON.parse keeps the last of two, another reader the first.
  if (countMembers(value) !== countNames(text)) return "a name stands twice in one object"
  return withoutPrototype(value as Record<string, unknown>)
}

const countMembers = (value: object): number => {
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null) count += countMembers(item)
    return count
  }
  for (const name in value) {
    count++
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === "object" && member !== null) count += countMembers(member)
  }
  return count
}

const quote = 34
const backslash = 92
const colon = 58

/** In valid JSON a colon outside a string follows a member name, each once. */
const countNames = (text: string): number => {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === colon) count++
    else if (code === quote) {
      for (i++; text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i++
    }
  }
  return count
}

const withoutPrototype = (object: Record<string, unknown>): JsonObject => {
  const bare: Record<string, unknown> = Object.create(null)
  for (const name in object) bare[name] = bareValue(object[name])
  return bare
}

const bareValue = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value) ? value.map(bareValue) : withoutPrototype(value as Record<string, unknown>)
}
