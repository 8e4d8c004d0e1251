/** When the session ends, as JSON. */
import assert from "node:assert/strict"
import { expectRefused, expectStatus, field } from "../expectations.ts"
import { curl, eventStream, pageLoad, scriptFetch } from "../http/clients.ts"
import { type Row, toLines } from "../Stage.ts"

const requests = "requests"
const target = "/session"

export const session: ReadonlyArray<Row> = [
  {
    name: "session() tells when the access token expires, and is not cached",
    part: requests,
    play: async ({ ask, forge }) => {
      const exp = Math.floor(Date.now() / 1000) + 1_800
      const headers = toLines(await forge.headers({ access: { claims: { exp } } }))
      for (const client of [scriptFetch, pageLoad]) {
        const answer = await ask({ target: `${target}?at=once`, headers: [...client.headers, ...headers] })
        expectStatus(answer, 200)
        assert.deepEqual(field(answer, "content-type"), ["application/json"])
        assert.deepEqual(field(answer, "cache-control"), ["no-store"])
        const { expiresAt, expiresInSeconds, ...rest }: Record<string, unknown> = JSON.parse(answer.body)
        assert.equal(expiresAt, new Date(exp * 1000).toISOString())
        assert(Number(expiresInSeconds) > 1_770 && Number(expiresInSeconds) <= 1_800, answer.body)
        assert.deepEqual(rest, {})
      }
    }
  },
  {
    name: "session() protects itself, and never redirects",
    part: requests,
    play: async ({ ask, signIn }) => {
      const forged = await signIn({ alb: { header: { signer: "another" } } })
      for (const { headers } of [pageLoad, scriptFetch, eventStream, curl]) {
        expectRefused(await ask({ target, headers }), 401, "HeaderMissing")
        expectRefused(await ask({ target, headers: [...headers, ...forged] }), 401, "SignerRefused")
      }
    }
  },
  {
    name: "session() of an access token within the clock tolerance has no seconds left",
    part: requests,
    play: async ({ ask, forge }) => {
      const exp = Math.floor(Date.now() / 1000) - 2
      const answer = await ask({ target, headers: toLines(await forge.headers({ access: { claims: { exp } } })) })
      assert.deepEqual(JSON.parse(answer.body), { expiresAt: new Date(exp * 1000).toISOString(), expiresInSeconds: 0 })
    }
  }
]
