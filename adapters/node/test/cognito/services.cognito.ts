import { Policy } from "@cognito-auth/core"
import { changedToken } from "@cognito-auth/testing/arbitraries"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runs } from "../../../../testing/test/runs.ts"
import { sharedForge } from "../../../../testing/test/sharedForge.ts"
import { startApp } from "../app.ts"
import { makeService, type PoolService } from "./makeService.ts"
import { type Moto, startMoto } from "./startMoto.ts"
import { makeUserPool, type UserPool } from "./UserPool.ts"

let moto: Moto
let pool: UserPool
let service: PoolService
let appClient: string
beforeAll(async () => {
  moto = await startMoto()
  pool = await makeUserPool(moto)
  appClient = await pool.makeClient()
  service = await makeService(moto, pool)
})
afterAll(() => moto?.close())

/** An app that names /api for services, and admits this one. */
const start = async () => {
  const forge = await sharedForge({ userPoolId: pool.id, clientId: appClient })
  const { port } = await startApp(forge, {
    options: {
      jwksUrl: pool.jwksUrl,
      keys: { timeout: "30 seconds" },
      policy: Policy.clients([service.clientId]),
      logger: false
    },
    listener: (auth) => {
      const orders = auth.require({ scopes: ["orders/read", "orders/list"] })((_req, res, principal) =>
        res.end(principal._tag === "Service" ? `${principal.clientId} ${principal.scopes.join(" ")}` : "a user")
      )
      return auth.protect((req, res) => orders(req, res), { services: ["/api"] })
    }
  })
  return async (authorization: string, path = "/api/orders") => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } })
    const body = await response.text()
    if (response.status === 200) return [200, body]
    const { error, check = "" } = JSON.parse(body) as { readonly error: string; readonly check?: string }
    return [response.status, `${error} ${check}`.trim()]
  }
}

describe("A service whose client and scopes Cognito's API made", () => {
  it("is admitted on its path with the pool's own key set, and nowhere else", async () => {
    const ask = await start()
    expect(service.scopes.toSorted()).toEqual(["orders/list", "orders/read"])
    const token = await service.token()
    expect(await ask(`Bearer ${token}`)).toEqual([200, `${service.clientId} ${service.scopes.join(" ")}`])
    expect(await ask(`Bearer ${token}`, "/apis")).toEqual([401, "HeaderMissing presence"])
  })

  it("is refused without every scope, and so is a service of another client: 403", async () => {
    const ask = await start()
    expect(await ask(`Bearer ${await service.token({ scope: "orders/read" })}`)).toEqual([403, "NotAuthorised"])
    const other = await makeService(moto, pool)
    expect(await ask(`Bearer ${await other.token()}`)).toEqual([403, "NotAuthorised"])
  })

  it("∀ characters: refused with one of them replaced, added or removed", async () => {
    const ask = await start()
    const token = await service.token()
    await fc.assert(
      fc.asyncProperty(changedToken(token), async (changed) => {
        expect((await ask(`Bearer ${changed}`))[0]).toBe(401)
      }),
      { numRuns: runs(150) }
    )
    expect((await ask(`Bearer ${token}`))[0]).toBe(200)
  })

  it("is refused with what is not its own: a user's tokens, another pool's, an ID token, one that has expired", async () => {
    const ask = await start()
    const user = await pool.makeUser({ groups: ["staff"] })
    const { accessToken, idToken } = await pool.signIn(user, appClient)
    const hourAgo = Math.floor(Date.now() / 1000) - 3600
    // moto signs for all of its pools with one key: nothing but the issuer tells them apart.
    const elsewhere = await makeService(moto, await makeUserPool(moto))
    expect(await ask(`Bearer ${accessToken}`)).toEqual([401, "TokenUseRefused username"])
    expect(await ask(`Bearer ${idToken}`)).toEqual([401, "TokenUseRefused token_use"])
    expect(await ask(`Bearer ${await elsewhere.token()}`)).toEqual([401, "IssuerRefused iss"])
    expect(await ask(`Bearer ${await service.token({ token_use: "id" })}`)).toEqual([401, "TokenUseRefused token_use"])
    expect(await ask(`Bearer ${await service.token({ exp: hourAgo })}`)).toEqual([401, "TokenExpired exp"])
    expect(await ask(`bearer ${await service.token()}`)).toEqual([401, "HeaderInvalid scheme"])
  })
})
