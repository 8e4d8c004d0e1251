import {
  accessTokenHeader,
  dataHeader,
  firstValue,
  hasField,
  hasNoTokens,
  identityHeader,
  maxHeaderLength,
  readOriginFields,
  readTokens
} from "@cognito-auth/core/Headers"
import type { HeaderFields } from "@cognito-auth/core/Request"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { scalarValue } from "../../../testing/src/arbitraries/scalarValue.ts"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf, tagOf } from "../outcome.ts"

const good = { [dataHeader]: "a.b.c", [accessTokenHeader]: "d.e.f", [identityHeader]: "sub" }
const names = [dataHeader, accessTokenHeader, identityHeader] as const

/** As a framework could hand it over, whatever its types say. */
const untyped = (fields: unknown) => fields as HeaderFields

describe("readTokens", () => {
  it("reads the three strings unchanged", () => {
    expect(successOf(readTokens(good))).toEqual({ data: "a.b.c", accessToken: "d.e.f", identity: "sub" })
    expect(successOf(readTokens({ ...good, [dataHeader]: " a.b.c== " })).data).toBe(" a.b.c== ")
  })

  it("does without the identity header, which is not always sent", () => {
    const { [identityHeader]: _, ...rest } = good
    expect(successOf(readTokens(rest))).toEqual({ data: "a.b.c", accessToken: "d.e.f", identity: undefined })
    expect(successOf(readTokens({ ...rest, [identityHeader]: undefined })).identity).toBeUndefined()
  })

  it("reads origins from values of any kind, and finds a field in anything, without a throw", () => {
    const fields = { Origin: 1, host: ["a", null, "b"], "sec-fetch-site": undefined, ":authority": {} }
    expect(readOriginFields(untyped(fields))).toEqual({
      origin: "(not a string)",
      host: "a, b",
      site: undefined,
      authority: "(not a string)"
    })
    const anyKeys = new Map<unknown, unknown>([
      [null, "x"],
      [undefined, "y"],
      [1, "z"],
      ["origin", "https://a.example"]
    ])
    expect(readOriginFields(untyped(anyKeys)).origin).toBe("https://a.example")
    for (const nothing of [undefined, null, 1, "upgrade"]) expect(hasField(untyped(nothing), "upgrade")).toBe(false)
    expect(hasField(untyped({ upgrade: "websocket" }), "upgrade")).toBe(true)
    expect(hasField(new Headers({ upgrade: "websocket" }), "upgrade")).toBe(true)
    expect(hasField(new Headers(), "upgrade")).toBe(false)
  })

  it("reads a Fetch Headers object and a Map", () => {
    expect(successOf(readTokens(new Headers(good)))).toEqual({ data: "a.b.c", accessToken: "d.e.f", identity: "sub" })
    expect(successOf(readTokens(untyped(new Map(Object.entries(good))))).data).toBe("a.b.c")
  })

  it("takes a header that is undefined in another spelling for one that was sent once", () => {
    expect(successOf(readTokens({ ...good, [dataHeader.toUpperCase()]: undefined })).data).toBe("a.b.c")
  })

  it("reads a list of one", () => {
    expect(successOf(readTokens({ ...good, [dataHeader]: ["a.b.c"] })).data).toBe("a.b.c")
  })

  it.each(names)("refuses %s when it is empty", (name) => {
    for (const empty of ["", [], [""], null]) {
      expect(failureOf(readTokens(untyped({ ...good, [name]: empty })))).toMatchObject({ _tag: "HeaderMissing", header: name })
    }
  })

  it.each([dataHeader, accessTokenHeader])("refuses a request without %s", (name) => {
    expect(failureOf(readTokens({ ...good, [name]: undefined }))).toMatchObject({ _tag: "HeaderMissing", header: name, check: "presence" })
  })

  it.each(names)("refuses %s when it was sent twice: as a list, joined by Node, or in two spellings", (name) => {
    const value = good[name] ?? ""
    const upper = name.toUpperCase()
    for (const fields of [
      { ...good, [name]: [value, value] },
      { ...good, [name]: `${value}, ${value}` },
      { ...good, [name]: `${value},${value}` },
      { ...good, [upper]: value },
      { ...good, [upper]: [], [name]: [value, value] },
      { ...good, [name]: "", [upper]: value }
    ]) {
      expect(failureOf(readTokens(fields))).toMatchObject({ _tag: "HeaderInvalid", header: name, expected: "sent once" })
    }
    const twice = new Headers(good)
    twice.append(name, value)
    expect(failureOf(readTokens(twice))).toMatchObject({ _tag: "HeaderInvalid", header: name })
  })

  it.each(names)("refuses %s when it is not a string", (name) => {
    for (const value of [1, true, {}, Buffer.from("a.b.c"), ["a.b.c"].map((text) => [text]), Symbol("a")]) {
      expect(failureOf(readTokens(untyped({ ...good, [name]: value })))).toMatchObject({
        _tag: "HeaderInvalid",
        header: name,
        expected: "a string"
      })
    }
  })

  it.each(names)("takes %s below 16 KiB and refuses it from there on", (name) => {
    expect(maxHeaderLength).toBe(16 * 1024)
    expect(tagOf(readTokens({ ...good, [name]: "a".repeat(maxHeaderLength - 1) }))).toBe("ok")
    for (const length of [maxHeaderLength, maxHeaderLength * 10]) {
      expect(failureOf(readTokens({ ...good, [name]: "a".repeat(length) }))).toMatchObject({
        _tag: "HeaderInvalid",
        header: name,
        expected: "under 16 KiB"
      })
    }
  })

  it("takes no header from a prototype", () => {
    expect(tagOf(readTokens(Object.create(good)))).toBe("HeaderMissing")
  })

  it("takes no header of a similar name", () => {
    for (const other of ["x_amzn_oidc_data", "x-amzn-oidc-datá", "x-amzn-oidc-data "]) {
      expect(failureOf(readTokens({ ...good, [dataHeader]: undefined, [other]: "a.b.c" }))).toMatchObject({ header: dataHeader })
    }
  })

  it.each(names)("takes nothing for %s but that name: not one of the same length", (name) => {
    const other = `${name.slice(0, -1)}_`
    expect(successOf(readTokens({ ...good, [other]: "x.y.z" }))).toEqual({ data: "a.b.c", accessToken: "d.e.f", identity: "sub" })
    expect(successOf(readTokens(new Headers({ ...good, [other]: "x.y.z" })))).toEqual(successOf(readTokens(good)))
  })

  it.each<[value: unknown, why: RegExp]>([
    [undefined, /is missing: .*load balancer/],
    [["a", "b"], /more than once/],
    ["a, b", /comma.*more than once/],
    [{}, /not a string/],
    ["a".repeat(maxHeaderLength), /16 KiB/]
  ])("says why it refuses %j, and what to look for", (value, why) => {
    const failure = failureOf(readTokens(untyped({ ...good, [dataHeader]: value })))
    expect(failure.message).toMatch(why)
    expect(failure.message).toMatch(/look for a proxy|Check that the rule authenticates/)
    expect(failure.expected).not.toBe("")
  })

  it.each([undefined, null, 1, "x-amzn-oidc-data: a.b.c", [], [[dataHeader, "a.b.c"]]])("finds no token in %j", (fields) => {
    expect(tagOf(readTokens(untyped(fields)))).toBe("HeaderMissing")
  })

  it("says what was expected, and never what was sent", () => {
    const secret = "SECRET"
    for (const name of names) {
      for (const value of [`${secret},${secret}`, [secret, secret], secret.repeat(5_000), { secret }]) {
        const failure = failureOf(readTokens(untyped({ ...good, [name]: value })))
        expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain(secret)
        expect(failure.message).toContain(name)
      }
    }
  })

  const spelling = (name: string) =>
    fc
      .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
      .map((upper) => [...name].map((letter, at) => (upper[at] === true ? letter.toUpperCase() : letter)).join(""))

  it("∀ spelling of the names in upper and lower case: the same three strings", () => {
    fc.assert(
      fc.property(fc.tuple(spelling(dataHeader), spelling(accessTokenHeader), spelling(identityHeader)), ([data, access, identity]) => {
        const fields = { [identity]: "sub", accept: "*/*", [access]: "d.e.f", [data]: "a.b.c" }
        expect(successOf(readTokens(fields))).toEqual({ data: "a.b.c", accessToken: "d.e.f", identity: "sub" })
      }),
      { numRuns: runs(1_000) }
    )
  })

  it("∀ header object: the strings or a typed error, never a throw", () => {
    const name = fc.oneof(fc.constantFrom(...names).chain(spelling), fc.constantFrom(...names), fc.string(), fc.constant("__proto__"))
    const value = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.string({ unit: scalarValue }),
      fc.array(fc.string()),
      fc.constant("a.b.c"),
      fc.nat(40_000).map((length) => "a".repeat(length))
    )
    const entries = fc.array(fc.tuple(name, value), { maxLength: 8 })
    const fields = fc.oneof(
      entries.map((list) => Object.fromEntries(list)),
      entries.map((list) => new Map(list)),
      fc.array(fc.tuple(fc.anything(), fc.anything())).map((list) => new Map(list)),
      fc.anything()
    )
    fc.assert(
      fc.property(fields, (any) => {
        const outcome = readTokens(untyped(any))
        expect(["ok", "HeaderMissing", "HeaderInvalid"]).toContain(tagOf(outcome))
        if (tagOf(outcome) === "ok") {
          const { data, accessToken } = successOf(outcome)
          for (const text of [data, accessToken ?? ""])
            expect(text.length > 0 && text.length < maxHeaderLength && !text.includes(",")).toBe(true)
        }
      }),
      { numRuns: runs(1_000) }
    )
  })
})

