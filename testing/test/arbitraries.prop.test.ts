import { CognitoAuth, Policy } from "@cognito-auth/core"
import {
  changedToken,
  email,
  group,
  groups,
  headerSet,
  lookAlikeEmail,
  lookAlikeGroup,
  name,
  sub,
  timeBefore,
  timeFrom,
  token,
  trickyEmail,
  user
} from "@cognito-auth/testing/arbitraries"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { scalarValue } from "../src/arbitraries/scalarValue.ts"
import { runs } from "./runs.ts"
import { sharedForge } from "./sharedForge.ts"

const forge = await sharedForge()
const auth = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() })

/** Holds for each of 1,000 values. */
const forAll = async <A>(arbitrary: fc.Arbitrary<A>, holds: (value: A) => unknown): Promise<void> => {
  const property = fc.property(arbitrary, (value) => {
    holds(value)
  })
  await fc.assert(property, { numRuns: runs(200) })
}

/** Comes up among 1,000 values: an arbitrary that never shows the hard case tests nothing. */
const comesUp = <A>(arbitrary: fc.Arbitrary<A>, is: (value: A) => boolean) =>
  expect(fc.sample(arbitrary, { numRuns: 400, seed: 1 }).some(is)).toBe(true)

const fold = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

describe("users", () => {
  it("∀ user: the forged headers give back that user", async () => {
    await fc.assert(
      fc.asyncProperty(user(), async (given) => {
        const admitted = await Effect.runPromise(auth.authenticate(await forge.headers(given)))
        expect(admitted.sub).toBe(given.sub)
        expect(admitted.email).toBe(given.email ?? "")
        expect(admitted.name).toBe(given.name ?? "")
        expect(admitted.emailVerified).toBe(given.emailVerified ?? false)
        expect(admitted.groups).toEqual(given.groups ?? [])
      }),
      { numRuns: runs(200) }
    )
  })

  it("∀ user: the headers fit into what Node takes", async () => {
    await fc.assert(
      fc.asyncProperty(user(), async (given) => {
        const size = Object.entries(await forge.headers(given)).reduce((sum, entry) => sum + entry.join(": \r\n").length, 0)
        expect(size).toBeLessThan(15_000)
      }),
      { numRuns: runs(200) }
    )
  })

  it("∀ sub: a UUID", () => forAll(sub(), (value) => expect(value).toMatch(/^[0-9a-f-]{36}$/)))

  it("show every field, and lack it too", () => {
    const users = fc.sample(user(), { numRuns: 400, seed: 1 })
    for (const field of ["username", "email", "emailVerified", "name", "givenName", "familyName", "groups"] as const) {
      expect(new Set(users.map((each) => each[field] === undefined)), field).toEqual(new Set([true, false]))
    }
  })

  it("have names beyond ASCII, and none", () => {
    comesUp(name(), (value) => value === "")
    comesUp(name(), (value) => /[^\0-\x7f]/.test(value))
  })
})

describe("characters", () => {
  it("∀ character: one, and no surrogate", () => forAll(scalarValue, (value) => expect(value).toMatch(/^\P{Cs}$/u)))

  it("are of ASCII, of the plane before the surrogates and after them, and beyond", () => {
    for (const some of [/^[\0-\x7f]$/, /^[\x80-\ud7ff]$/, /^[\ue000-\uffff]$/, /^[\u{10000}-\u{10ffff}]$/u]) {
      comesUp(scalarValue, (value) => some.test(value))
    }
  })

  it("make the strings that are dangerous to objects, too", () => {
    comesUp(fc.string({ unit: scalarValue }), (value) => value.includes("__proto__"))
  })
})

describe("groups", () => {
  it("∀ group: a name that Cognito takes", () => forAll(group(), (value) => expect(value).toMatch(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u)))

  it("∀ groups: each once", () => forAll(groups(), (value) => expect(new Set(value).size).toBe(value.length)))

  it("∀ group and a look-alike: not the same", () =>
    forAll(
      group().chain((value) => fc.tuple(fc.constant(value), lookAlikeGroup(value))),
      ([value, other]) => expect(other).not.toBe(value)
    ))

  it("look alike in another case, and with white space", () => {
    comesUp(lookAlikeGroup("admins"), (value) => value === "ADMINS")
    comesUp(lookAlikeGroup("admins"), (value) => value === "admins ")
  })
})

