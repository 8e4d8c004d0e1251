import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { accessForm, albForm, bearerForm, hasValidSignature, type JwsForm, readJws, readPayload } from "@cognito-auth/core/Jws"
import { fromKeyObject, type VerificationKey } from "@cognito-auth/core/Key"
import { describe, expect, it } from "vitest"
import { sharedRsaKey } from "../../../testing/test/sharedForge.ts"
import { JoseHeaderCache } from "../../src/token/JoseHeaderCache.ts"
import { failureOf, successOf, tagOf } from "../outcome.ts"

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" })
const rsa = await sharedRsaKey()
const ecKey = successOf(fromKeyObject("ec", "ES256", ec.publicKey))
const rsaKey = successOf(fromKeyObject("rsa", "RS256", rsa.publicKey))

const encode = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64url")
const pad = (segment: string) => segment.padEnd(Math.ceil(segment.length / 4) * 4, "=")

const signEs256 = (text: string, key: KeyObject = ec.privateKey) => sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" })
const signRs256 = (text: string) => sign("sha256", Buffer.from(text), rsa.privateKey)

/** An ES256 token of exactly these strings, with or without the ALB's padding. */
const es256 = (header: string | Uint8Array, payload: string | Uint8Array = "{}", spell: (segment: string) => string = encode) => {
  const signed = `${spell(encode(header))}.${spell(encode(payload))}`
  return `${signed}.${spell(encode(signEs256(signed)))}`
}
/** An RS256 token of exactly this header. */
const rs256 = (header: string, spell: (segment: string) => string = plain) => {
  const signed = `${spell(encode(header))}.${spell(encode('{"a":1}'))}`
  return `${signed}.${spell(encode(signRs256(signed)))}`
}
const plain = (segment: string) => segment
const es256Header = '{"alg":"ES256"}'
// Each segment of it is padded.
const padded = es256('{"alg": "ES256"}', '{"a":1}', pad)
const unpadded = es256(es256Header, '{"a":1}', plain)

const verdict = (token: string, form: JwsForm, key: VerificationKey) => {
  const jws = readJws(token, form)
  return tagOf(jws) === "ok" ? hasValidSignature(successOf(jws), key) : failureOf(jws)._tag
}

describe("the examples of RFC 7515", () => {
  // Both sign these bytes, line ends included (RFC 7515 A.1.1, A.2.1, A.3.1).
  const payload = encode('{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}')

  it("verifies A.2: RS256", () => {
    const token =
      `${encode('{"alg":"RS256"}')}.${payload}.` +
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4" +
      "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv" +
      "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    const key = createPublicKey({
      format: "jwk",
      key: {
        kty: "RSA",
        n:
          "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW" +
          "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k" +
          "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        e: "AQAB"
      }
    })
    expect(verdict(token, accessForm, successOf(fromKeyObject("a2", "RS256", key)))).toBe(true)
    expect(verdict(token.replace(".cC4", ".cC5"), accessForm, successOf(fromKeyObject("a2", "RS256", key)))).toBe(false)
  })

  it("verifies A.3: ES256, with an s above n/2", () => {
    const token = `${encode(es256Header)}.${payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`
    const key = createPublicKey({
      format: "jwk",
      key: { kty: "EC", crv: "P-256", x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }
    })
    expect(verdict(token, albForm, successOf(fromKeyObject("a3", "ES256", key)))).toBe(true)
    expect(verdict(token.replace(".DtE", ".DtF"), albForm, successOf(fromKeyObject("a3", "ES256", key)))).toBe(false)
  })
})

