import { Policy } from "@cognito-auth/core"
import { secretsManager } from "@cognito-auth/secrets-manager"
import { expect, it, onTestFinished } from "vitest"
import { makeSecret, stubCredentials } from "./makeSecret.ts"
import { region, startMoto } from "./startMoto.ts"
import { startPoolApp } from "./startPoolApp.ts"
import { makeUserPool } from "./UserPool.ts"

const start = async () => {
  const moto = await startMoto()
  onTestFinished(moto.close)
  return moto
}

it("While Cognito and Secrets Manager are down, a running app goes on with its keys and its policy; a new one answers 503, and recovers", async () => {
  stubCredentials()
  const moto = await start()
  const pool = await makeUserPool(moto)
  const clientId = await pool.makeClient()
  const secret = makeSecret(moto)
  await secret.create({ SecretString: '{"allowed_groups": ["staff"]}' })
  const running = await startPoolApp(pool, clientId, { policy: secretsManager({ secretName: secret.name, region, endpoint: moto.url }) })
  await running.reload()

  const [seen, unseen, visitor] = [
    await pool.makeUser({ groups: ["staff"] }),
    await pool.makeUser({ groups: ["staff"] }),
    await pool.makeUser()
  ]
  const headersOf = async (user: typeof seen) => running.headers(user, (await pool.signIn(user, clientId)).accessToken)
  const [ofSeen, ofUnseen, ofVisitor] = [await headersOf(seen), await headersOf(unseen), await headersOf(visitor)]
  expect((await running.get(ofSeen)).status).toBe(200)

  await moto.close()
  const statuses = async (app: typeof running) => [
    (await app.get(ofSeen)).status,
    // Its tokens are not cached: they are verified with the cached key.
    (await app.get(ofUnseen)).status,
    (await app.get(ofVisitor)).status
  ]
  expect(await statuses(running)).toEqual([200, 200, 403])
  await expect(running.auth.reload()).rejects.toThrow("Secrets Manager cannot be reached (ECONNREFUSED)")
  expect(await statuses(running)).toEqual([200, 200, 403])

  const fresh = await startPoolApp(pool, clientId, { policy: Policy.fromLists({ allowedGroups: ["staff"] }) })
  await expect(fresh.auth.ready()).rejects.toThrow(pool.jwksUrl)
  const refused = await fresh.get(ofSeen)
  expect([refused.status, refused.refusal]).toEqual([503, "KeySourceUnavailable"])
  expect([refused.headers.get("retry-after"), refused.headers.get("www-authenticate")]).toEqual(["5", null])
  expect(await statuses(fresh)).toEqual([503, 503, 503])

  // It has lost the pool, and serves the same key at its address still.
  const again = await startMoto(Number(new URL(moto.url).port))
  onTestFinished(again.close)
  await expect.poll(() => statuses(fresh)).toEqual([200, 200, 403])
})
