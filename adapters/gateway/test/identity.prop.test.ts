import { once } from "node:events"
import { request } from "node:http"
import fc from "fast-check"
import { createLocalJWKSet, jwtVerify } from "jose"
import { expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startGateway } from "./startGateway.ts"

const forge = await sharedForge()
const names = [
  "x-forwarded-user",
  "x-forwarded-email",
  "x-forwarded-groups",
  "x-forwarded-preferred-username",
  "x-forwarded-access-token",
  "x-cognito-auth-assertion",
  "x-amzn-oidc-data",
  "x-amzn-oidc-accesstoken",
  "x-amzn-oidc-identity",
  "x-amzn-oidc-anything",
  "remote-user",
  "x-remote-user",
  "x-auth-request-email",
  "x-webauth-user",
  "x-authenticated-user",
  "x-forwarded-name",
  "x-forwarded-roles",
  "x-forwarded-client-cert",
  "x-forwarded-uri",
  "x-forwarded-path",
  "x-forwarded-prefix",
  "x-forwarded-scheme",
  "x-original-uri",
  "x-original-url",
  "x-rewrite-url",
  "x-real-ip",
  "true-client-ip",
  "x-http-method-override",
  "script-name",
  "path-info"
]

/** A name as a sloppy upstream may read it: in any case, with anything that is no letter for a hyphen. */
const spelling = fc
  .tuple(fc.constantFrom(...names), fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.constantFrom("-", "_", ".", "~", "!")))
  .map(([name, upper, separator]) =>
    [...name].map((each) => (each === "-" ? separator.next().value : upper.next().value ? each.toUpperCase() : each)).join("")
  )
  // These are the headers themselves: two of them make the request invalid, which core's contract tests.
  .filter((name) => !/^x-amzn-oidc-(data|accesstoken|identity)$/i.test(name))

const ask = async (port: number, headers: Readonly<Record<string, string>>): Promise<number> => {
  const [answer] = await once(request({ port, host: "127.0.0.1", headers }).end(), "response")
  answer.resume()
  return answer.statusCode
}

it("∀ spelling of an identity header: what a client says under it does not arrive, signed in or on a bypassed path", async () => {
  const { port, upstream } = await startGateway(forge, { bypass: ["/"] })
  const other = await startGateway(forge)
  const signedIn = await forge.headers()
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(spelling, { minLength: 1, maxLength: 8, selector: (name) => name.toLowerCase() }),
      async (spellings) => {
        const forged = Object.fromEntries(spellings.map((name) => [name, "forged"]))
        expect(await ask(port, forged)).toBe(200)
        expect(await ask(other.port, { ...forged, ...signedIn })).toBe(200)
        expect(upstream.seen.at(-1)?.lines.filter(([, value]) => value === "forged")).toEqual([])
        expect(other.upstream.seen.at(-1)?.lines.filter(([, value]) => value === "forged")).toEqual([])
      }
    ),
    { numRuns: runs(60) }
  )
})

it("∀ user: the headers and the assertion say who it is, and a list's parts are the groups", async () => {
  const { port, url, upstream } = await startGateway(forge)
  const keys = createLocalJWKSet(
    (await (await fetch(`${url}/.well-known/cognito-auth/jwks.json`)).json()) as Parameters<typeof createLocalJWKSet>[0]
  )
  const group = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(fc.uuid(), fc.array(group, { maxLength: 8 }), async (sub, groups) => {
      expect(await ask(port, await forge.headers({ sub, groups }))).toBe(200)
      const { headers } = upstream.seen.at(-1) ?? {}
      expect(headers?.["x-forwarded-user"]).toBe(sub)
      const list = headers?.["x-forwarded-groups"]
      expect(typeof list === "string" ? list.split(",").map(decodeURIComponent) : []).toEqual(groups)
      const { payload } = await jwtVerify(String(headers?.["x-cognito-auth-assertion"]), keys, { issuer: "cognito-auth" })
      expect(payload).toMatchObject({ sub, groups })
    }),
    { numRuns: runs(40) }
  )
})
