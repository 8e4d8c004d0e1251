/** Whether the app could admit requests, for anybody. */
import assert from "node:assert/strict"
import { expectDiscreet, expectStatus, field } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import { cutOff, type Row } from "../Stage.ts"

const part = "requests"
const target = "/ready"

export const healthCheck: ReadonlyArray<Row> = [
  {
    name: "healthCheck() is 200 where a request could be admitted, without a sign-in, and is not cached",
    part,
    play: async ({ ask, forge, signIn }) => {
      // A request that is admitted has fetched the keys.
      expectStatus(await ask({ target: "/me", headers: await signIn() }), 200)
      for (const { headers } of [curl, pageLoad]) {
        const answer = await ask({ target, headers })
        expectStatus(answer, 200)
        assert.deepEqual(field(answer, "content-type"), ["application/json"])
        assert.deepEqual(field(answer, "cache-control"), ["no-store"])
        assert.deepEqual(JSON.parse(answer.body), { status: "ready", keys: true, policy: true })
        expectDiscreet(answer, forge.albArn, forge.clientId, forge.issuer)
      }
    }
  },
  {
    name: "healthCheck() is 503 where no keys can be fetched, and says no more than that",
    part,
    before: cutOff,
    play: async ({ ask, keys, signIn }) => {
      expectStatus(await ask({ target: "/me", headers: await signIn() }), 503)
      const answer = await ask({ target, headers: curl.headers })
      expectStatus(answer, 503)
      assert.deepEqual(JSON.parse(answer.body), { status: "not ready", keys: false, policy: true })
      expectDiscreet(answer, keys.jwksUrl, keys.albKeysUrl)
    }
  }
]