describe("hasNoTokens", () => {
  it("holds only where neither token header was sent at all", () => {
    expect(hasNoTokens({})).toBe(true)
    expect(hasNoTokens({ [identityHeader]: "sub", accept: "*/*" })).toBe(true)
    expect(hasNoTokens({ [dataHeader]: "" })).toBe(false)
    expect(hasNoTokens({ "X-Amzn-Oidc-AccessToken": [] })).toBe(false)
    expect(hasNoTokens(good)).toBe(false)
  })
})

describe("firstValue", () => {
  it("is the field's first value, in any case of its name", () => {
    expect(firstValue({ accept: "a" }, "accept")).toBe("a")
    expect(firstValue({ host: "b", Accept: "a" }, "accept")).toBe("a")
    expect(firstValue({ accept: ["a", "b"] }, "accept")).toBe("a")
    expect(firstValue(new Headers({ Accept: "a" }), "accept")).toBe("a")
  })

  it("is undefined where there is none, or none that is a string", () => {
    for (const fields of [
      {},
      { host: "a" },
      { undefined: "a" },
      { accept: undefined },
      { accept: [] },
      { accept: 1 },
      { accept: [1] },
      Object.create({ accept: "a" })
    ]) {
      expect(firstValue(untyped(fields), "accept")).toBeUndefined()
    }
    expect(firstValue(new Headers(), "accept")).toBeUndefined()
    for (const fields of [undefined, null, 1, "accept"]) expect(firstValue(untyped(fields), "accept")).toBeUndefined()
  })

  it("asks Fetch for no pseudo-header of HTTP/2, which it would throw at", () => {
    expect(firstValue(new Headers({ host: "a" }), ":authority")).toBeUndefined()
    expect(firstValue({ ":authority": "a" }, ":authority")).toBe("a")
  })
})
