/** Signing out: the cookie's shards and Cognito's logout, and nowhere else. */
import assert from "node:assert/strict"
import { cognitoDomain, logoutUri, sharedCookie } from "../describeApp.ts"
import { expectStatus, field } from "../expectations.ts"
import { curl, pageLoad, scriptFetch } from "../http/clients.ts"
import type { HeaderLines, RawAnswer } from "../http/rawHttp.ts"
import { cutOff, type Row } from "../Stage.ts"

const requests = "requests"
const target = "/sign-out"

const expectSignedOut = (answer: RawAnswer, status: 302 | 303, clientId: string, cookieName: string, shards: number): void => {
  expectStatus(answer, status)
  assert.equal(answer.body, "")
  assert.deepEqual(field(answer, "cache-control"), ["no-store"])
  const [location = "", ...others] = field(answer, "location")
  assert.deepEqual(others, [])
  const url = new URL(location)
  assert.equal(url.origin + url.pathname, `${cognitoDomain}/logout`)
  assert.deepEqual(
    [...url.searchParams],
    [
      ["client_id", clientId],
      ["logout_uri", logoutUri]
    ]
  )
  const cookies = field(answer, "set-cookie").map((line) => line.split(/; */))
  assert.deepEqual(
    cookies.map(([pair]) => pair),
    Array.from({ length: shards }, (_, shard) => `${cookieName}-${shard}=`)
  )
  for (const [, ...attributes] of cookies) {
    // A cookie is replaced by one of the same name, domain and path (RFC 6265 §5.3): the ALB sets it for "/" of this host.
    const names = attributes.map((attribute) => attribute.toLowerCase())
    for (const each of ["max-age=0", "path=/", "secure", "httponly"]) assert(names.includes(each), `${each} in ${attributes.join("; ")}`)
    assert(!names.some((name) => name.startsWith("domain=")), attributes.join("; "))
  }
}

const expectPlainSignOut = (answer: RawAnswer, status: 302 | 303, clientId: string): void =>
  expectSignedOut(answer, status, clientId, "AWSELBAuthSessionCookie", 4)

const elsewhere = "https://evil.example"

const hostile: ReadonlyArray<readonly [what: string, query: string, headers: HeaderLines]> = [
  ["a query", `?logout_uri=${elsewhere}&redirect_uri=${elsewhere}&client_id=evil&returnTo=//evil.example`, []],
  ["line breaks in a query", "?logout_uri=x%0d%0aLocation:%20https://evil.example%0d%0aSet-Cookie:%20a=b", []],
  [
    "headers",
    "",
    [
      ["x-forwarded-host", "evil.example"],
      ["x-forwarded-proto", "http"],
      ["x-forwarded-uri", "//evil.example/"],
      ["x-original-url", elsewhere],
      ["forwarded", "host=evil.example;proto=http"],
      ["origin", elsewhere],
      ["referer", `${elsewhere}/`]
    ]
  ]
]

export const signOut: ReadonlyArray<Row> = [
  {
    name: "signing out expires every shard of the cookie and goes to Cognito's logout",
    part: requests,
    play: async ({ ask, forge, signIn }) => {
      const headers = [...pageLoad.headers, ...(await signIn())]
      expectPlainSignOut(await ask({ target, headers }), 302, forge.clientId)
      expectPlainSignOut(await ask({ target, headers, method: "HEAD" }), 302, forge.clientId)
      expectPlainSignOut(await ask({ target, headers: scriptFetch.headers }), 302, forge.clientId)
    }
  },
  {
    name: "signing out by POST goes on with a GET",
    part: requests,
    play: async ({ ask, forge, signIn }) => {
      const headers: HeaderLines = [...pageLoad.headers, ...(await signIn()), ["content-type", "application/x-www-form-urlencoded"]]
      expectPlainSignOut(await ask({ target, headers, method: "POST", body: "logout_uri=https%3A%2F%2Fevil.example" }), 303, forge.clientId)
    }
  },
  {
    name: "signing out needs no user, and no keys",
    part: requests,
    before: cutOff,
    play: async ({ ask, forge, signIn, refusals }) => {
      expectPlainSignOut(await ask({ target, headers: pageLoad.headers }), 302, forge.clientId)
      const expired = await signIn({ access: { claims: { exp: 1 } } })
      expectPlainSignOut(await ask({ target, headers: expired }), 302, forge.clientId)
      assert.deepEqual(refusals, [])
    }
  },
  {
    name: "signing out by any other method does nothing",
    part: requests,
    play: async ({ ask, signIn }) => {
      for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
        const answer = await ask({ target, method, headers: [...curl.headers, ...(await signIn())] })
        expectStatus(answer, 405)
        assert.deepEqual(field(answer, "allow"), ["GET, HEAD, POST"])
        assert.deepEqual(field(answer, "set-cookie"), [])
        assert.deepEqual(field(answer, "location"), [])
      }
    }
  },
  {
    name: "signing out of a cookie of another name, with other shards, and of another client",
    part: requests,
    play: async ({ ask }) => {
      const answer = await ask({ target: "/sign-out-shared", headers: pageLoad.headers })
      expectSignedOut(answer, 302, "shared-client", sharedCookie.cookieName, sharedCookie.cookieShards)
    }
  },
  ...hostile.map(
    ([what, query, headers]): Row => ({
      name: `signing out cannot be sent elsewhere by ${what}`,
      part: requests,
      play: async ({ ask, forge }) => {
        for (const method of ["GET", "POST"] as const) {
          const answer = await ask({ target: `${target}${query}`, method, headers: [...pageLoad.headers, ...headers] })
          expectPlainSignOut(answer, method === "GET" ? 302 : 303, forge.clientId)
        }
      }
    })
  )
]
