/**
 * fast-check arbitraries of what meets a sign-in: users, groups, e-mails and those that only look like them, tokens and
 * what is left of them after a change, header sets, and times around an expiry.
 *
 * @example
 * fc.assert(fc.asyncProperty(user(), async (user) => {
 *   const admitted = await Effect.runPromise(auth.authenticate(await forge.headers(user)))
 *   expect(admitted.email).toBe(user.email)
 * }))
 *
 * @module
 */
import type { HeaderFields } from "@cognito-auth/core"
import * as fc from "fast-check"
import type { ForgedUser } from "./ForgedUser.ts"

/** A `sub` as Cognito gives it out: a UUID. */
export const sub = (): fc.Arbitrary<string> => fc.uuid()

/** A group's name: letters, marks, symbols, digits and punctuation of any script, 1 to 32 of them (Cognito API, `CreateGroup`). */
export const group = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom("admins", "staff", "platform-admins", "eu-west-2_AbC123xyz_Google"),
    fc.stringMatching(/^[A-Za-z0-9_.-]{1,32}$/),
    fc.string({ unit: "binary", minLength: 1, maxLength: 32 }).filter((name) => /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(name))
  )

/** The groups of one user: up to 8, each once. */
export const groups = (): fc.Arbitrary<Array<string>> => fc.uniqueArray(group(), { maxLength: 8 })

/** A group's name that is another, and looks the same or begins alike: other case, white space, another normal form, a list in one text. */
export const lookAlikeGroup = (group: string): fc.Arbitrary<string> =>
  differing(group, (name) => name, [
    group.toUpperCase(),
    group.toLowerCase(),
    ` ${group}`,
    `${group} `,
    `${group}\u200b`,
    `${group}\0`,
    `${group}-2`,
    group.slice(0, -1),
    `${group},${group}`,
    `["${group}"]`,
    group.normalize("NFD"),
    group.normalize("NFKC"),
    withHomoglyph(group)
  ])

/** A valid e-mail address with one `@`, in any mix of cases: plain ones, tagged ones, and all that RFC 5322 calls an atom. */
export const email = (): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc
        .tuple(
          fc.stringMatching(/^[a-z][a-z0-9]{0,11}([.+_-][a-z0-9]{1,8})?$/),
          fc.constantFrom("example.com", "example.org", "corp.example.co.uk")
        )
        .map((parts) => parts.join("@")),
      fc.emailAddress({ size: "small" })
    )
    .chain((address) => fc.mixedCase(fc.constant(address)))

/**
 * An e-mail that is not this one, and that a careless comparison takes for it: a second `@`, a domain before or behind,
 * white space and invisible characters, letters of other scripts, characters that Unicode case folding makes equal.
 * Never equal but for ASCII case.
 */
export const lookAlikeEmail = (email: string): fc.Arbitrary<string> => {
  const at = email.lastIndexOf("@")
  const local = email.slice(0, at)
  const domain = email.slice(at + 1)
  return differing(email, foldAscii, [
    `${local}@evil@${domain}`,
    `${email}@evil.example`,
    `evil@evil.example,${email}`,
    `"${email}"@evil.example`,
    `${local}@evil${domain}`,
    `${local}@evil.${domain}`,
    `${local}@${domain}.evil.example`,
    `${local}@${domain}.`,
    `${local}+evil@${domain}`,
    `${local}.@${domain}`,
    `"${local}"@${domain}`,
    `(evil)${email}`,
    `<${email}>`,
    `${email} `,
    ` ${email}`,
    `${email}\n`,
    `${email}\0evil`,
    `${local}\u200b@${domain}`,
    `${local}\u00ad@${domain}`,
    `${local}\uff20${domain}`,
    `${local}%40${domain}`,
    `@${domain}`,
    `${local}@`,
    local,
    // Full case folding and toLowerCase() take these for k, s and i.
    email.replace(/k/i, "\u212a"),
    email.replace(/s/i, "\u017f"),
    email.replace(/i/i, "\u0130"),
    email.replace(/i/i, "\u0131"),
    email.replace(/\./, "\u3002"),
    withHomoglyph(email),
    email.replace(/[!-~]/, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
  ])
}

/** Any e-mail, one of the look-alikes of one, or a text that is none. */
export const trickyEmail = (): fc.Arbitrary<string> =>
  fc.oneof(email().chain(lookAlikeEmail), email(), fc.string({ unit: "binary", maxLength: 40 }))

/** A person's name: any Unicode, with the characters that base64 and its padding are made of. */
export const name = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom("Zoë O’Neill", "李小龍", "Ada+/=-_", 'a"b\\c', "‮gnirts", "👩‍👩‍👧"),
    fc.string({ unit: "grapheme", maxLength: 24 }),
    fc.string({ unit: "binary", maxLength: 24 })
  )

/** A user: always with a `sub`; every other field may be absent, as it may be with some identity providers. */
export const user = (): fc.Arbitrary<ForgedUser & { readonly sub: string }> =>
  fc.record({
    sub: sub(),
    username: optional(fc.oneof(sub(), fc.stringMatching(/^(Google|Okta)_[0-9]{1,21}$/), fc.string({ minLength: 1, maxLength: 40 }))),
    email: optional(email()),
    emailVerified: optional(fc.boolean()),
    name: optional(name()),
    givenName: optional(name()),
    familyName: optional(name()),
    groups: optional(groups())
  })

/** A compact JWS by its form alone (RFC 7515 §3.1): any JOSE header, any payload, any signature, with and without padding. Nobody signed it. */
export const token = (): fc.Arbitrary<string> => {
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
}

/**
 * The token with one character replaced, put in or taken out, anywhere. Never the token itself; and printable, so that
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

/** What tokens are made of, mostly; else any visible ASCII character. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.") },
  { weight: 1, arbitrary: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) }
)

/**
 * Header fields as no framework should hand them on: the three names in any case, several spellings of one, values that
 * are missing, empty, huge, binary, lists or of another type; other headers beside them; and names that objects
 * inherit. `genuine` are headers that would be admitted, for sets that are right but for one thing.
 */
export const headerSet = (genuine: Readonly<Record<string, string>> = {}): fc.Arbitrary<HeaderFields> => {
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("", " ", ",", "..", "a.b.c", ...Object.values(genuine)) },
    { weight: 2, arbitrary: token() },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 64 }) },
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

const optional = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.option(arbitrary, { nil: undefined, freq: 5 })

/** Those of the texts that differ from the first, whatever `fold` makes equal; at least one must. */
const differing = (from: string, fold: (text: string) => string, texts: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc.constantFrom(...texts.filter((text) => fold(text) !== fold(from)))

const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The first of its Latin letters that Cyrillic has too, as the Cyrillic one. */
const withHomoglyph = (text: string): string => text.replace(/[aceopxy]/, (letter) => "асеорху".charAt("aceopxy".indexOf(letter)))
