import { randomUUID } from "node:crypto"
import type { ForgedTokens } from "@cognito-auth/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { recordCrashes } from "../../../testing/test/record.ts"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, exchange, type HeaderLines, type RawAnswer, toBytes, toLines } from "./rawHttp.ts"

const forge = await sharedForge()
const sub = randomUUID()
const tokens = await forge.tokens({ sub, email: "ada@example.com" })
const evil = await (await unrelatedForge()).tokens({ sub, email: "evil@example.com" })

const data = "x-amzn-oidc-data"
const accessToken = "x-amzn-oidc-accesstoken"
const identity = "x-amzn-oidc-identity"
const limit = 16_384

const linesOf = ({ data: dataToken, accessToken: access }: ForgedTokens): HeaderLines => [
  [data, dataToken],
  [accessToken, access],
  [identity, sub]
]
const genuine = linesOf(tokens)
const without = (name: string) => genuine.filter(([each]) => each !== name)

const problemOf = ({ status, body }: RawAnswer) => {
  const { error, header } = JSON.parse(body) as { error?: unknown; header?: unknown }
  return { status, error, header }
}

describe("a header that stands twice in a request", () => {
  const pairs: ReadonlyArray<readonly [what: string, first: string, second: string]> = [
    ["the same token", tokens.data, tokens.data],
    ["a forged one behind the genuine", tokens.data, evil.data],
    ["the genuine behind a forged one", evil.data, tokens.data],
    ["an empty one behind the genuine", tokens.data, ""],
    ["the genuine behind an empty one", "", tokens.data],
    ["two empty ones", "", ""]
  ]
  it.each(pairs)("is refused: %s", async (_what, first, second) => {
    const app = await startApp(forge)
    for (const names of [
      [data, data],
      ["X-Amzn-Oidc-Data", data],
      [data, "X-AMZN-OIDC-DATA"]
    ] as const) {
      const headers: HeaderLines = [[names[0], first], ...without(data), [names[1], second]]
      expect(problemOf(await ask(app.port, { headers }))).toEqual({ status: 401, error: "HeaderInvalid", header: data })
    }
    expect(app.served).toEqual([])
  })

  it("is refused whichever of the three it is", async () => {
    const app = await startApp(forge)
    for (const [name, value] of genuine) {
      const answer = await ask(app.port, { headers: [...genuine, [name.toUpperCase(), value]] })
      expect(problemOf(answer)).toEqual({ status: 401, error: "HeaderInvalid", header: name })
    }
  })

  it("is refused where a proxy has joined the two with a comma", async () => {
    const app = await startApp(forge)
    for (const comma of [",", ", ", " , "]) {
      const headers: HeaderLines = [...without(data), [data, `${tokens.data}${comma}${evil.data}`]]
      expect(problemOf(await ask(app.port, { headers }))).toEqual({ status: 401, error: "HeaderInvalid", header: data })
    }
  })
})

