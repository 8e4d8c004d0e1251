/** The key endpoints, and what becomes of requests while they are down. */
import assert from "node:assert/strict"
import type { Misbehaviour } from "../../Misbehaviour.ts"
import type { KeyOwner } from "../../SigningKey.ts"
import { curl, eventStream, pageLoads } from "../clients.ts"
import { expectAdmitted, expectRefused, expectRefusedHead } from "../expectations.ts"
import type { Row } from "../Stage.ts"

const requests = "requests"

const outages: ReadonlyArray<readonly [what: string, how: Misbehaviour, only?: KeyOwner]> = [
  ["nothing listens where the keys are", "down"],
  ["the load balancer's key endpoint alone is down", "down", "alb"],
  ["the pool's key endpoint alone is down", "down", "cognito"],
  ["the key endpoints answer 500", "500"],
  ["the key endpoints never answer", "never"],
  ["the key endpoints answer with another page", "wrong-content"],
  ["the key endpoints redirect", "redirect"]
]

const keys = { timeout: "400 millis" } as const

export const keyHost: ReadonlyArray<Row> = [
  ...outages.map(
    ([what, how, only]): Row => ({
      name: `${what}: 503, and nobody is let in or sent away; then all is well again`,
      part: requests,
      variant: { options: { keys } },
      before: (server) => server.misbehave(how, { only }),
      play: async ({ ask, keys, signIn }) => {
        const headers = await signIn({ email: "ada@example.com", groups: ["gds-idea"] })
        for (const client of [curl, eventStream]) {
          expectRefused(await ask({ headers: [...client.headers, ...headers] }), 503, "KeySourceUnavailable")
        }
        for (const { method, headers: asked } of pageLoads.slice(0, 2)) {
          expectRefused(await ask({ method, headers: [...asked, ...headers] }), 503, "KeySourceUnavailable")
        }
        // Who has not signed in is told so: that needs no key.
        expectRefused(await ask({ headers: curl.headers }), 401, "HeaderMissing")
        await keys.behave()
        expectAdmitted(await ask({ headers }), "Hello ada@example.com")
      }
    })
  ),
  {
    name: 'an outage is not redirected, not even by onFailure "redirect"',
    part: requests,
    variant: { onFailure: "redirect", options: { keys } },
    before: (server) => server.misbehave("500"),
    play: async ({ ask, signIn }) => {
      const headers = await signIn()
      for (const client of pageLoads) {
        const answer = await ask({ method: client.method, target: "/admin", headers: [...client.headers, ...headers] })
        if (client.method === "HEAD") expectRefusedHead(answer, 503)
        else expectRefused(answer, 503, "KeySourceUnavailable")
      }
    }
  },
  {
    name: "keys that are at hand outlive their endpoints",
    part: requests,
    play: async ({ ask, keys, signIn }) => {
      expectAdmitted(await ask({ headers: await signIn() }))
      await keys.misbehave("down")
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
    before: (server) => server.misbehave("down"),
    play: async ({ ask, signIn }) => expectAdmitted(await ask({ headers: await signIn() }))
  }
]
