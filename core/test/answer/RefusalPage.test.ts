import { createHash } from "node:crypto"
import { type AuthErrorTag, type AuthRequest, CognitoAuth, httpMeaning, type Options, Policy, type Refusal } from "@cognito-auth/core"
import { builtInPage, htmlPage, makeRefusalPage, type Page, toRefusal, type WriteRefusalPage } from "@cognito-auth/core/RefusalPage"
import { makeRoute } from "@cognito-auth/core/Route"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const tags = Object.keys(httpMeaning) as ReadonlyArray<AuthErrorTag>
const refusalOf = (tag: AuthErrorTag): Refusal => toRefusal({ _tag: tag }, httpMeaning[tag])
const pageOf = (tag: AuthErrorTag): Page => builtInPage(refusalOf(tag))
const styleOf = ({ body }: Page): string => /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? ""

/** The policy's directives by their name. */
const policyOf = ({ headers }: Page): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (headers["content-security-policy"] ?? "").split("; ").map((directive) => {
      const [name = "", ...values] = directive.split(" ")
      return [name, values.join(" ")]
    })
  )

describe("the built-in page", () => {
  it.each(tags)("for %s has a language, a title, a heading, and a way to be read on a small screen", (tag) => {
    const { body, headers } = pageOf(tag)
    expect(body).toMatch(/^<!doctype html>\n<html lang="en">\n/)
    expect(body).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
    expect(headers["content-type"]).toBe("text/html; charset=utf-8")
    const [, title] = /<title>(.+)<\/title>/.exec(body) ?? []
    expect(body.match(/<h1>(.+)<\/h1>/g)).toEqual([`<h1>${title}</h1>`])
    expect(body).toContain("the people who run this app")
    expect(body).toContain(`${httpMeaning[tag].status} ${tag}`)
  })

  it("for what a link of another site was refused asks first, and says that nothing has been done", () => {
    expect(pageOf("CrossOriginRefused").body).toContain("<h1>Do you want to continue?</h1>")
    expect(pageOf("CrossOriginRefused").body).toContain("Nothing has been done yet")
    expect(refusalOf("CrossOriginRefused")).toMatchObject({ status: 403, mayReload: true })
  })

  it("needs nothing else: no resource, no script, no form, and no link but to itself", () => {
    for (const tag of tags) {
      expect([...pageOf(tag).body.matchAll(/<\/?([a-z1-9]+)/g)].map(([, name]) => name)).not.toContain("script")
      expect(pageOf(tag).body).not.toMatch(/https?:|src=|<link|<form|<img|<iframe|@import|url\(| on[a-z]+=| style=/i)
      for (const [, href] of pageOf(tag).body.matchAll(/href="([^"]*)"/g)) expect(href).toBe("")
    }
  })

  it("is sent with a policy that allows its own style and nothing else", () => {
    const page = pageOf("HeaderMissing")
    const hash = createHash("sha256").update(styleOf(page)).digest("base64")
    expect(policyOf(page)).toEqual({
      "default-src": "'none'",
      "style-src": `'sha256-${hash}'`,
      "form-action": "'none'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'"
    })
    expect(page.headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer"
    })
  })

  it("can be read in light and dark: every colour has a contrast of 7:1 or more (WCAG 2.2, 1.4.6)", () => {
    const style = styleOf(pageOf("HeaderMissing"))
    expect(style).toContain("color-scheme:light dark")
    const [light = "", dark = ""] = style.split("@media (prefers-color-scheme:dark)")
    for (const scheme of [light, dark]) {
      const [, background = ""] = /background:(#[0-9a-f]+)/.exec(scheme) ?? []
      const colours = [...scheme.matchAll(/[{;]color:(#[0-9a-f]+)/g)].map(([, colour = ""]) => colour)
      expect(colours).toHaveLength(2)
      for (const colour of colours) expect(contrast(colour, background), `${colour} on ${background}`).toBeGreaterThanOrEqual(7)
    }
  })

  it("can be read at 400 %: all sizes are relative to the font size", () => {
    expect(styleOf(pageOf("HeaderMissing"))).not.toMatch(/\d(?:px|vw|pt)|[^-]width:|nowrap|overflow:hidden/)
  })

  it("offers a reload only if it can help: not for a 403, and not if the settings are wrong", () => {
    const offers = (tag: AuthErrorTag) => /<a href="">(.+)<\/a>/.exec(pageOf(tag).body)?.[1]
    for (const tag of ["HeaderMissing", "TokenExpired", "TokenNotYetValid", "KeyUnknown", "SignatureInvalid"] as const) {
      expect(offers(tag)).toBe("Sign in again")
    }
    for (const tag of ["KeySourceUnavailable", "PolicyUnavailable"] as const) expect(offers(tag)).toBe("Try again")
    expect(offers("CrossOriginRefused")).toBe("Continue")
    for (const tag of ["NotAuthorised", "SignerRefused", "ClientRefused", "IssuerRefused"] as const) expect(offers(tag)).toBeUndefined()
  })
})

describe("what the built-in page says", () => {
  it.each<[tag: AuthErrorTag, says: ReadonlyArray<RegExp>]>([
    ["PolicyUnavailable", [/<h1>Your access cannot be checked/, /not been signed out/]],
    ["KeySourceUnavailable", [/<h1>Your sign-in cannot be checked/, /not been signed out/]],
    ["NotAuthorised", [/<h1>You do not have access/, /sign out and sign in again/]],
    ["TargetInvalid", [/<h1>The address is not valid/, /must be encoded/]],
    ["TargetTooLong", [/<h1>The address is too long/, /must be encoded/]],
    ["TokenExpired", [/<h1>Your sign-in has expired/, /Reload this page/]],
    ["HeaderMissing", [/<h1>You are not signed in/, /Reload this page/]],
    ["SignerRefused", [/<h1>You are not signed in/, /Signing in again does not help/]]
  ])("of %s is what happened and what to do", (tag, says) => {
    for (const words of says) expect(pageOf(tag).body).toMatch(words)
  })
})

/** WCAG 2.2, "contrast ratio". */
const contrast = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}
const luminance = (colour: string): number => {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, "$&$&") : colour
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe("htmlPage", () => {
  it("is a heading, its paragraphs and a link to itself, if there is one, and nothing else", () => {
    const main = (reload?: string) => /<main>([\s\S]*)<\/main>/.exec(htmlPage({ title: "a", paragraphs: ["b", "c"], reload }).body)?.[1]
    expect(main()).toBe("\n<h1>a</h1>\n<p>b</p>\n<p>c</p>\n")
    expect(main("d")).toBe('\n<h1>a</h1>\n<p>b</p>\n<p>c</p>\n<p><a href="">d</a></p>\n')
  })

  it("∀ string: it is shown unchanged, and never as markup", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[<>&"'a/]{0,12}$/), fc.constantFrom("</style><script>alert(1)</script>", "&lt;"))
    const readBack = (html: string) =>
      html.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'" })[name] ?? "&")
    const elements = (html: string) => html.match(/<[^>]*>/g)
    const expected = elements(htmlPage({ title: "a", paragraphs: ["b"], reload: "c" }).body)
    fc.assert(
      fc.property(text, text, text, (title, paragraph, reload) => {
        const { body } = htmlPage({ title, paragraphs: [paragraph], reload })
        expect(elements(body)).toEqual(expected)
        expect(readBack(/<h1>([\s\S]*)<\/h1>/.exec(body)?.[1] ?? "")).toBe(title)
        expect(readBack(/<p>([\s\S]*?)<\/p>/.exec(body)?.[1] ?? "")).toBe(paragraph)
        expect(readBack(/<a href="">([\s\S]*)<\/a>/.exec(body)?.[1] ?? "")).toBe(reload)
      }),
      { numRuns: runs(500) }
    )
  })
})

describe("the app's own page", () => {
  const make = (write: WriteRefusalPage) => {
    const warnings: Array<string> = []
    return { warnings, page: makeRefusalPage(write, (message) => warnings.push(message)) }
  }
  const write = (returned: unknown) => make(() => returned as string)

  it("is what the function returns, as HTML that may have styles and images of the app's own, and no script", () => {
    const { page, warnings } = write("<h1>Nein — ü</h1>")
    const sent = page(refusalOf("NotAuthorised"))
    expect(sent.body).toBe("<h1>Nein — ü</h1>")
    expect(sent.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
    expect(policyOf(sent)).toEqual({
      "default-src": "'none'",
      "style-src": "'self' 'unsafe-inline'",
      "img-src": "'self' data:",
      "font-src": "'self'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'"
    })
    expect(warnings).toEqual([])
  })

  it("is the built-in one where there is none, which is no reason for a warning", () => {
    const warnings: Array<string> = []
    expect(makeRefusalPage(undefined, (message) => warnings.push(message))(refusalOf("NotAuthorised"))).toEqual(pageOf("NotAuthorised"))
    expect(warnings).toEqual([])
  })

  it("that throws at length has the first 200 characters of it in the log", () => {
    const { page, warnings } = make(() => raise(new Error("x".repeat(201))))
    page(refusalOf("NotAuthorised"))
    expect(warnings[0]).toMatch(/threw Error: "x{200}"\./)
  })

  it("is told what is safe to show", () => {
    const told: Array<Refusal> = []
    const { page } = make((refusal) => {
      told.push(refusal)
      return ""
    })
    page(toRefusal({ _tag: "KeySourceUnavailable", retryAfterSeconds: 7 }, httpMeaning.KeySourceUnavailable))
    page(refusalOf("NotAuthorised"))
    expect(told).toEqual([
      {
        status: 503,
        title: "Sign-in cannot be checked at the moment",
        error: "KeySourceUnavailable",
        mayReload: true,
        retryAfterSeconds: 7
      },
      { status: 403, title: "Signed in, but not allowed", error: "NotAuthorised", mayReload: false, retryAfterSeconds: undefined }
    ])
  })

  it.each<[string, WriteRefusalPage, string]>([
    ["throws an error", () => raise(new TypeError("no\ntemplate")), 'threw TypeError: "no\\ntemplate"'],
    ["throws something else", () => raise("text"), "threw."],
    ["returns nothing", () => undefined as unknown as string, "did not return a string"],
    ["returns bytes", () => Buffer.from("<h1>") as unknown as string, "did not return a string"],
    ["is async, and rejects", (async () => raise(new Error("late"))) as unknown as WriteRefusalPage, "did not return a string"]
  ])("that %s is the built-in one, which the log says once", async (_what, fails, why) => {
    const { page, warnings } = make(fails)
    for (const tag of tags) expect(page(refusalOf(tag))).toEqual(pageOf(tag))
    expect(warnings).toEqual([expect.stringContaining(why)])
  })
})

const raise = (thrown: unknown): never => {
  throw thrown
}

describe("the option refusalPage", async () => {
  const forge = await sharedForge()
  const options: Options = {
    ...forge.settings().options,
    keySource: forge.keySource(),
    policy: Policy.fromLists({ allowedGroups: ["staff"] })
  }
  const request = { method: "GET", target: "/x?<script>", headers: { "sec-fetch-mode": "navigate" } }

  it("is used for every refusal of a page load, with the refusal's status and header fields", async () => {
    const auth = CognitoAuth.make({ ...options, refusalPage: ({ status, error }) => `${status} ${error}` })
    expect(await Effect.runPromise(auth.decide(request, makeRoute()))).toMatchObject({
      status: 401,
      body: "401 HeaderMissing",
      headers: { "www-authenticate": 'Bearer error="invalid_token"' }
    })
    const signedIn = { ...request, headers: { ...request.headers, ...(await forge.headers()) } }
    expect(await Effect.runPromise(auth.decide(signedIn, makeRoute()))).toMatchObject({ status: 403, body: "403 NotAuthorised" })
  })

  it("that fails is logged once, by the app's own logger", async () => {
    const lines: Array<string> = []
    const logger = Logger.layer([Logger.make(({ message, logLevel }) => void lines.push(`${logLevel} ${[message].flat().join(" ")}`))])
    const layer = CognitoAuth.layer({ ...options, refusalPage: () => raise(new Error("no template")) }).pipe(Layer.provideMerge(logger))
    const program = Effect.gen(function* () {
      const auth = yield* CognitoAuth
      for (let i = 0; i < 3; i++) expect(yield* auth.decide(request, makeRoute())).toMatchObject({ status: 401 })
    })
    await Effect.runPromise(program.pipe(Effect.provide(layer)))
    expect(lines).toEqual([
      expect.stringMatching(/^Warn cognito-auth: the option refusalPage threw Error: "no template"\. The built-in page/)
    ])
  })

  it("∀ request: nothing of it is in the built-in page", async () => {
    const auth = CognitoAuth.make(options)
    const bodyOf = async (each: AuthRequest) => {
      const decision = await Effect.runPromise(auth.decide(each, makeRoute()))
      return "body" in decision ? decision.body : undefined
    }
    const body = await bodyOf(request)
    expect(body).toContain("<h1>")
    const field = fc.string({ minLength: 1 })
    // What is no target at all has a page of its own.
    const target = fc.stringMatching(/^\/[!"$-~]*$/)
    await fc.assert(
      fc.asyncProperty(target, field, field, async (target, host, cookie) => {
        const headers = { ...request.headers, host, cookie, referer: cookie }
        expect(await bodyOf({ ...request, target, headers })).toBe(body)
      }),
      { numRuns: runs(200) }
    )
  })
})