describe("the form of a token", () => {
  it("is read with the ALB's padding and without it", () => {
    expect(padded).toMatch(/=\..+=\..+=$/)
    expect(verdict(padded, albForm, ecKey)).toBe(true)
    expect(verdict(unpadded, albForm, ecKey)).toBe(true)
  })

  it.each([
    ["a user's", accessForm],
    ["a service's", bearerForm]
  ])("has no padding in Cognito's token: %s", (_, form) => {
    const token = rs256('{"alg":"RS256"}')
    expect(verdict(token, form, rsaKey)).toBe(true)
    expect(failureOf(readJws(pad(token), form))).toMatchObject({ _tag: "TokenMalformed", expected: "canonical base64url" })
    const signedPadded = rs256('{"alg":"RS256"}', pad)
    expect(signedPadded).toContain("=.")
    expect(verdict(signedPadded, form, rsaKey)).toBe("TokenMalformed")
  })

  const [header = "", body = "", signature = ""] = padded.split(".")
  it.each([
    ["nothing", ""],
    ["one segment", header],
    // All of it but the last character is a JOSE header, and all of it is base64url.
    ["one segment that could be each of the three", `${encode('{"alg":"ES256" }')}A`],
    ["two segments", `${header}.${body}`],
    ["four segments", `${padded}.${signature}`],
    ["a dot before", `.${padded}`],
    ["a dot after", `${padded}.`],
    ["an empty header", `.${body}.${signature}`],
    ["an empty payload", `${header}..${signature}`],
    ["an empty signature", `${header}.${body}.`],
    ["a header of padding alone", `==.${body}.${signature}`],
    ["a space before", ` ${padded}`],
    ["a space after", `${padded} `],
    ["a line feed after", `${padded}\n`],
    ["a line feed within", `${header}.${body}\n.${signature}`],
    ["the alphabet of base64", `${header}.${encode(Buffer.from([0xff, 0xef])).replaceAll("_", "/")}.${signature}`],
    ["a letter that is no base64url", `${header}.${body}.${signature.replace(/^./, "ä")}`],
    ["padding in front", `=${padded}`],
    ["padding within a segment", `${header}.${body.slice(0, 2)}=${body.slice(2)}.${signature}`],
    ["three characters of padding", `${header}.${body}.${signature}=`],
    ["four characters of padding, where none is needed", `${header}.${body}.${"A".repeat(84)}====`],
    ["JSON", JSON.stringify({ protected: header, payload: body, signature })]
  ])("is not %s", (_, token) => {
    const failure = failureOf(readJws(token, albForm))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", expected: "three base64url segments" })
    expect(failure.message).toContain("it is not three base64url segments")
  })

  // "QQ" and "QR" decode to the same byte: with both encodings accepted, there are two tokens for one signature.
  it.each([
    ["one character over a multiple of four", `${"A".repeat(85)}`],
    ["unused bits after one byte", `${"A".repeat(84)}QR`],
    ["unused bits after two bytes", `${"A".repeat(84)}QUF`],
    ["too little padding", `${"A".repeat(84)}QQ=`],
    ["too much padding after two bytes", `${"A".repeat(84)}QUE==`],
    ["padding where none is needed", `${"A".repeat(84)}==`],
    ["padding after one character over", `${"A".repeat(85)}==`]
  ])("has no other spelling: %s", (_, other) => {
    for (const token of [`${header}.${body}.${other}`, `${header}.${other}.${signature}`, `${other}.${body}.${signature}`]) {
      const failure = failureOf(readJws(token, albForm))
      expect(failure).toMatchObject({ _tag: "TokenMalformed", check: "form", expected: "canonical base64url" })
      expect(failure.message).toContain("a segment is not canonical base64url")
    }
  })

  it("takes every last character whose unused bits are zero, and no other", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for (const start of ["A", "AA"]) {
      for (const last of alphabet) {
        const isCanonical = encode(Buffer.from(start + last, "base64url")) === start + last
        expect(tagOf(readJws(`${header}.${start}${last}.${signature}`, albForm))).toBe(isCanonical ? "ok" : "TokenMalformed")
      }
    }
  })
})

