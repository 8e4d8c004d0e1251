/** Redirect or status: who gets which. */
import { Policy } from "@cognito-auth/core"
import { type Client, curl, otherClients, pageLoad, pageLoads, scriptFetch } from "../clients.ts"
import { expectAdmitted, expectRedirected, expectRefused, expectRefusedHead, expectStatus } from "../expectations.ts"
import type { Row, Stage } from "../Stage.ts"

const requests = "requests"
const noAdmin = { groups: ["staff"] }

const load = ({ ask }: Stage, { method, headers }: Client, target = "/") => ask({ method, target, headers })

export const negotiation: ReadonlyArray<Row> = [
  ...pageLoads.map(
    (client): Row => ({
      name: `${client.name} without sign-in is redirected`,
      part: requests,
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
    name: "a page load by a user who is not allowed is redirected, a script's request gets 403",
    part: requests,
    play: async ({ ask, signIn }) => {
      const user = await signIn(noAdmin)
      expectRedirected(await ask({ target: "/admin", headers: [...pageLoad.headers, ...user] }))
      expectRefused(await ask({ target: "/admin", headers: [...scriptFetch.headers, ...user] }), 403, "NotAuthorised")
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
    variant: { onFailure: "redirect" },
    play: async (stage) => {
      for (const client of [...pageLoads, ...otherClients]) expectRedirected(await load(stage, client))
    }
  },
  {
    name: 'onFailure "redirect": a user who is not allowed is redirected by the guard of the whole app',
    part: requests,
    variant: { onFailure: "redirect", options: { policy: Policy.fromLists({ allowedGroups: [] }) } },
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
      expectStatus(await load(stage, pageLoad, "/signed-out"), 401)
      expectStatus(await load(stage, pageLoad, "/signed-out?again"), 401)
    }
  }
]
