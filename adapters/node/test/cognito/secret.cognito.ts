import { secretsManager } from "@cognito-auth/secrets-manager"
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { freePort } from "../../../../testing/test/freePort.ts"
import { makeSecret, type SecretValue, stubCredentials } from "./makeSecret.ts"
import { type Moto, region, startMoto } from "./startMoto.ts"
import { type PoolAnswer, startPoolApp } from "./startPoolApp.ts"
import { makeUserPool, type PoolUser, type UserPool } from "./UserPool.ts"

let moto: Moto
let pool: UserPool
let clientId: string
let staff: PoolUser
let admin: PoolUser
beforeAll(async () => {
  moto = await startMoto()
  pool = await makeUserPool(moto)
  clientId = await pool.makeClient()
  staff = await pool.makeUser({ groups: ["staff"] })
  admin = await pool.makeUser({ groups: ["admins"] })
})
afterAll(() => moto?.close())

beforeEach(stubCredentials)

const admitting = (...groups: ReadonlyArray<string>): SecretValue => ({ SecretString: JSON.stringify({ allowed_groups: groups }) })
/** An app with a secret's policy, and what it answers to the member of staff and to the administrator, newly signed in. */
const start = async (secretName: string, endpoint: string) => {
  const app = await startPoolApp(pool, clientId, { policy: secretsManager({ secretName, region, endpoint }) })
  return { ...app, statuses: async () => [(await app.enter(staff)).status, (await app.enter(admin)).status] }
}
const expectOutage = ({ status, refusal, headers }: PoolAnswer) => {
  expect([status, refusal, headers.get("retry-after"), headers.get("www-authenticate")]).toEqual([503, "PolicyUnavailable", "5", null])
}

describe("A policy in Secrets Manager", () => {
  it("decides on the pool's users, and is replaced by a new current version at the reload", async () => {
    const secret = makeSecret(moto)
    await secret.create(admitting("staff"))
    const app = await start(secret.name, moto.url)
    await app.reload()
    expect(await app.statuses()).toEqual([200, 403])
    await secret.put(admitting("admins"), "AWSPENDING")
    await app.reload()
    expect(await app.statuses()).toEqual([200, 403])
    await secret.put(admitting("admins"))
    expect(await app.statuses()).toEqual([200, 403])
    await app.reload()
    expect(await app.statuses()).toEqual([403, 200])
    expect(app.log().match(/in force: .*/g)).toEqual([
      "in force: allowed groups: added staff",
      "in force: allowed groups: added admins, removed staff"
    ])
  })

  it("that breaks or is deleted while the app runs stays in force as it was, and the log says why without its content", async () => {
    const secret = makeSecret(moto)
    await secret.create(admitting("staff"))
    const app = await start(secret.name, moto.url)
    await app.reload()
    const breaks: ReadonlyArray<readonly [string, () => Promise<unknown>]> = [
      ["it is not JSON", () => secret.put({ SecretString: '{"allowed_groups": ["SECRET"' })],
      ["allowed_users entry 1 is not an e-mail address", () => secret.put({ SecretString: '{"allowed_users": ["SECRET"]}' })],
      ['"allowed_group" is unknown. Did you mean allowed_groups?', () => secret.put({ SecretString: '{"allowed_group": ["SECRET"]}' })],
      ["it has no rule", () => secret.put({ SecretString: "{}" })],
      ["it is binary", () => secret.put({ SecretBinary: Buffer.from([0xff, 0xfe]).toString("base64") })],
      ["is it scheduled for deletion?", () => secret.delete("scheduled")],
      ["there is no such secret in this region", () => secret.delete("forced")]
    ]
    for (const [reason, breakIt] of breaks) {
      await breakIt()
      const before = app.log().length
      await vi.waitFor(() => expect(app.auth.reload()).rejects.toThrow(reason), { timeout: 60_000 })
      expect([reason, ...(await app.statuses())]).toEqual([reason, 200, 403])
      expect(app.log().slice(before)).toContain(`secret "${secret.name}" was not loaded, the last valid policy stays in force: `)
      expect(app.log().slice(before)).toContain(reason)
    }
    expect(app.log()).not.toContain("SECRET")
    await secret.create(admitting("admins"))
    await app.reload()
    expect(await app.statuses()).toEqual([403, 200])
  })

  it("that is restored before its deletion is read again", async () => {
    const secret = makeSecret(moto)
    await secret.create(admitting("staff"))
    await secret.delete("scheduled")
    const app = await start(secret.name, moto.url)
    expectOutage(await app.enter(staff))
    await secret.restore()
    await app.reload()
    expect((await app.enter(staff)).status).toBe(200)
  })

  it("that does not exist when the app starts lets nobody in, until it does", async () => {
    const secret = makeSecret(moto)
    const app = await start(secret.name, moto.url)
    expectOutage(await app.enter(staff))
    expectOutage(await app.enter(admin))
    await secret.create(admitting("staff"))
    await app.reload()
    expect(await app.statuses()).toEqual([200, 403])
  })

  it("that cannot be reached when the app starts lets nobody in", async () => {
    const app = await start("my-app/auth-config", `http://127.0.0.1:${await freePort()}`)
    expectOutage(await app.enter(staff))
    await expect(app.auth.reload()).rejects.toThrow("Secrets Manager cannot be reached (ECONNREFUSED)")
    expectOutage(await app.enter(admin))
    expect(app.log()).toContain("no policy is in force, so no request is admitted")
  })

  it("is named by COGNITO_AUTH_SECRET_NAME alone", async () => {
    const secret = makeSecret(moto)
    await secret.create(admitting("staff"))
    vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto.url)
    const app = await startPoolApp(pool, clientId, { policy: undefined, environment: { COGNITO_AUTH_SECRET_NAME: secret.name } })
    await app.reload()
    expect([(await app.enter(staff)).status, (await app.enter(await pool.makeUser())).status]).toEqual([200, 403])
  })
})
