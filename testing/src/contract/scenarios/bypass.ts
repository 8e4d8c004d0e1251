/** Paths that need no sign-in, and the spellings that are none of them. */
import assert from "node:assert/strict"
import { expectAdmitted, expectNothingOfTheApp, expectPage, expectRefused } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import type { HeaderLines, RawRequest } from "../http/rawHttp.ts"
import { cutOff, type Row } from "../Stage.ts"

const requests = "requests"

const bypassed: ReadonlyArray<readonly [what: string, request: RawRequest]> = [
  ["as it is spelt", { target: "/health" }],
  ["with a slash at the end", { target: "/health/" }],
  ["with a query", { target: "/health?from=/admin&x=%2f..%2fadmin" }],
  ["by HEAD", { target: "/health", method: "HEAD" }],
  ["by POST", { target: "/health", method: "POST", body: "ping" }],
  ["by OPTIONS", { target: "/health", method: "OPTIONS" }],
  ["by a page load", { target: "/health", headers: pageLoad.headers }]
]

/** Each is another path than `/health`, whatever a router behind the guard makes of it. */
const evasions: ReadonlyArray<string> = [
  "//health",
  "///health",
  "/health//",
  "//app.example/health",
  "/./health",
  "/health/.",
  "/health/../admin",
  "/health/../health",
  "/health/%2e%2e/admin",
  "/health%2f..%2fadmin",
  "/health%5c..%5cadmin",
  "/%68ealth",
  "/health%20",
  "/health%00",
  "/health%3f/../admin",
  "/health%23",
  "/HEALTH",
  "/Health",
  "/health;x=1",
  "/health;/../admin",
  "/healthz",
  "/health/admin",
  "/health.json",
  "/health&x=1",
  "/admin?/health",
  "/admin?x=/health",
  "/admin?/../health",
  "http://app.example/health",
  "http://app.example//health"
]

/** Some servers reject these as malformed, with 400 before any guard runs; others pass them to their router. */
const oddities: ReadonlyArray<string> = [
  "/%",
  "/%zz",
  "/%c0%af",
  "/health%",
  "/\u00ff",
  "/health\\",
  "/health\\..\\admin",
  "/\\health",
  "HTTP://elsewhere.example/health?x",
  "app.example/health"
]

/** Headers that a proxy may add; an app that believed them would check one path and serve another. */
const rewrites: ReadonlyArray<string> = [
  "X-Forwarded-Uri",
  "X-Forwarded-Path",
  "X-Forwarded-Prefix",
  "X-Original-URL",
  "X-Original-URI",
  "X-Rewrite-URL",
  "X-Envoy-Original-Path",
  "X-Auth-Request-Redirect"
]

export const bypass: ReadonlyArray<Row> = [
  ...bypassed.map(
    ([what, request]): Row => ({
      name: `a path of bypass, ${what}, needs no sign-in`,
      part: requests,
      play: async ({ ask }) => expectAdmitted(await ask(request), request.method === "HEAD" ? "" : "ok")
    })
  ),
  {
    name: "a path of bypass is not asked who its user is: bad tokens, and keys that are down, are nothing to it",
    part: requests,
    before: cutOff,
    play: async ({ ask, signIn, keys, refusals }) => {
      const forged = await signIn({ alb: { afterSigning: (token) => `${token}x` } })
      for (const headers of [forged, await signIn(), await signIn({ duplicate: ["data"] })]) {
        expectAdmitted(await ask({ target: "/health", headers }), "ok")
      }
      assert.equal(keys.requests.count("alb"), 0, "requests for the load balancer's keys")
      assert.deepEqual(refusals, [])
    }
  },
  {
    name: "a path of bypass has no user, not even one who has signed in",
    part: requests,
    play: async ({ ask, signIn }) => {
      expectAdmitted(await ask({ target: "/public" }), "Hello nobody")
      expectAdmitted(await ask({ target: "/public", headers: await signIn() }), "Hello nobody")
    }
  },
  ...evasions.map(
    (target): Row => ({
      name: `bypass is not evaded by ${target}`,
      part: requests,
      play: async ({ ask, signIn }) => {
        // The app's router would have answered: it does, for a user who may see anything.
        expectAdmitted(await ask({ target, headers: await signIn({ groups: ["admins"] }) }))
        expectRefused(await ask({ target, headers: curl.headers }), 401, "HeaderMissing")
        expectPage(await ask({ target, headers: pageLoad.headers }), 401, "HeaderMissing")
      }
    })
  ),
  ...rewrites.map(
    (name): Row => ({
      name: `bypass is not evaded by the header ${name}`,
      part: requests,
      play: async ({ ask }) => {
        const headers: HeaderLines = [[name, "/health"], ...curl.headers]
        for (const target of ["/admin", "/", "/no/such/path"]) expectRefused(await ask({ target, headers }), 401, "HeaderMissing")
      }
    })
  ),
  ...oddities.map(
    (target): Row => ({
      name: `bypass is not evaded by ${JSON.stringify(target)}, which a server may refuse by itself`,
      part: requests,
      play: async ({ ask, signIn }) => {
        const answer = await ask({ target, headers: curl.headers })
        if (answer.status !== 400) expectRefused(answer, 401, "HeaderMissing")
        expectNothingOfTheApp(answer)
        expectAdmitted(await ask({ headers: await signIn() }))
      }
    })
  )
]
