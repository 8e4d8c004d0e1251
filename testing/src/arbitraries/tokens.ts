/** Arbitraries of tokens and changed tokens, of header sets, and of times around an expiry. */
import type { HeaderFields } from "@cognito-auth/core"
import * as fc from "fast-check"
import { once } from "../once.ts"
import { scalarValue } from "./scalarValue.ts"

/** A compact JWS by its form alone (RFC 7515 §3.1): any JOSE header, any payload, any signature, with and without padding. It is not signed. */
export const token: () => fc.Arbitrary<string> = once(() => {
  const header = fc.record(
    {
      alg: fc.constantFrom<unknown>("ES256", "RS256", "none", "HS256", "es256", "", 256, null),
      kid: fc.oneof<[fc.Arbitrary<unknown>, fc.Arbitrary<unknown>, fc.Arbitrary<unknown>]>(
        fc.uuid(),
        fc.string(),
        fc.constantFrom(null, 1, "../key")
      ),
      typ: fc.constant("JWT"),
      exp: fc.oneof<[fc.Arbitrary<unknown>, fc.Arbitrary<unknown>]>(fc.integer(), fc.constantFrom("9999999999", null, 1e308)),
      crit: fc.constant(["exp"])
    },
    { requiredKeys: [] }
  )
  const json = fc.oneof(
    header.map((value) => JSON.stringify(value)),
    fc.json({ maxDepth: 3 })
  )
  const bytes = fc.oneof(
    json.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 64 })
  )
  const segments = fc.tuple(
    json.map((text) => Buffer.from(text)),
    bytes,
    fc.uint8Array({ maxLength: 256 })
  )
  return fc.tuple(segments, fc.boolean()).map(([parts, isPadded]) =>
    parts
      .map((part) => Buffer.from(part).toString("base64url"))
      .map((segment) => (isPadded ? segment.padEnd(Math.ceil(segment.length / 4) * 4, "=") : segment))
      .join(".")
  )
})

/**
 * The token with one character replaced, inserted or removed, anywhere. Never the token itself; and printable, so that
 * it can be sent as a header.
 */
export const changedToken = (token: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.nat({ max: token.length - 1 }), character)
      .filter(([at, to]) => token[at] !== to)
      .map(([at, to]) => token.slice(0, at) + to + token.slice(at + 1)),
    fc.tuple(fc.nat({ max: token.length }), character).map(([at, to]) => token.slice(0, at) + to + token.slice(at)),
    fc.nat({ max: token.length - 1 }).map((at) => token.slice(0, at) + token.slice(at + 1))
  )

/** Mostly the characters of tokens; else any visible ASCII character. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.") },
  { weight: 1, arbitrary: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) }
)

/**
 * Header fields as no framework should pass them on: the three names in any case, several spellings of one, values that
 * are missing, empty, huge, binary, lists or of another type; other headers too; and names that objects
 * inherit. `genuine` are headers that would be admitted, for sets that are right except for one thing.
 */
export const headerSet = (genuine: Readonly<Record<string, string>> = {}): fc.Arbitrary<HeaderFields> => {
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("", " ", ",", "..", "a.b.c", ...Object.values(genuine)) },
    { weight: 2, arbitrary: token() },
    { weight: 1, arbitrary: fc.string({ unit: scalarValue, maxLength: 64 }) },
    { weight: 1, arbitrary: fc.constantFrom(16_383, 16_384, 100_000).map((length) => "A".repeat(length)) }
  )
  const value = fc.oneof(
    { weight: 5, arbitrary: text },
    { weight: 2, arbitrary: fc.array(text, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }) }
  )
  const headerName = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity") },
    { weight: 3, arbitrary: fc.mixedCase(fc.constantFrom("x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity")) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("x_amzn_oidc_data", "cookie", "forEach", "get", "__proto__", "constructor", "toString", "length")
    }
  )
  return fc
    .tuple(fc.array(fc.tuple(headerName, value), { maxLength: 6 }), fc.boolean(), fc.boolean())
    .map(([entries, hasGenuine, hasPrototype]) => {
      const fields: Record<string, unknown> = Object.create(hasPrototype ? Object.prototype : null)
      for (const [name, given] of [...(hasGenuine ? Object.entries(genuine) : []), ...entries]) {
        // Not by assignment, which would set the prototype where the name is "__proto__".
        Object.defineProperty(fields, name, { value: given, enumerable: true, configurable: true, writable: true })
      }
      return fields as HeaderFields
    })
}

/** A time in milliseconds before the boundary, often just before it, and never before 1970. */
export const timeBefore = (boundaryMillis: number): fc.Arbitrary<number> =>
  fc
    .oneof(fc.constantFrom(1, 999, 1000), fc.nat({ max: 3_600_000 }), fc.nat({ max: boundaryMillis }))
    .map((distance) => Math.max(0, boundaryMillis - Math.max(1, distance)))

/** A time in milliseconds at the boundary or after it, often just after it. */
export const timeFrom = (boundaryMillis: number): fc.Arbitrary<number> =>
  fc
    .oneof(fc.constantFrom(0, 1, 999, 1000), fc.nat({ max: 3_600_000 }), fc.maxSafeNat())
    .map((distance) => Math.min(boundaryMillis + distance, lastMillis))

/** The end of JavaScript's time (ECMA-262, "Time Values and Time Range"). */
const lastMillis = 8.64e15