describe("e-mails", () => {
  it("∀ e-mail: a policy takes it, in any case, and admits its user", () =>
    fc.assert(
      fc.asyncProperty(email(), async (value) => {
        const listed = CognitoAuth.make({
          ...forge.settings().options,
          policy: Policy.fromLists({ allowedUsers: [fold(value)] }),
          keySource: forge.keySource()
        })
        expect((await Effect.runPromise(listed.authenticate(await forge.headers({ email: value })))).email).toBe(value)
      }),
      { numRuns: runs(100) }
    ))

  it("∀ e-mail: one @ with text on both sides", () => forAll(email(), (value) => expect(value).toMatch(/^[^@\s]+@[^@\s]+$/)))

  it("∀ e-mail and a look-alike: not the same, but for ASCII case", () =>
    forAll(
      email().chain((value) => fc.tuple(fc.constant(value), lookAlikeEmail(value))),
      ([value, other]) => expect(fold(other)).not.toBe(fold(value))
    ))

  it("look alike with a second @, and to Unicode's case folding", () => {
    const lookAlike = lookAlikeEmail("kim@corp.uk")
    comesUp(lookAlike, (value) => value === "kim@evil@corp.uk")
    comesUp(lookAlike, (value) => value !== "kim@corp.uk" && value.toLowerCase() === "kim@corp.uk")
    comesUp(trickyEmail(), (value) => value.split("@").length > 2)
    comesUp(trickyEmail(), (value) => !value.includes("@"))
  })
})

describe("tokens", () => {
  it("∀ token: three segments of base64url", () =>
    forAll(token(), (value) => expect(value).toMatch(/^[A-Za-z0-9_-]*={0,2}\.[A-Za-z0-9_-]*={0,2}\.[A-Za-z0-9_-]*={0,2}$/)))

  it("∀ token: refused", () =>
    fc.assert(
      fc.asyncProperty(token(), token(), async (data, accessToken) => {
        const headers = { "x-amzn-oidc-data": data, "x-amzn-oidc-accesstoken": accessToken }
        expect(await Effect.runPromise(Effect.result(auth.authenticate(headers)))).toMatchObject({ _tag: "Failure" })
      }),
      { numRuns: runs(200) }
    ))

  it("∀ change: another text, of nearly the same length, that a header can hold", async () => {
    const { data } = await forge.tokens()
    await forAll(changedToken(data), (changed) => {
      expect(changed).not.toBe(data)
      expect(Math.abs(changed.length - data.length)).toBeLessThanOrEqual(1)
      expect(changed).toMatch(/^[!-~]+$/)
    })
    for (const by of [-1, 0, 1]) comesUp(changedToken(data), (changed) => changed.length === data.length + by)
  })

  it("∀ change of either token: refused", async () => {
    const { data, accessToken, identity = "" } = await forge.tokens()
    const changes = fc.oneof(
      changedToken(data).map((changed) => ({ "x-amzn-oidc-data": changed, "x-amzn-oidc-accesstoken": accessToken })),
      changedToken(accessToken).map((changed) => ({ "x-amzn-oidc-data": data, "x-amzn-oidc-accesstoken": changed }))
    )
    await fc.assert(
      fc.asyncProperty(changes, async (headers) => {
        const outcome = await Effect.runPromise(Effect.result(auth.authenticate({ ...headers, "x-amzn-oidc-identity": identity })))
        expect(outcome).toMatchObject({ _tag: "Failure" })
      }),
      { numRuns: runs(200) }
    )
  })
})

describe("header sets", () => {
  it("∀ header set: admitted or refused for a reason, and never thrown at", async () => {
    const genuine = await forge.headers()
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(headerSet(genuine), async (headers) => {
        const outcome = await Effect.runPromise(Effect.result(auth.authenticate(headers)))
        outcomes.add(outcome._tag === "Success" ? "Success" : outcome.failure._tag)
      }),
      { numRuns: 2000, seed: 1 }
    )
    // Deep enough to reach past the headers, and with the genuine ones among them.
    expect([...outcomes]).toEqual(
      expect.arrayContaining(["Success", "HeaderMissing", "HeaderInvalid", "TokenMalformed", "AlgorithmRefused"])
    )
  })

  it("show other cases, lists, huge strings, other types and inherited names", () => {
    const entries = headerSet().map((headers) => Object.entries(headers as Record<string, unknown>))
    comesUp(entries, (all) => all.some(([key]) => /X-?[aA]/.test(key)))
    comesUp(entries, (all) => all.some(([, value]) => Array.isArray(value) && value.length > 1))
    comesUp(entries, (all) => all.some(([, value]) => typeof value === "string" && value.length > 16_384))
    comesUp(entries, (all) => all.some(([, value]) => value !== undefined && typeof value !== "string" && !Array.isArray(value)))
    comesUp(entries, (all) => all.some(([key]) => key === "__proto__"))
    comesUp(entries, (all) => all.length === 0)
  })
})

describe("times", () => {
  const boundary = 1_700_000_000_000

  it("∀ time before: before, and after 1970", () =>
    forAll(timeBefore(boundary), (time) => {
      expect(time).toBeLessThan(boundary)
      expect(time).toBeGreaterThanOrEqual(0)
    }))

  it("∀ time from: at or after, and one that a Date can hold", () =>
    forAll(timeFrom(boundary), (time) => {
      expect(time).toBeGreaterThanOrEqual(boundary)
      expect(new Date(time).getTime()).toBe(time)
    }))

  it("lie on either side of the boundary, right beside it", () => {
    comesUp(timeBefore(boundary), (time) => time === boundary - 1)
    comesUp(timeFrom(boundary), (time) => time === boundary)
  })
})