describe("the JOSE header", () => {
  it.each([
    ["no JSON", "alg:ES256", "not JSON"],
    ["a list", '["alg","ES256"]', "not a JSON object"],
    ["null", "null", "not a JSON object"],
    ["a string", '"ES256"', "not a JSON object"],
    ["a number", "1", "not a JSON object"],
    ["nothing", " ", "not JSON"],
    ["not UTF-8", Buffer.from([...Buffer.from('{"alg":"ES256","kid":"'), 0xff, ...Buffer.from('"}')]), "not UTF-8"],
    ["a byte order mark before an object", Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from(es256Header)]), "not JSON"],
    ["an object and more", `${es256Header}{}`, "not JSON"]
  ])("is not %s", (_, header, what) => {
    const failure = failureOf(readJws(es256(header, "{}", pad), albForm))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", check: "JOSE header", expected: "a JSON object" })
    expect(failure.message).toContain(`The token in x-amzn-oidc-data is malformed: its JOSE header is ${what}. `)
  })

  it.each([
    ["twice", '{"alg":"ES256","alg":"ES256"}'],
    ["twice, once escaped", '{"alg":"ES256","\\u0061lg":"ES256"}'],
    ["twice in an object within", '{"alg":"ES256","a":{"b":1,"b":1}}'],
    ["twice in a list within", '{"alg":"ES256","a":[[{"b":1,"b":2}]]}'],
    ["twice after a quotation mark in a string", '{"alg":"ES256","a":"\\":","b":1,"b":2}'],
    // RFC 8259 §2: any of the four may stand before a colon.
    ...[" ", "\t", "\n", "\r"].map((space) => [
      `twice, with ${JSON.stringify(space)} before its colon`,
      `{"alg":"ES256","b":1,"b"${space}:2}`
    ])
  ])("has no name %s", (_, header) => {
    expect(failureOf(readJws(es256(header, "{}", pad), albForm)).message).toContain("a duplicate name")
  })

  it("is not read again if it is cached", () => {
    const cache = new JoseHeaderCache()
    const jws = successOf(readJws(padded, albForm, cache))
    expect(successOf(readJws(padded, albForm, cache)).header).not.toBe(jws.header)
    cache.addOf(jws)
    expect(successOf(readJws(padded, albForm, cache)).header).toBe(jws.header)
  })

  it("may contain brackets, colons and quotation marks in its strings, and the same name in two objects", () => {
    const header = { alg: "ES256", 'a":"': '{[:]}\\"\\\\', b: { alg: 1, b: [{ alg: 2 }, { alg: 3 }] }, c: "\\" }
    expect(successOf(readJws(es256(JSON.stringify(header), "{}", pad), albForm)).header).toEqual({ ...header })
  })

  it("is nested 64 deep at most, however much of it fits into a header", () => {
    const nested = (depth: number, open: string, close: string) =>
      `{"alg":"ES256","a":${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)}}`
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"]
    ] as const) {
      expect(tagOf(readJws(es256(nested(63, open, close), "{}", pad), albForm))).toBe("ok")
      for (const depth of [64, 2_400]) {
        expect(failureOf(readJws(es256(nested(depth, open, close), "{}", pad), albForm)).message).toContain("nested too deeply")
      }
    }
    expect(tagOf(readJws(es256(`{"alg":"ES256","a":[${"[],".repeat(100)}[]]}`, "{}", pad), albForm))).toBe("ok")
  })

  it("has no prototype, and neither has what it holds", () => {
    const { header } = successOf(readJws(es256('{"alg":"ES256","__proto__":{"crit":1},"a":{"b":[{}]}}', "{}", pad), albForm))
    expect(Object.getPrototypeOf(header)).toBeNull()
    expect(header["toString"]).toBeUndefined()
    expect(Object.hasOwn(header, "__proto__")).toBe(true)
    expect(Object.getPrototypeOf(header["a"])).toBeNull()
    expect(Object.getPrototypeOf((header["a"] as { b: [object] }).b[0])).toBeNull()
  })

  it.each([
    ["RS256", '{"alg":"RS256"}'],
    ["HS256", '{"alg":"HS256"}'],
    ["none", '{"alg":"none"}'],
    ["another case", '{"alg":"es256"}'],
    ["a list", '{"alg":["ES256"]}'],
    ["nothing", "{}"],
    ["null", '{"alg":null}'],
    ["a prototype's", '{"__proto__":{"alg":"ES256"}}']
  ])("has exactly ES256 for alg in the ALB's token, not %s", (_, header) => {
    const failure = failureOf(readJws(es256(header, "{}", pad), albForm))
    expect(failure).toMatchObject({ _tag: "AlgorithmRefused", header: "x-amzn-oidc-data", check: "alg", expected: "ES256" })
    expect(failure.message).toMatch(/^The token in x-amzn-oidc-data was refused: .* alg ES256, and neither crit nor b64/)
  })

  it.each(["ES256", "HS256", "PS256", "RS384", "none", "rs256"])("has exactly RS256 for alg in Cognito's token, not %s", (alg) => {
    const token = `${encode(JSON.stringify({ alg }))}.e30.AA`
    for (const form of [accessForm, bearerForm]) {
      const { header } = form
      const failure = failureOf(readJws(token, form))
      expect(failure).toMatchObject({ _tag: "AlgorithmRefused", header, check: "alg", expected: "RS256" })
      expect(failure.message).toMatch(new RegExp(`^The token in ${header} was refused: .* alg RS256, and neither crit nor b64`))
    }
  })

  it.each([
    ["crit", '{"alg":"ES256","crit":["exp"],"exp":1}'],
    ["crit", '{"alg":"ES256","crit":null}'],
    ["b64", '{"alg":"ES256","b64":true}'],
    ["b64", '{"alg":"ES256","b64":false}']
  ])("has no %s", (check, header) => {
    expect(failureOf(readJws(es256(header, "{}", pad), albForm))).toMatchObject({
      _tag: "AlgorithmRefused",
      check,
      expected: `no ${check}`
    })
  })
})

