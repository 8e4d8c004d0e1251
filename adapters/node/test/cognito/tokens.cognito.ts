import { Policy } from "@cognito-auth/core"
import { changedToken, groups } from "@cognito-auth/testing/arbitraries"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runs } from "../../../../testing/test/runs.ts"
import { type Moto, startMoto } from "./startMoto.ts"
import { type PoolAnswer, type PoolApp, startPoolApp } from "./startPoolApp.ts"
import { makeUserPool, type PoolUser, type SignIn, type UserPool } from "./UserPool.ts"

let moto: Moto
let pool: UserPool
let clientId: string
beforeAll(async () => {
  moto = await startMoto()
  pool = await makeUserPool(moto)
  clientId = await pool.makeClient()
})
afterAll(() => moto?.close())

const anyUser = { policy: Policy.fromLists({}) }
const staffOnly = { policy: Policy.fromLists({ allowedGroups: ["staff"] }) }
const summary = ({ status, refusal }: PoolAnswer) => [status, refusal]

describe("A user whom Cognito's API made, put into groups and signed in", () => {
  it("is admitted with the pool's own key set, as the user that the pool has", async () => {
    const app = await startPoolApp(pool, clientId, staffOnly)
    const user = await pool.makeUser({ groups: ["staff", "admins"] })
    const { accessToken } = await pool.signIn(user, clientId)
    const answer = await app.get(await app.headers(user, accessToken, { email: "grace@example.com" }))
    expect(summary(answer)).toEqual([200, undefined])
    const { groups = [], ...rest } = answer.user ?? {}
    expect(rest).toEqual({
      sub: user.sub,
      username: user.username,
      email: "grace@example.com",
      hasKnownGroups: true,
      issuer: pool.issuer
    })
    expect(groups.toSorted()).toEqual(["admins", "staff"])
  })

  it("∀ groups that Cognito allows: is in exactly these, as another JSON encoder writes them", async () => {
    const app = await startPoolApp(pool, clientId, anyUser)
    await fc.assert(
      fc.asyncProperty(groups(), async (given) => {
        const user = await pool.makeUser({ groups: given })
        const { status, user: seen } = await app.enter(user)
        expect([status, seen?.groups.toSorted(), seen?.hasKnownGroups]).toEqual([200, given.toSorted(), true])
      }),
      { numRuns: runs(10) }
    )
  })

  it("is admitted by a group from the first token after joining it to the first after leaving it, of a new sign-in or a renewed one", async () => {
    const app = await startPoolApp(pool, clientId, staffOnly)
    const user = await pool.makeUser({ groups: ["visitors"] })
    const first = await pool.signIn(user, clientId)
    const newTokens = async () => [(await pool.signIn(user, clientId)).accessToken, await pool.renew(first, clientId)]
    const statusesOf = async (tokens: ReadonlyArray<string>) => {
      const statuses: Array<number> = []
      for (const token of tokens) statuses.push((await app.get(await app.headers(user, token))).status)
      return statuses
    }

    const before = await newTokens()
    expect(await statusesOf(before)).toEqual([403, 403])
    await pool.join(user, "staff")
    const meanwhile = await newTokens()
    expect([await statusesOf(meanwhile), await statusesOf(before)]).toEqual([
      [200, 200],
      [403, 403]
    ])
    await pool.leave(user, "staff")
    // The threat model says it: a token keeps its groups until it expires.
    expect([await statusesOf(await newTokens()), await statusesOf(meanwhile)]).toEqual([
      [403, 403],
      [200, 200]
    ])
  })
})

describe("An access token of the pool is refused", () => {
  let app: PoolApp
  let user: PoolUser
  let signIn: SignIn
  const prepare = async () => {
    app = await startPoolApp(pool, clientId, staffOnly)
    user = await pool.makeUser({ groups: ["staff"] })
    signIn = await pool.signIn(user, clientId)
  }
  const answerTo = async (accessToken: string) => app.get(await app.headers(user, accessToken))
  const expectGenuineAdmitted = async () => expect((await answerTo(signIn.accessToken)).status).toBe(200)

  it.each([0, 1, 2])("∀ bits: with one of them flipped in segment %i", async (index) => {
    await prepare()
    const segments = signIn.accessToken.split(".")
    const bytes = Buffer.from(segments[index] ?? "", "base64url")
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const { status } = await answerTo(segments.with(index, flipped.toString("base64url")).join("."))
        expect(status).toBe(401)
      }),
      { numRuns: runs(150) }
    )
    await expectGenuineAdmitted()
  })

  it("∀ characters: with one of them replaced, added or removed", async () => {
    await prepare()
    await fc.assert(
      fc.asyncProperty(changedToken(signIn.accessToken), async (changed) => {
        expect((await answerTo(changed)).status).toBe(401)
      }),
      { numRuns: runs(150) }
    )
    await expectGenuineAdmitted()
  })

  it("with the signature of another token of the same user", async () => {
    await prepare()
    const [header, payload] = signIn.accessToken.split(".")
    const [, , signature] = (await pool.signIn(user, clientId)).accessToken.split(".")
    expect(summary(await answerTo([header, payload, signature].join(".")))).toEqual([401, "SignatureInvalid accesstoken signature"])
    await expectGenuineAdmitted()
  })

  it("signed with another key, under the pool's kid or its own", async () => {
    await prepare()
    const { sub, username } = user
    const forged = async (header: { readonly kid?: string }) =>
      (await app.forge.tokens({ sub, username, groups: ["staff"], access: { header } })).accessToken
    expect(summary(await answerTo(await forged({ kid: "dummy" })))).toEqual([401, "SignatureInvalid accesstoken signature"])
    expect(summary(await answerTo(await forged({})))).toEqual([401, "KeyUnknown accesstoken kid"])
    await expectGenuineAdmitted()
  })

  it("of another client of the pool", async () => {
    await prepare()
    const other = await pool.signIn(user, await pool.makeClient())
    expect(summary(await answerTo(other.accessToken))).toEqual([401, "ClientRefused accesstoken client_id"])
  })

  // moto signs for all its pools with one key: nothing but the issuer tells them apart.
  it.each(["eu-west-2", "us-east-1"])("of another pool, in %s", async (elsewhere) => {
    await prepare()
    const other = await makeUserPool(moto, elsewhere)
    const stranger = await other.makeUser({ username: user.username, groups: ["staff"] })
    const { accessToken } = await other.signIn(stranger, await other.makeClient())
    expect(summary(await app.get(await app.headers(stranger, accessToken)))).toEqual([401, "IssuerRefused accesstoken iss"])
    expect(summary(await answerTo(accessToken))).toEqual([401, "IssuerRefused accesstoken iss"])
  })

  it("of another user than the load balancer's token names", async () => {
    await prepare()
    const other = await pool.makeUser({ groups: ["staff"] })
    const { accessToken } = await pool.signIn(other, clientId)
    expect(summary(await answerTo(accessToken))).toEqual([401, "SubjectMismatch accesstoken sub"])
  })

  it("where an ID token or a refresh token takes its place", async () => {
    await prepare()
    expect(summary(await answerTo(signIn.idToken))).toEqual([401, "TokenUseRefused accesstoken token_use"])
    expect(summary(await answerTo(signIn.refreshToken))).toEqual([401, "TokenMalformed accesstoken form"])
  })

  it("where it takes the load balancer's token's place", async () => {
    await prepare()
    const headers = await app.headers(user, signIn.accessToken)
    const answer = await app.get({ ...headers, "x-amzn-oidc-data": signIn.accessToken })
    expect(summary(answer)).toEqual([401, "AlgorithmRefused data alg"])
  })
})
