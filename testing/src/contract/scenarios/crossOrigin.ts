/** What a page of another origin makes a browser send with the user's session. The host of every request is app.example. */
import assert from "node:assert/strict"
import { redirectUrl } from "../describeApp.ts"
import { expectAdmitted, expectDiscreet, expectPage, expectRefused, expectStatus, field } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import type { HeaderLines, RawRequest } from "../http/rawHttp.ts"
import type { Row, Stage } from "../Stage.ts"
import { refusedUpgrade, upgrade, webSocket } from "./webSocketClient.ts"

const requests = "requests"
const refused = "CrossOriginRefused"
const portal = "https://portal.example"

const own: HeaderLines = [["origin", "https://app.example"]]
const evil: HeaderLines = [["origin", "https://evil.example"]]
const site = (value: string): HeaderLines => [["sec-fetch-site", value]]

const fromElsewhere: ReadonlyArray<readonly [who: string, headers: HeaderLines]> = [
  ["another site", [...site("cross-site"), ...evil]],
  ["a sibling's sub-domain", [...site("same-site"), ["origin", "https://sibling.app.example"]]],
  ["another site, in a browser without Fetch Metadata,", evil],
  ["a sandboxed frame, in a browser without Fetch Metadata,", [["origin", "null"]]],
  ["a host that begins with the app's, in a browser without Fetch Metadata,", [["origin", "https://app.example.evil.example"]]]
]

const post = async ({ ask, signIn }: Stage, headers: HeaderLines, request: RawRequest = {}) =>
  ask({ method: "POST", target: "/me", body: "amount=1", ...request, headers: [...curl.headers, ...headers, ...(await signIn())] })

export const crossOrigin: ReadonlyArray<Row> = [
  ...fromElsewhere.map(
    ([who, headers]): Row => ({
      name: `what a page of ${who} sends by POST: 403 ${refused}`,
      part: requests,
      play: async (stage) => {
        const answer = await post(stage, headers)
        expectRefused(answer, 403, refused)
        expectDiscreet(answer, "evil", "sibling")
        for (const method of ["PUT", "DELETE"]) expectRefused(await post(stage, headers, { method }), 403, refused)
        assert.deepEqual(
          stage.refusals.map(({ error }) => error),
          [refused, refused, refused]
        )
      }
    })
  ),
  {
    name: "a cross-origin request is refused before its sign-in is looked at, and never redirected",
    part: requests,
    variant: { onFailure: "redirect", options: { redirectUrl } },
    play: async ({ ask, signIn }) => {
      const headers = [...pageLoad.headers.filter(([name]) => name !== "sec-fetch-site"), ...site("cross-site")]
      for (const sent of [headers, [...headers, ...(await signIn({ duplicate: ["data"] }))]]) {
        expectRefused(await ask({ method: "POST", target: "/no/such/path", headers: sent }), 403, refused)
      }
    }
  },
  {
    name: "what the app's own pages send by POST is admitted, and what no browser sends",
    part: requests,
    play: async (stage) => {
      for (const headers of [site("same-origin"), [...site("same-origin"), ...own], site("none"), own, []]) {
        expectAdmitted(await post(stage, headers))
      }
    }
  },
  {
    name: "a link of another site opens the app",
    part: requests,
    play: async ({ ask, signIn }) => {
      const headers = [...pageLoad.headers.filter(([name]) => name !== "sec-fetch-site"), ...site("cross-site"), ...(await signIn())]
      for (const method of ["GET", "HEAD"]) expectAdmitted(await ask({ method, target: "/me", headers }))
    }
  },
  {
    name: "a path of bypass may be sent anything by every page: it has no user",
    part: requests,
    play: async (stage) => expectAdmitted(await post(stage, [...site("cross-site"), ...evil], { target: "/health" }), "ok")
  },
  {
    name: "allowedOrigins and crossOrigin.allow let through what they name, exactly",
    part: requests,
    variant: { options: { allowedOrigins: [portal] }, crossOrigin: { allow: ["/users-only"] } },
    play: async (stage) => {
      expectAdmitted(await post(stage, [...site("cross-site"), ["origin", portal]]))
      for (const origin of ["https://portal.example.evil.example", "http://portal.example", "https://evil.example"]) {
        expectRefused(await post(stage, [...site("cross-site"), ["origin", origin]]), 403, refused)
      }
      // Let through, it has to be signed in and allowed, as ever.
      expectRefused(await post(stage, [...site("cross-site"), ...evil], { target: "/users-only" }), 403, "NotAuthorised")
      expectRefused(await post(stage, [...site("cross-site"), ...evil], { target: "/users-only/x" }), 403, refused)
      expectRefused(await stage.ask({ method: "POST", headers: [...site("cross-site"), ["origin", portal]] }), 401, "HeaderMissing")
    }
  },
  {
    name: "another site's link, image or form signs nobody out",
    part: requests,
    play: async ({ ask, signIn, refusals }) => {
      const target = "/sign-out"
      const page = [...pageLoad.headers.filter(([name]) => name !== "sec-fetch-site"), ...(await signIn())]
      const asked = await ask({ target, headers: [...page, ...site("cross-site")] })
      expectPage(asked, 403, refused)
      // From the page that is answered, it is the app's own.
      assert(asked.body.includes('<a href="">'), asked.body)
      const answer = await ask({ target, headers: [...page, ...site("same-origin")] })
      expectStatus(answer, 302)
      assert.equal(field(answer, "set-cookie").length, 4)
      expectRefused(await ask({ target, headers: [...curl.headers, ...site("same-site")] }), 403, refused)
      expectRefused(await ask({ target, method: "POST", headers: [...page, ...evil] }), 403, refused)
      assert.deepEqual(
        refusals.map(({ error }) => error),
        [refused, refused, refused]
      )
    }
  },
  {
    name: "a WebSocket that a page of another origin opens: 403 CrossOriginRefused, by its Origin or its Sec-Fetch-Site",
    part: "upgrades",
    play: async (stage) => {
      const user = await stage.signIn({ email: "ada@example.com" })
      for (const headers of [evil, [["origin", "null"]] as const, [...own, ...site("same-site")], [...evil, ...site("same-origin")]]) {
        expectRefused(await refusedUpgrade(stage, "/ws", [...headers, ...user]), 403, refused)
      }
      for (const headers of [own, [...own, ...site("same-origin")]]) {
        const { hears } = await webSocket(await upgrade(stage, "/ws", [...headers, ...user]))
        await hears("hello", "ada@example.com said hello")
      }
    }
  },
  {
    name: "a WebSocket that a page of an allowed origin opens is admitted",
    part: "upgrades",
    variant: { options: { allowedOrigins: [portal] } },
    play: async (stage) => {
      const headers: HeaderLines = [["origin", portal], ...site("cross-site"), ...(await stage.signIn({ email: "ada@example.com" }))]
      const { hears } = await webSocket(await upgrade(stage, "/ws", headers))
      await hears("hello", "ada@example.com said hello")
    }
  }
]