describe("a header's name", () => {
  it("counts in any case", async () => {
    const app = await startApp(forge)
    for (const change of [
      (name: string) => name.toUpperCase(),
      (name: string) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
    ]) {
      const answer = await ask(app.port, { headers: genuine.map(([name, value]) => [change(name), value]) })
      expect([answer.status, answer.body]).toEqual([200, "user ada@example.com"])
    }
  })

  it("with underscores is another header: it signs nobody in, and puts nobody in another's place", async () => {
    const app = await startApp(forge)
    const underscored = linesOf(evil).map(([name, value]) => [name.replaceAll("-", "_"), value] as const)
    const own = genuine.map(([name, value]) => [name.replaceAll("-", "_"), value] as const)
    expect(problemOf(await ask(app.port, { headers: own }))).toEqual({ status: 401, error: "HeaderMissing", header: data })
    for (const headers of [
      [...underscored, ...genuine],
      [...genuine, ...underscored]
    ]) {
      expect((await ask(app.port, { headers })).body).toBe("user ada@example.com")
    }
  })

  it.each([
    ["a space behind it", "x-amzn-oidc-data "],
    ["a tab behind it", "x-amzn-oidc-data\t"],
    ["a zero byte in it", "x-amzn-oidc-data\0"],
    ["a byte past ASCII in it", "x-amzn-oidc-dat\u00e1"],
    ["a space before it", " x-amzn-oidc-data"]
  ])("is no name with %s", async (_what, name) => {
    const app = await startApp(forge)
    const answer = await ask(app.port, { headers: [...without(data), [name, tokens.data]] })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(app.served).toEqual([])
  })

  it.each(["authorization", "cookie", "x-amzn-oidc-data-2", "x-amzn-oidc", "__proto__", "constructor"])(
    "is not taken for another: tokens in %s sign nobody in",
    async (name) => {
      const app = await startApp(forge)
      const headers: HeaderLines = [
        [name, `Bearer ${tokens.data}`],
        [name, tokens.data],
        [accessToken, tokens.accessToken]
      ]
      expect(problemOf(await ask(app.port, { headers }))).toEqual({ status: 401, error: "HeaderMissing", header: data })
    }
  )

  it("does not count in a trailer", async () => {
    const app = await startApp(forge)
    const trailers = genuine.map(([name, value]) => `${name}: ${value}\r\n`).join("")
    const answer = await ask(app.port, {
      method: "POST",
      headers: [
        ["transfer-encoding", "chunked"],
        ["trailer", genuine.map(([name]) => name).join(", ")]
      ],
      body: `2\r\nhi\r\n0\r\n${trailers}\r\n`
    })
    expect(problemOf(answer)).toEqual({ status: 401, error: "HeaderMissing", header: data })
  })

  it("does not count in the query", async () => {
    const app = await startApp(forge)
    const target = `/?${genuine.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`
    expect((await ask(app.port, { target })).status).toBe(401)
  })
})

