/**
 * Arbitraries of users, their groups, e-mails and names, and of look-alikes.
 *
 * fast-check prepares an arbitrary of strings for milliseconds: so each is made once.
 */
import * as fc from "fast-check"
import type { ForgedUser } from "../forge/ForgedUser.ts"
import { once } from "../once.ts"
import { scalarValue } from "./scalarValue.ts"

/** A `sub` as Cognito issues it: a UUID. */
export const sub = (): fc.Arbitrary<string> => fc.uuid()

/** A group's name: letters, marks, symbols, digits and punctuation of any script, 1 to 32 of them (Cognito API, `CreateGroup`). */
export const group: () => fc.Arbitrary<string> = once(() =>
  fc.oneof(
    fc.constantFrom("admins", "staff", "platform-admins", "eu-west-2_AbC123xyz_Google"),
    fc.stringMatching(/^[A-Za-z0-9_.-]{1,32}$/),
    fc.string({ unit: scalarValue, minLength: 1, maxLength: 32 }).filter((name) => /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(name))
  )
)

/** The groups of one user: up to 8, each once. */
export const groups = (): fc.Arbitrary<Array<string>> => fc.uniqueArray(group(), { maxLength: 8 })

/** A group's name that is another, and looks the same or begins alike: other case, white space, another normal form, a list in one string. */
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
export const email: () => fc.Arbitrary<string> = once(() =>
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
)

/**
 * A different e-mail that a careless comparison takes for this one: a second `@`, a domain before or after,
 * white space and invisible characters, letters of other scripts, characters that Unicode case folding makes equal.
 * Never equal except for ASCII case.
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
    // Full case folding and toLowerCase() turn these into k, s and i.
    email.replace(/k/i, "\u212a"),
    email.replace(/s/i, "\u017f"),
    email.replace(/i/i, "\u0130"),
    email.replace(/i/i, "\u0131"),
    email.replace(/\./, "\u3002"),
    withHomoglyph(email),
    email.replace(/[!-~]/, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
  ])
}

/** Any e-mail, a look-alike of one, or a string that is none. */
export const trickyEmail = (): fc.Arbitrary<string> =>
  fc.oneof(email().chain(lookAlikeEmail), email(), fc.string({ unit: scalarValue, maxLength: 40 }))

/** A person's name: any Unicode, with the characters that base64 and its padding are made of. */
export const name: () => fc.Arbitrary<string> = once(() =>
  fc.oneof(
    fc.constantFrom("Zoë O’Neill", "李小龍", "Ada+/=-_", 'a"b\\c', "‮gnirts", "👩‍👩‍👧"),
    fc.string({ unit: "grapheme", maxLength: 24 }),
    fc.string({ unit: scalarValue, maxLength: 24 })
  )
)

/** A user: always with a `sub`; every other field may be absent, as it may be with some identity providers. */
export const user: () => fc.Arbitrary<ForgedUser & { readonly sub: string }> = once(() =>
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
)

const optional = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.option(arbitrary, { nil: undefined, freq: 5 })

/** The candidates that differ from the first, whatever `fold` makes equal; at least one must. */
const differing = (from: string, fold: (text: string) => string, candidates: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc.constantFrom(...candidates.filter((text) => fold(text) !== fold(from)))

const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The string with the first Latin letter that has a Cyrillic look-alike replaced by it. */
const withHomoglyph = (text: string): string => text.replace(/[aceopxy]/, (letter) => "асеорху".charAt("aceopxy".indexOf(letter)))