describe("the payload", () => {
  const payloadOf = (payload: string | Uint8Array) => readPayload(successOf(readJws(es256(es256Header, payload, pad), albForm)))

  it("is a JSON object, without a prototype", () => {
    const claims = successOf(payloadOf('{"sub":"ünï"}'))
    expect(claims).toEqual({ sub: "ünï" })
    expect(Object.getPrototypeOf(claims)).toBeNull()
  })

  it("may contain U+FFFD, which a decoder also puts in place of invalid bytes", () => {
    expect(successOf(payloadOf('{"name":"\ufffd"}'))).toEqual({ name: "\ufffd" })
  })

  it("is decoded again if the token is cached without its bytes", () => {
    // Lengths with each number of characters over a multiple of four, and of padding.
    for (const sub of ["a", "ab", "abc"]) {
      for (const spell of [pad, plain]) {
        const jws = successOf(readJws(es256(es256Header, JSON.stringify({ sub }), spell), albForm))
        expect(successOf(readPayload({ ...jws, payload: undefined }))).toEqual({ sub })
        expect(hasValidSignature({ ...jws, signature: undefined }, ecKey)).toBe(true)
      }
    }
  })

  it.each([
    ["no JSON", "sub", "not JSON"],
    ["a list", "[]", "not a JSON object"],
    ["a list of objects", "[{}]", "not a JSON object"],
    ["null", "null", "not a JSON object"],
    ["cut short", '{"sub":"a"', "not JSON"],
    ["not UTF-8", Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), "not UTF-8"],
    ["a name twice", '{"sub":"a","sub":"b"}', "an object has a duplicate name"]
  ])("is not %s", (_, payload, what) => {
    const failure = failureOf(payloadOf(payload))
    expect(failure).toMatchObject({ _tag: "TokenMalformed", header: "x-amzn-oidc-data", check: "payload", expected: "a JSON object" })
    expect(failure.message).toContain(`its payload is ${what}`)
  })
})

