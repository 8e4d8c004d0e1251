/** Page, redirect or problem document: who gets which. */
import assert from "node:assert/strict"
import { Policy } from "@cognito-auth/core"
import { redirectUrl } from "../describeApp.ts"
import { expectAdmitted, expectPage, expectPageHead, expectRedirected, expectRefused, expectRefusedHead } from "../expectations.ts"
import { type Client, curl, otherClients, pageLoad, pageLoads, scriptFetch } from "../http/clients.ts"
import type { Row, Stage } from "../Stage.ts"

const requests = "requests"
const brokenPage = (): never => {
  throw new Error("a page of the contract's that always throws")
}
const noAdmin = { groups: ["staff"] }

const load = ({ ask }: Stage, { method, headers }: Client, target = "/") => ask({ method, target, headers })

export const negotiation: ReadonlyArray<Row> = [
  ...pageLoads.map(
    (client): Row => ({
      name: `${client.name} without sign-in gets a page with 401`,
      part: requests,
      play: async (stage) => {
        const answer = await load(stage, client, "/admin?tab=2")
        if (client.method !== "HEAD") return expectPage(answer, 401, "HeaderMissing")
        expectPageHead(answer, 401)
        assert.equal(answer.body, "")
      }
    })
  ),
  ...pageLoads.map(
    (client): Row => ({
      name: `${client.name} without sign-in is redirected where there is a redirectUrl`,
      part: requests,
      variant: { options: { redirectUrl } },
      play: async (stage) => expectRedirected(await load(stage, client, "/admin?tab=2"))
    })
  ),
  ...otherClients.map(
    (client): Row => ({
      name: `${client.name} without sign-in gets 401`,
      part: requests,
      play: async (stage) => expectRefused(await load(stage, client), 401, "HeaderMissing")
    })
  ),
  {
    name: "a HEAD by curl without sign-in gets 401, and no body",
    part: requests,
    play: async (stage) => expectRefusedHead(await load(stage, { ...curl, method: "HEAD" }), 401)
  },
  {
    name: "a page load by a user who is not allowed gets a page with 403, a script's request a problem",
    part: requests,
    play: async ({ ask, signIn }) => {
      const user = await signIn(noAdmin)
      expectPage(await ask({ target: "/admin", headers: [...pageLoad.headers, ...user] }), 403, "NotAuthorised")
      expectRefused(await ask({ target: "/admin", headers: [...scriptFetch.headers, ...user] }), 403, "NotAuthorised")
    }
  },
  {
    name: "a page load by a user who is not allowed is redirected where there is a redirectUrl, a script's request gets 403",
    part: requests,
    variant: { options: { redirectUrl } },
    play: async ({ ask, signIn }) => {
      const user = await signIn(noAdmin)
      expectRedirected(await ask({ target: "/admin", headers: [...pageLoad.headers, ...user] }))
      expectRefused(await ask({ target: "/admin", headers: [...scriptFetch.headers, ...user] }), 403, "NotAuthorised")
    }
  },
  {
    name: "the app's own page is sent as it is written, with the status",
    part: requests,
    variant: { options: { refusalPage: ({ status, error }) => `<h1>Wélcome — 日本 🙂</h1> ${status} ${error}` } },
    play: async (stage) => {
      const answer = await load(stage, pageLoad)
      expectPageHead(answer, 401, "style-src 'self' 'unsafe-inline'")
      assert.equal(answer.body, "<h1>Wélcome — 日本 🙂</h1> 401 HeaderMissing")
      const head = await load(stage, { ...pageLoad, method: "HEAD" })
      expectPageHead(head, 401, "style-src 'self' 'unsafe-inline'")
      assert.equal(head.body, "")
      expectRefused(await load(stage, curl), 401, "HeaderMissing")
    }
  },
  {
    name: "an app's own page that cannot be written is the built-in one, with the status",
    part: requests,
    variant: { options: { refusalPage: brokenPage } },
    play: async ({ ask, signIn }) => {
      expectPage(await ask({ headers: pageLoad.headers }), 401, "HeaderMissing")
      expectPage(await ask({ target: "/admin", headers: [...pageLoad.headers, ...(await signIn(noAdmin))] }), 403, "NotAuthorised")
    }
  },
  {
    name: "every method of a signed-in user reaches the app",
    part: requests,
    play: async ({ ask, signIn }) => {
      const headers = await signIn({ email: "ada@example.com" })
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        expectAdmitted(await ask({ method, headers }), "Hello ada@example.com")
      }
      expectAdmitted(await ask({ method: "HEAD", headers }), "")
    }
  },
  {
    name: 'onFailure "redirect": whatever is asked is redirected',
    part: requests,
    variant: { onFailure: "redirect", options: { redirectUrl } },
    play: async (stage) => {
      for (const client of [...pageLoads, ...otherClients]) expectRedirected(await load(stage, client))
    }
  },
  {
    name: 'onFailure "redirect": a user who is not allowed is redirected by the guard of the whole app',
    part: requests,
    variant: { onFailure: "redirect", options: { redirectUrl, policy: Policy.fromLists({ allowedGroups: [] }) } },
    play: async ({ ask, signIn }) => expectRedirected(await ask({ headers: [...curl.headers, ...(await signIn())] }))
  },
  {
    name: 'onFailure "status": whatever is asked gets the status',
    part: requests,
    variant: { onFailure: "status" },
    play: async (stage) => {
      for (const client of pageLoads) expectRefusedHead(await load(stage, client), 401)
      for (const client of otherClients) expectRefused(await load(stage, client), 401, "HeaderMissing")
    }
  },
  {
    name: "a redirect to a page of the app itself does not go round in circles",
    part: requests,
    variant: { options: { redirectUrl: "/signed-out?from=here" } },
    play: async (stage) => {
      expectRedirected(await load(stage, pageLoad, "/"), "/signed-out?from=here")
      expectPage(await load(stage, pageLoad, "/signed-out"), 401, "HeaderMissing")
      expectPage(await load(stage, pageLoad, "/signed-out?again"), 401, "HeaderMissing")
    }
  },
  {
    name: "a redirect to a page of the app does not go round in circles by a fragment or a slash",
    part: requests,
    variant: { options: { redirectUrl: "/signed-out/#why" } },
    play: async (stage) => {
      expectRedirected(await load(stage, pageLoad, "/"), "/signed-out/#why")
      for (const target of ["/signed-out", "/signed-out/"]) expectPage(await load(stage, pageLoad, target), 401, "HeaderMissing")
    }
  },
  {
    name: "a redirect to the app's own URL does not go round in circles",
    part: requests,
    variant: { options: { redirectUrl: "https://app.example/signed-out" } },
    play: async (stage) => {
      expectRedirected(await load(stage, pageLoad, "/"), "https://app.example/signed-out")
      expectPage(await load(stage, pageLoad, "/signed-out"), 401, "HeaderMissing")
    }
  }
]