describe("a header's value", () => {
  /** Tokens about the user whose one token is as long as can be without being longer than this. */
  const ofLength = async (which: "alb" | "access", length: number): Promise<ForgedTokens> => {
    const make = (padding: number) => forge.tokens({ sub, [which]: { claims: { padding: "x".repeat(padding) } } })
    const lengthOf = (each: ForgedTokens) => (which === "alb" ? each.data : each.accessToken).length
    let padding = Math.floor(((length - lengthOf(await make(0))) * 3) / 4) - 8
    while (lengthOf(await make(padding + 1)) <= length) padding++
    return make(padding)
  }

  it.each([
    ["alb", data, "data"],
    ["access", accessToken, "accessToken"]
  ] as const)("is admitted just under 16 KiB, and refused from there on: %s", async (which, header, field) => {
    const app = await startApp(forge)
    const under = await ofLength(which, limit - 1)
    const over = await ofLength(which, limit + 8)
    expect(under[field].length).toBeGreaterThan(limit - 5)
    expect((await ask(app.port, { headers: linesOf(under) })).status).toBe(200)
    expect(over[field].length).toBeGreaterThanOrEqual(limit)
    expect(problemOf(await ask(app.port, { headers: linesOf(over) }))).toEqual({ status: 401, error: "HeaderInvalid", header })
  })

  it.each([data, accessToken, identity])("is refused at exactly 16 KiB, whatever it holds: %s", async (header) => {
    const app = await startApp(forge)
    const headers: HeaderLines = [...without(header), [header, "x".repeat(limit)]]
    expect(problemOf(await ask(app.port, { headers }))).toEqual({ status: 401, error: "HeaderInvalid", header })
    const shorter: HeaderLines = [...without(header), [header, "x".repeat(limit - 1)]]
    expect(problemOf(await ask(app.port, { headers: shorter })).error).not.toBe("HeaderInvalid")
  })

  it("is refused at a hundred kilobytes without a delay", async () => {
    const app = await startApp(forge)
    for (const filling of ["A", ".", "=", "{", "A.".repeat(2), "a.b.c."]) {
      const headers: HeaderLines = [...without(data), [data, filling.repeat(100_000 / filling.length)]]
      expect(problemOf(await ask(app.port, { headers })).error).toBe("HeaderInvalid")
    }
  })

  it("is what stands between spaces and tabs (RFC 9110 §5.5)", async () => {
    const app = await startApp(forge)
    expect((await ask(app.port, { headers: genuine.map(([name, value]) => [name, ` \t ${value}\t `]) })).status).toBe(200)
  })

  it.each([
    ["a byte past ASCII", `${tokens.data}\u00ff`],
    ["a tab in the middle", tokens.data.replace(".", "\t.")],
    ["a space in the middle", tokens.data.replace(".", " .")],
    ["UTF-8 in the middle", tokens.data.replace(".", "\u00c3\u00a9.")],
    ["nothing but bytes past ASCII", "\u0080\u0081\u00fe\u00ff"],
    ["two dots alone", ".."],
    ["a quoted token", `"${tokens.data}"`],
    ["a scheme before it", `Bearer ${tokens.data}`],
    ["base64 where base64url belongs", `${tokens.data.slice(0, 10)}+/${tokens.data.slice(12)}`],
    ["one more segment", `${tokens.data}.AAAA`],
    ["percent-encoding", encodeURIComponent(tokens.data)]
  ])("is refused as malformed with %s", async (_what, value) => {
    const app = await startApp(forge)
    for (const header of [data, accessToken]) {
      const text = header === data ? value : value.replaceAll(tokens.data, tokens.accessToken)
      const answer = await ask(app.port, { headers: [...without(header), [header, text]] })
      expect(problemOf(answer)).toEqual({ status: 401, error: "TokenMalformed", header })
    }
  })

  it("is refused in each other's place", async () => {
    const app = await startApp(forge)
    const headers: HeaderLines = [
      [data, tokens.accessToken],
      [accessToken, tokens.data]
    ]
    expect((await ask(app.port, { headers })).status).toBe(401)
    expect(
      (
        await ask(app.port, {
          headers: [
            [data, tokens.data],
            [accessToken, tokens.data]
          ]
        })
      ).status
    ).toBe(401)
    expect(
      (
        await ask(app.port, {
          headers: [
            [data, tokens.accessToken],
            [accessToken, tokens.accessToken]
          ]
        })
      ).status
    ).toBe(401)
  })
})

describe("whatever is sent", () => {
  const name = fc.constantFrom(data, accessToken, identity, "X-Amzn-Oidc-Data", "x_amzn_oidc_data", "accept", "sec-fetch-mode", "__proto__")
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  const value = fc.oneof(
    fc.constantFrom("", tokens.data, tokens.accessToken, evil.data, evil.accessToken, sub, "a.b.c", "..", "e30.e30.e30", "=".repeat(100)),
    fc.string({ unit: byte, maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(tokens.data, tokens.accessToken), fc.nat(2000), byte)
      .map(([token, at, char]) => token.slice(0, at) + char + token.slice(at + 1))
  )

  it("∀ header lines of any bytes: one HTTP answer, of 200 for the genuine sign-in alone, and no crash", { timeout: 30_000 }, async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge)
    await app.auth.ready()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 6 }), async (headers) => {
        const before = app.served.length
        const [answer, ...more] = await exchange(app.port, toBytes({ headers: [...headers, ["connection", "close"]] }))
        expect(more).toEqual([])
        const isGenuine = answer?.status === 200
        expect([200, 302, 400, 401]).toContain(answer?.status)
        expect(app.served.length).toBe(isGenuine ? before + 1 : before)
        if (isGenuine) expect(answer.body).toBe("user ada@example.com")
      }),
      { numRuns: runs(200) }
    )
    expect(crashes).toEqual([])
    expect((await ask(app.port, { headers: toLines(await forge.headers()) })).status).toBe(200)
  })
})