describe("the signature", () => {
  it("covers the token as received: without the signed padding, it does not match", () => {
    const [header = "", payload = "", signature = ""] = padded.split(".")
    expect(verdict(padded.replaceAll("=", ""), albForm, ecKey)).toBe(false)
    expect(verdict(`${header.replaceAll("=", "")}.${payload}.${signature}`, albForm, ecKey)).toBe(false)
    expect(verdict(`${header}.${payload.replaceAll("=", "")}.${signature}`, albForm, ecKey)).toBe(false)
    // The signature itself is not signed.
    expect(verdict(`${header}.${payload}.${signature.replaceAll("=", "")}`, albForm, ecKey)).toBe(true)
  })

  it("is of the key, and of the key's algorithm", () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" })
    expect(verdict(padded, albForm, successOf(fromKeyObject("other", "ES256", other.publicKey)))).toBe(false)
    expect(verdict(padded, albForm, rsaKey)).toBe(false)
    const signed = `${encode('{"alg":"RS256"}')}.e30`
    const token = `${signed}.${encode(signRs256(signed))}`
    expect(verdict(token, accessForm, rsaKey)).toBe(true)
    expect(verdict(token, accessForm, ecKey)).toBe(false)
    // A key that is bound to the other algorithm does not verify, even where its type would do.
    const jws = successOf(readJws(token, accessForm))
    expect(hasValidSignature({ ...jws, form: { ...jws.form, algorithm: "ES256" } }, rsaKey)).toBe(false)
  })

  const replaceSignature = (change: (signature: Buffer) => Uint8Array) => {
    const [header = "", payload = "", signature = ""] = padded.split(".")
    return `${header}.${payload}.${pad(encode(change(Buffer.from(signature, "base64url"))))}`
  }

  it.each<[string, (signature: Buffer) => Uint8Array]>([
    ["a byte short", (signature) => signature.subarray(1)],
    ["a byte long", (signature) => Buffer.concat([signature, Buffer.from([0])])],
    ["zero", () => Buffer.alloc(64)],
    ["of nothing but ones", () => Buffer.alloc(64, 0xff)],
    ["one byte", () => Buffer.from([0])],
    ["as long as RSA's", () => Buffer.alloc(256, 1)]
  ])("is not %s", (_, change) => {
    expect(
      verdict(
        replaceSignature((signature) => signature),
        albForm,
        ecKey
      )
    ).toBe(true)
    expect(verdict(replaceSignature(change), albForm, ecKey)).toBe(false)
  })

  it("is not in DER, which is another spelling of the same two numbers", () => {
    const [header = "", payload = ""] = padded.split(".")
    // Signing is randomised: one of them is of the length of a plain signature.
    for (let round = 0; round < 50; round++) {
      const der = sign("sha256", Buffer.from(`${header}.${payload}`), ec.privateKey)
      expect(
        verdict(
          replaceSignature(() => der),
          albForm,
          ecKey
        )
      ).toBe(false)
    }
  })

  it("may be the twin with n - s: ES256 knows no low s, and the ALB does not keep to it", () => {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const twin = replaceSignature((signature) => {
      const s = BigInt(`0x${signature.subarray(32).toString("hex")}`)
      return Buffer.from(signature.subarray(0, 32).toString("hex") + (n - s).toString(16).padStart(64, "0"), "hex")
    })
    expect(twin).not.toBe(padded)
    expect(verdict(twin, albForm, ecKey)).toBe(true)
  })

  it("says nothing of the token when it is refused", () => {
    for (const token of [
      `${padded}.SECRETSECRET`,
      es256('{"alg":"SECRET"}', "{}", pad),
      es256('{"alg":"ES256","SECRET":1,"SECRET":2}', "{}", pad)
    ]) {
      const failure = failureOf(readJws(token, albForm))
      expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain("SECRET")
    }
  })
})
