import { generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { accessForm, albForm, hasValidSignature, type JwsForm, readJws, readPayload } from "@cognito-auth/core/Jws"
import { type Algorithm, fromKeyObject } from "@cognito-auth/core/Key"
import * as Result from "effect/Result"
import fc from "fast-check"
import { compactVerify } from "jose"
import { describe, expect, it } from "vitest"
import { scalarValue } from "../../../testing/src/arbitraries/scalarValue.ts"
import { runs } from "../../../testing/test/runs.ts"
import { sharedRsaKey } from "../../../testing/test/sharedForge.ts"
import { successOf, tagOf } from "../outcome.ts"

const keys = {
  ec: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  otherEc: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  rsa: await sharedRsaKey(0),
  otherRsa: await sharedRsaKey(1)
}
const pairOf = { ES256: [keys.ec, keys.otherEc], RS256: [keys.rsa, keys.otherRsa] } as const
const formOf: Record<Algorithm, JwsForm> = { ES256: albForm, RS256: accessForm }

const signText = (algorithm: Algorithm, text: string, key: KeyObject) =>
  algorithm === "ES256" ? sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }) : sign("sha256", Buffer.from(text), key)

const encode = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64url")
const algorithm = fc.constantFrom<Algorithm>("ES256", "RS256")

/** Members of a JOSE header. `b64` is left to the examples: jose knows it, and here it is refused. */
const members = fc.dictionary(
  fc.string().filter((name) => name !== "b64"),
  fc.jsonValue({ maxDepth: 3 }),
  { maxKeys: 4 }
)
const header = fc.record({
  members,
  alg: fc.oneof(
    { weight: 6, arbitrary: fc.constant("right") },
    { weight: 1, arbitrary: fc.constantFrom("ES256", "RS256", "PS256", "HS256", "none", "es256", "") },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) }
  ),
  crit: fc.oneof(
    { weight: 7, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(["kid"])) }
  )
})

/** What happens to the bytes of one of the three segments after signing. They are spelt properly again. */
const change = fc.record({
  segment: fc.nat(2),
  at: fc.nat(10_000),
  byte: fc.integer({ min: 1, max: 255 }),
  how: fc.constantFrom<"flip" | "drop" | "insert" | "cut">("flip", "drop", "insert", "cut")
})

const apply = (token: string, { segment, at, byte, how }: { segment: number; at: number; byte: number; how: string }): string => {
  const segments = token.split(".").map((text) => Buffer.from(text, "base64url"))
  const bytes = [...(segments[segment] ?? [])]
  const place = at % Math.max(bytes.length, 1)
  if (how === "flip") bytes[place] = (bytes[place] ?? 0) ^ byte
  else if (how === "drop") bytes.splice(place, 1)
  else if (how === "insert") bytes.splice(place, 0, byte)
  else bytes.length = place
  segments[segment] = Buffer.from(bytes)
  return segments.map(encode).join(".")
}

describe("beside jose", () => {
  it("∀ token, ours is the verdict of jose.compactVerify with the same algorithm list", async () => {
    const seen = { valid: 0, invalid: 0 }
    await fc.assert(
      fc.asyncProperty(
        algorithm,
        header,
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.constantFrom(0, 0, 0, 1),
        fc.constantFrom(0, 0, 0, 1),
        fc.option(change, { freq: 2, nil: undefined }),
        async (signedWith, { members, alg, crit }, payload, signer, verifier, change) => {
          const form = formOf[signedWith]
          const joseHeader = JSON.stringify({ ...members, alg: alg === "right" ? signedWith : alg, crit })
          const signed = `${encode(joseHeader)}.${encode(payload)}`
          const token = `${signed}.${encode(signText(signedWith, signed, pairOf[signedWith][signer === 0 ? 0 : 1].privateKey))}`
          const sent = change === undefined ? token : apply(token, change)
          // A payload of no bytes is a JWS to jose, and no token here: an empty segment.
          fc.pre(!sent.includes(".."))
          const { publicKey } = pairOf[signedWith][verifier === 0 ? 0 : 1]

          const jws = readJws(sent, form)
          const ours = Result.isSuccess(jws) && hasValidSignature(jws.success, successOf(fromKeyObject("kid", signedWith, publicKey)))
          const theirs = await compactVerify(sent, publicKey, { algorithms: [form.algorithm] }).then(
            () => true,
            () => false
          )
          expect(ours).toBe(theirs)
          seen[ours ? "valid" : "invalid"]++
        }
      ),
      { numRuns: runs(400) }
    )
    // The property would hold of two verifiers that refuse everything.
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(runs(400) / 20)
  })
})

