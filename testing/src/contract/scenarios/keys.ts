/** The key endpoints, and how requests are answered while they are down. */
import assert from "node:assert/strict"
import type { Misbehaviour } from "../../keys/Misbehaviour.ts"
import type { KeyOwner } from "../../keys/SigningKey.ts"
import { redirectUrl } from "../describeApp.ts"
import { expectAdmitted, expectPage, expectPageHead, expectRefused } from "../expectations.ts"
import { type Client, curl, eventStream, pageLoads } from "../http/clients.ts"
import { cutOff, type Row } from "../Stage.ts"

const requests = "requests"

const all =
  (how: Misbehaviour): Row["before"] =>
  (server) =>
    server.misbehave(how)
const one =
  (only: KeyOwner): Row["before"] =>
  (server) =>
    server.misbehave("down", { only })

const outages: ReadonlyArray<readonly [what: string, before: Row["before"]]> = [
  ["the key endpoints cut every connection", cutOff],
  ["the load balancer's key endpoint alone is down", one("alb")],
  ["the pool's key endpoint alone is down", one("cognito")],
  ["the key endpoints answer 500", all("500")],
  ["the key endpoints never answer", all("never")],
  ["the key endpoints answer with another page", all("wrong-content")],
  ["the key endpoints redirect", all("redirect")]
]

/** A port that is no service's, and that no server gets by chance. */
const nobody = "http://127.0.0.1:4"

/** Long enough for an answer on a busy machine. */
const keys = { timeout: "1500 millis" } as const

export const keyHost: ReadonlyArray<Row> = [
  ...outages.map(
    ([what, before]): Row => ({
      name: `${what}: 503, and nobody is admitted or redirected; then requests are admitted again`,
      part: requests,
      variant: { options: { keys } },
      before,
      play: async ({ ask, keys, signIn }) => {
        const headers = await signIn({ email: "ada@example.com", groups: ["platform-admins"] })
        const asAll = (clients: ReadonlyArray<Client>) =>
          Promise.all(clients.map((client) => ask({ headers: [...client.headers, ...headers] })))
        const [others, pages] = await Promise.all([asAll([curl, eventStream]), asAll(pageLoads.slice(0, 2))])
        for (const answer of others) expectRefused(answer, 503, "KeySourceUnavailable")
        for (const answer of pages) expectPage(answer, 503, "KeySourceUnavailable")
        // A missing sign-in is reported: that needs no key.
        expectRefused(await ask({ headers: curl.headers }), 401, "HeaderMissing")
        await keys.behave()
        expectAdmitted(await ask({ headers }), "Hello ada@example.com")
      }
    })
  ),
  {
    name: "nothing listens where the keys are: 503",
    part: requests,
    variant: { options: { albKeysUrl: `${nobody}/alb-keys`, jwksUrl: `${nobody}/jwks.json` } },
    play: async ({ ask, signIn }) => expectRefused(await ask({ headers: await signIn() }), 503, "KeySourceUnavailable")
  },
  {
    name: 'an outage is not redirected, not even by onFailure "redirect"',
    part: requests,
    variant: { onFailure: "redirect", options: { keys, redirectUrl } },
    before: all("500"),
    play: async ({ ask, signIn }) => {
      const headers = await signIn()
      for (const client of pageLoads) {
        const answer = await ask({ method: client.method, target: "/admin", headers: [...client.headers, ...headers] })
        if (client.method === "HEAD") expectPageHead(answer, 503)
        else expectPage(answer, 503, "KeySourceUnavailable")
      }
      expectRefused(await ask({ headers: [...curl.headers, ...headers] }), 503, "KeySourceUnavailable")
    }
  },
  {
    name: "cached keys outlive their endpoints",
    part: requests,
    play: async ({ ask, keys, signIn }) => {
      expectAdmitted(await ask({ headers: await signIn() }))
      await cutOff(keys)
      expectAdmitted(await ask({ headers: await signIn({ email: "grace@example.com" }) }), "Hello grace@example.com")
      expectRefused(await ask({ headers: curl.headers }), 401, "HeaderMissing")
    }
  },
  {
    name: "many first requests at once are all admitted, and fetch each key once",
    part: requests,
    before: (server) => server.misbehave("slow", { delay: "150 millis" }),
    play: async ({ ask, keys, signIn }) => {
      const headers = await signIn()
      for (const answer of await Promise.all(Array.from({ length: 20 }, () => ask({ headers })))) expectAdmitted(answer)
      assert.equal(keys.requests.count("alb"), 1, "requests for the load balancer's keys")
      assert.equal(keys.requests.count("cognito"), 1, "requests for the pool's keys")
    }
  },
  {
    name: "keys that are given need no network",
    part: requests,
    variant: (forge) => ({ options: { keys: forge.givenKeys() } }),
    before: cutOff,
    play: async ({ ask, signIn }) => expectAdmitted(await ask({ headers: await signIn() }))
  }
]