describe("readJws and readPayload", () => {
  const character = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.") },
    { weight: 1, arbitrary: scalarValue }
  )

  it("∀ text: a token or a typed error, never a throw", () => {
    const tokenLike = fc
      .tuple(fc.json(), fc.json(), fc.uint8Array({ minLength: 1 }))
      .map(([first, second, third]) => `${encode(first)}.${encode(second)}.${encode(third)}`)
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: scalarValue }),
      fc.array(character, { maxLength: 100 }).map((all) => all.join("")),
      tokenLike
    )
    fc.assert(
      fc.property(text, algorithm, (any, alg) => {
        const jws = readJws(any, formOf[alg])
        expect(["ok", "TokenMalformed", "AlgorithmRefused"]).toContain(tagOf(jws))
        if (Result.isSuccess(jws)) expect(["ok", "TokenMalformed"]).toContain(tagOf(readPayload(jws.success)))
      }),
      { numRuns: runs(1_000) }
    )
  })

  it("∀ change of characters: accepted is what the grammar has, spelt in the one way that its bytes have", () => {
    const grammar = /^[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}$/
    const isOnlySpelling = (segment: string, padding: boolean) => {
      const bytes = Buffer.from(segment, "base64url")
      const unpadded = bytes.toString("base64url")
      return segment === unpadded || (padding && segment === unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, "="))
    }
    const stray = fc.oneof(
      fc.constantFrom(..."+/= .,\t\n\0-_AQgw"),
      // Their lowest byte is a character of base64url, or any.
      fc.constantFrom("\u0141", "\u6141", "\uff2d", "é"),
      scalarValue
    )
    const changes = fc.array(fc.record({ at: fc.nat(200), put: fc.option(stray, { nil: "" }), over: fc.boolean() }), { maxLength: 2 })
    const seen = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(
        algorithm,
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.uint8Array({ minLength: 1, maxLength: 70 }),
        changes,
        (alg, payload, signature, changes) => {
          const header = encode(JSON.stringify({ alg }))
          let rest = `.${encode(payload)}.${encode(signature)}`
          for (const { at, put, over } of changes)
            rest = rest.slice(0, at % (rest.length + 1)) + put + rest.slice((at % (rest.length + 1)) + (over ? 1 : 0))
          const text = header + rest
          // Changed within the header, it may be no JSON: that is another test's.
          fc.pre(text.split(".")[0] === header)
          const { padding } = formOf[alg]
          const expected = grammar.test(text) && text.split(".").every((segment) => isOnlySpelling(segment, padding))
          expect(tagOf(readJws(text, formOf[alg]))).toBe(expected ? "ok" : "TokenMalformed")
          seen[expected ? "accepted" : "refused"]++
        }
      ),
      { numRuns: runs(1_000) }
    )
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(runs(1_000) / 10)
  })

  it("∀ bytes, ∀ number of = after each segment: accepted with the padding that base64 has for them, or without any", () => {
    const tail = fc.oneof(fc.constant("canonical" as const), fc.nat({ max: 12 }), fc.constantFrom(2_000, 2_002))
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 70 })
    const seen = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(algorithm, fc.nat({ max: 2 }), bytes, bytes, fc.tuple(tail, tail, tail), (alg, spaces, payload, signature, tails) => {
        const form = formOf[alg]
        // White space makes headers of every length.
        const contents = [Buffer.from(`${" ".repeat(spaces)}{"alg":"${alg}"}`), payload, signature]
        const segments = contents.map((content, at) => {
          const unpadded = encode(content)
          // RFC 4648 §4: base64 has the same padding.
          const canonical = (Buffer.from(content).toString("base64").match(/=*$/) ?? [""])[0]
          const tail = tails[at] ?? 0
          const padding = tail === "canonical" ? canonical : "=".repeat(tail)
          return { text: unpadded + padding, isCanonical: padding === "" || (form.padding && padding === canonical) }
        })
        const expected = segments.every(({ isCanonical }) => isCanonical)
        expect(tagOf(readJws(segments.map(({ text }) => text).join("."), form))).toBe(expected ? "ok" : "TokenMalformed")
        seen[expected ? "accepted" : "refused"]++
      }),
      { numRuns: runs(1_000) }
    )
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(runs(1_000) / 200)
  })

  it("∀ nesting that fits into a header: a token or a typed error, never a throw", () => {
    const closing: Readonly<Record<string, string>> = { '{"a":': "}", "[": "]", '[{"a":': "}]", '{"a":[1,': "]}" }
    const open = fc.constantFrom(...Object.keys(closing))
    const close = (opened: ReadonlyArray<string>) =>
      [...opened]
        .reverse()
        .map((text) => closing[text])
        .join("")
    fc.assert(
      fc.property(fc.array(open, { maxLength: 4, minLength: 1 }), fc.nat(3_000), (unit, times) => {
        const opened = Array.from({ length: Math.min(times * unit.length, 6_000) }, (_, at) => unit[at % unit.length] ?? "")
        const header = `{"alg":"ES256","a":${opened.join("")}1${close(opened)}}`
        expect(["ok", "TokenMalformed"]).toContain(tagOf(readJws(`${encode(header)}.e30.AA`, albForm)))
      }),
      { numRuns: runs(200) }
    )
  })

  it("∀ claims: what is read is what was written", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (claims) => {
        const written = JSON.stringify(claims)
        const jws = readJws(`${encode('{"alg":"ES256"}')}.${encode(written)}.AA`, albForm)
        expect(JSON.stringify(successOf(readPayload(successOf(jws))))).toBe(written)
      }),
      { numRuns: runs(1_000) }
    )
  })

  it("∀ claims, with a duplicate name: refused", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }),
        fc.nat(),
        fc.jsonValue(),
        (claims, pick, value) => {
          const names = Object.keys(claims)
          const name = names[pick % names.length] ?? ""
          const twice = `${JSON.stringify(claims).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`
          const jws = readJws(`${encode('{"alg":"ES256"}')}.${encode(twice)}.AA`, albForm)
          expect(tagOf(readPayload(successOf(jws)))).toBe("TokenMalformed")
        }
      ),
      { numRuns: runs(1_000) }
    )
  })
})
