import { ConfigurationError } from "@cognito-auth/core"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { freePort } from "../freePort.ts"
import { ownForge } from "../sharedForge.ts"
import { days, forge, guard, minutes, serve, serveTeller, soon, stage, told } from "./apps.ts"
import { Visitor } from "./visitor.ts"

const ada = { email: "ada@example.com", name: "Ada Lovelace", groups: ["admins"] }
const claimsOf = (token = ""): Record<string, unknown> => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
const many = (count: number) => Array.from({ length: count }, (_, i) => `team-of-many-people-${i}`)

/** Asks the telling app through the local ALB. */
const ask = async (url: string, cookie: string, path = "/") => {
  const response = await fetch(`${url}${path}`, { headers: { cookie }, redirect: "manual" })
  return {
    status: response.status,
    setCookies: response.headers.getSetCookie(),
    headers: response.status === 200 ? told(await response.text()).headers : {}
  }
}

describe("the session cookie", () => {
  it("is encrypted and authenticated: nobody else can read or change it", async () => {
    await using behind = await stage()
    await using other = await stage()
    const cookie = await behind.alb.signIn(ada)
    const [name = "", value = ""] = cookie.split("=")
    expect(name).toBe("AWSELBAuthSessionCookie-0")
    const bytes = Buffer.from(value, "base64url")
    expect(bytes.toString("latin1")).not.toMatch(/ada|access|eyJ/)
    expect((await behind.alb.signIn(ada)).split("=")[1]).not.toBe(value)
    expect((await ask(behind.alb.url, cookie)).status).toBe(200)
    for (const position of [0, 12, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[position] = (changed[position] ?? 0) ^ 1
      expect((await ask(behind.alb.url, `${name}=${changed.toString("base64url")}`)).status, `byte ${position}`).toBe(302)
    }
    for (const forged of ["", "x", "AAAA", value.slice(0, -8), JSON.stringify(ada)]) {
      expect((await ask(behind.alb.url, `${name}=${encodeURIComponent(forged)}`)).status).toBe(302)
    }
    expect((await ask(other.alb.url, cookie)).status).toBe(302)
  })

  it("is HttpOnly, for the whole host, until the session ends", async () => {
    await using behind = await stage({ sessionTimeout: "8 hours" })
    const visitor = new Visitor()
    const page = await visitor.open(behind.alb.url)
    await visitor.submit(page, { user: "grace@example.com" })
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    behind.alb.putUser({ email: "grace@example.com", groups: ["new"] })
    const [line = ""] = (await ask(behind.alb.url, cookie)).setCookies
    const [, ...attributes] = line.split("; ")
    expect(attributes).toEqual(["Path=/", expect.stringMatching(/^Expires=/), "HttpOnly"])
    const left = new Date((attributes[1] ?? "").slice("Expires=".length)).getTime() - Date.now()
    expect(Math.abs(left - 8 * 3_600_000)).toBeLessThan(60_000)
  })

  it("has the name that it is given", async () => {
    await using behind = await stage({ cookieName: "__My.Session" })
    const cookie = await behind.alb.signIn(ada)
    expect(cookie).toMatch(/^__My\.Session-0=[\w-]+$/)
    expect((await ask(behind.alb.url, cookie)).status).toBe(200)
    expect((await ask(behind.alb.url, cookie.replace("__My.Session", "AWSELBAuthSessionCookie"))).status).toBe(302)
  })

  it("is in shards of 4 KiB, all of which are needed, and those that are left over expire", async () => {
    await using behind = await stage()
    const { alb } = behind
    const cookie = await alb.signIn({ ...ada, groups: many(160) })
    const shards = cookie.split("; ")
    expect(shards.map((shard) => shard.split("=")[0])).toEqual(
      [0, 1, 2, 3].slice(0, shards.length).map((i) => `AWSELBAuthSessionCookie-${i}`)
    )
    expect(shards.length).toBeGreaterThan(2)
    for (const shard of shards) expect(shard.length).toBeLessThanOrEqual(4_096)
    expect((await ask(alb.url, cookie)).status).toBe(200)
    expect((await ask(alb.url, shards.toReversed().join("; "))).status).toBe(200)
    for (const shard of shards) expect((await ask(alb.url, shards.filter((each) => each !== shard).join("; "))).status).toBe(302)

    alb.putUser(ada)
    const { setCookies } = await ask(alb.url, cookie)
    expect(setCookies).toHaveLength(shards.length)
    expect(setCookies.filter((line) => /=;.*1970/.test(line)).map((line) => line.split("=")[0])).toEqual(
      shards.slice(1).map((shard) => shard.split("=")[0])
    )
  })

  it("holds 11 KiB of claims and token, and above that the load balancer answers 500", async () => {
    await using behind = await stage()
    const { alb } = behind
    const signIn = (length: number) => alb.signIn({ ...ada, groups: ["x".repeat(length)] })
    const length = await largest((length) =>
      signIn(length)
        .then(() => true)
        .catch(() => false)
    )
    const most = await signIn(length)
    expect(most.split("; ")).toHaveLength(4)
    expect((await ask(alb.url, most)).status).toBe(200)

    const visitor = new Visitor()
    const refused = await visitor.signIn(alb.url, { email: "big@example.com", groups: many(400).join(",") })
    expect(refused.status).toBe(500)
    expect(refused.body).toContain("11 KiB")
    expect([...visitor.cookies.keys()].filter((name) => name.startsWith("AWSELB"))).toEqual([])

    const cookie = await alb.signIn(ada)
    alb.putUser({ ...ada, groups: many(400) })
    expect((await ask(alb.url, cookie)).status).toBe(500)
    await expect(alb.signIn({ ...ada, groups: many(400) })).rejects.toThrow("11 KiB")
  })
})

describe("tokens", () => {
  it("the load balancer's is signed for each request, and lasts two minutes; the access token stays as it was issued", async () => {
    await using behind = await stage()
    const { alb, pass } = behind
    const cookie = await alb.signIn(ada)
    const first = (await ask(alb.url, cookie)).headers
    pass(1_000)
    const second = (await ask(alb.url, cookie)).headers
    expect(second["x-amzn-oidc-data"]).not.toBe(first["x-amzn-oidc-data"])
    expect(claimsOf(second["x-amzn-oidc-data"])["exp"]).toBe(Math.floor(alb.forge.now() / 1000) + 120)
    expect(second["x-amzn-oidc-accesstoken"]).toBe(first["x-amzn-oidc-accesstoken"])
  })

  it("or signed once it is stale, and never sent when it has expired", async () => {
    await using behind = await stage({ sign: "when stale", albLifetime: "100 seconds" })
    const { alb, pass } = behind
    const cookie = await alb.signIn(ada)
    const tokens = new Set<string>()
    for (let second = 0; second < 300; second += 10) {
      const data = (await ask(alb.url, cookie)).headers["x-amzn-oidc-data"] ?? ""
      tokens.add(data)
      expect(Number(claimsOf(data)["exp"]) * 1000).toBeGreaterThan(alb.forge.now() + 20_000)
      pass(10_000)
    }
    expect(tokens.size).toBe(4)
  })

  it("an access token is refreshed before it expires, in a session that goes on", async () => {
    await using behind = await stage()
    const { alb, pass } = behind
    let cookie = await alb.signIn(ada)
    const before = (await ask(alb.url, cookie)).headers["x-amzn-oidc-accesstoken"]
    pass(minutes(58))
    expect((await ask(alb.url, cookie)).headers["x-amzn-oidc-accesstoken"]).toBe(before)
    pass(minutes(1))
    const { headers, setCookies } = await ask(alb.url, cookie)
    expect(headers["x-amzn-oidc-accesstoken"]).not.toBe(before)
    expect(Number(claimsOf(headers["x-amzn-oidc-accesstoken"])["exp"])).toBe(Math.floor(alb.forge.now() / 1000) + 3_600)
    cookie = setCookies.map((line) => line.split(";")[0]).join("; ")
    expect((await ask(alb.url, cookie)).setCookies).toEqual([])
    pass(days(6))
    expect((await ask(alb.url, cookie)).status).toBe(200)
    pass(days(1))
    expect((await ask(alb.url, cookie)).status).toBe(302)
  })

  it("or is left to expire, and goes on to the app as it is", async () => {
    await using behind = await stage({ refresh: false })
    const { alb, pass } = behind
    const cookie = await alb.signIn(ada)
    pass(minutes(61))
    const { status, headers } = await ask(alb.url, cookie)
    expect(status).toBe(200)
    expect(Number(claimsOf(headers["x-amzn-oidc-accesstoken"])["exp"]) * 1000).toBeLessThan(alb.forge.now())
  })

  it("a user's new groups are in the tokens of the next request, and in those of nobody else", async () => {
    await using behind = await stage()
    const { alb } = behind
    const [adas, graces] = [await alb.signIn(ada), await alb.signIn({ email: "grace@example.com", groups: ["staff"] })]
    alb.putUser({ ...ada, groups: ["auditors"] })
    const groupsOf = async (cookie: string) => claimsOf((await ask(alb.url, cookie)).headers["x-amzn-oidc-accesstoken"])["cognito:groups"]
    expect(await groupsOf(adas)).toEqual(["auditors"])
    expect(await groupsOf(graces)).toEqual(["staff"])
    alb.putUser({ ...ada, groups: [] })
    expect(await groupsOf(adas)).toBeUndefined()
  })

  it("a user has the same sub after each sign-in and each start, and claims that are not known are not there", async () => {
    await using one = await stage()
    await using two = await stage()
    const claims = async ({ alb }: typeof one) =>
      claimsOf((await ask(alb.url, await alb.signIn({ email: "Ada@example.com" }))).headers["x-amzn-oidc-data"])
    const [first, second] = [await claims(one), await claims(two)]
    expect(first["sub"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(second["sub"]).toBe(first["sub"])
    expect(Object.keys(first).sort()).toEqual(["email", "email_verified", "exp", "iss", "sub", "username"])
  })
})

describe("control", () => {
  it("lists sessions, and ends one of them, or all", async () => {
    await using behind = await stage()
    const { alb } = behind
    const [adas, graces] = [await alb.signIn(ada), await alb.signIn({ email: "grace@example.com" })]
    const [first, second] = alb.sessions()
    expect(first).toMatchObject({ user: { email: "ada@example.com", groups: ["admins"] }, hasExpiredTokens: false })
    expect(Number(first?.expiresAt) - Number(first?.startedAt)).toBe(days(7))
    alb.expireSession(first?.id)
    expect((await ask(alb.url, adas)).status).toBe(302)
    expect((await ask(alb.url, graces)).status).toBe(200)
    expect(alb.sessions().map(({ id }) => id)).toEqual([second?.id])
    alb.expireSession("no such session")
    alb.expireSession()
    expect((await ask(alb.url, graces)).status).toBe(302)
  })

  it("a session that is ended signs nobody in again by itself", async () => {
    await using behind = await stage()
    const visitor = new Visitor()
    await visitor.signIn(behind.alb.url, { user: "ada@example.com" })
    behind.alb.expireSession()
    expect((await visitor.open(behind.alb.url)).url).toContain("/login?")
  })

  it("expired tokens are refused by the app, until they are renewed", async () => {
    await using app = await serve(() => undefined)
    await using alb = await localAlb({ target: app.url, forge: await ownForge() })
    const auth = guard(app, alb)
    const headers = { cookie: await alb.signIn(ada) }
    const answer = async () => {
      const response = await fetch(alb.url, { headers })
      return `${response.status} ${await response.text()}`
    }
    expect(await answer()).toBe("200 Hello Ada Lovelace, of admins")
    alb.expireTokens()
    expect(await answer()).toMatch(/^401 .*"error":"TokenExpired"/)
    expect((await new Visitor().ask(alb.url, { headers })).body).toContain("<h1>Your sign-in has expired</h1>")
    alb.renewTokens()
    expect(await answer()).toBe("200 Hello Ada Lovelace, of admins")
    expect(alb.recentRequests().map(({ status, reason, by, user }) => ({ status, reason, by, user }))).toEqual([
      { status: 200, reason: undefined, by: "app", user: "ada@example.com" },
      { status: 401, reason: "TokenExpired", by: "app", user: "ada@example.com" },
      { status: 401, reason: "TokenExpired, exp", by: "app", user: "ada@example.com" },
      { status: 200, reason: undefined, by: "app", user: "ada@example.com" }
    ])
    await auth.dispose()
  })

  it("an app rides out a rotation, and a key host that is down is a 503 for new keys alone", async () => {
    await using app = await serve(() => undefined)
    await using alb = await localAlb({ target: app.url, forge: await ownForge() })
    const auth = guard(app, alb)
    await auth.ready()
    const headers = { cookie: await alb.signIn(ada) }
    const status = async () => (await fetch(alb.url, { headers })).status
    expect(await status()).toBe(200)
    await alb.rotateKeys()
    expect(await status()).toBe(200)
    await alb.keyHostDown()
    expect(await status()).toBe(200)
    await alb.rotateKeys("alb")
    expect(await status()).toBe(503)
    expect(alb.recentRequests()[0]?.reason).toBe("KeySourceUnavailable")
    await alb.keyHostUp()
    await expect.poll(status, { ...soon, interval: 500 }).toBe(200)
    await auth.dispose()
  })

  it("keys rotate on a schedule, and one is served for as long as a token of it lives", async () => {
    await using behind = await stage({ forge: await ownForge(), rotateKeysEvery: "100 millis", accessLifetime: "10 minutes" })
    const { forge } = behind.alb
    const { alb: ring } = forge.keys
    const first = ring.current.kid
    await expect.poll(() => ring.published.length, soon).toBeGreaterThan(2)
    expect(ring.published.map(({ kid }) => kid)).toContain(first)
    behind.pass(minutes(10))
    await expect.poll(() => ring.published.map(({ kid }) => kid), soon).not.toContain(first)
    expect(ring.published.map(({ kid }) => kid)).toContain(ring.current.kid)
  })

  it("the last fifty requests are kept, without their queries", async () => {
    await using behind = await stage({ onUnauthenticated: "deny" })
    const { alb } = behind
    for (let i = 0; i < 55; i++) await fetch(`${alb.url}/${i}?secret=x`)
    const recent = alb.recentRequests()
    expect(recent).toHaveLength(50)
    expect(recent[0]).toEqual({
      at: alb.forge.now(),
      method: "GET",
      path: "/54",
      user: undefined,
      status: 401,
      by: "load balancer",
      reason: "Nobody is signed in, and the rule denies such requests."
    })
    expect(recent[49]?.path).toBe("/5")
  })
})

describe("options", () => {
  const faultsOf = async (options: object): Promise<ReadonlyArray<string>> => {
    try {
      await localAlb({ target: "http://localhost:3000", ...options })
    } catch (error) {
      if (error instanceof ConfigurationError) return error.faults.map(({ setting }) => setting)
      throw error
    }
    throw new Error("it started")
  }

  it("every fault is named at the start, and none comes with a request", async () => {
    expect(
      await faultsOf({
        target: "localhost:3000",
        port: 70_000,
        cookieName: "a b",
        rules: [{ path: "health", action: "open" }],
        onUnauthenticated: "forward",
        sessionTimeout: "7",
        idleTimeout: "0 seconds"
      })
    ).toEqual([
      "target",
      "port",
      "cognitoPort",
      "keysPort",
      "cookieName",
      "rules",
      "rules",
      "onUnauthenticated",
      "sessionTimeout",
      "idleTimeout"
    ])
    for (const target of ["", "ftp://localhost", "http://localhost:3000/app", "http://a:b@localhost", "http://localhost/?x"]) {
      expect(await faultsOf({ target }), target).toEqual(["target"])
    }
  })

  it("a port that is taken is named, and nothing is left running", async () => {
    await using taken = await serveTeller()
    const port = Number(new URL(taken.url).port)
    for (const setting of ["port", "cognitoPort", "keysPort"]) {
      expect(await faultsOf({ forge, port: 0, cognitoPort: 0, keysPort: 0, [setting]: port }), setting).toEqual([setting])
    }
  })

  it.each([
    ["NODE_ENV", "production"],
    ["NODE_ENV", "Prod "],
    ["AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"]
  ])("with %s=%j it does not start", async (name, value) => {
    vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await faultsOf({})).toEqual(["environment"])
  })

  it("the ports after the given one are the pool's and the keys'", async () => {
    const port = await freePort()
    await using alb = await localAlb({ target: "http://localhost:3000", port, forge })
    expect([alb.url, alb.cognitoDomain, alb.keys.url]).toEqual([
      `http://localhost:${port}`,
      `http://localhost:${port + 1}`,
      `http://127.0.0.1:${port + 2}`
    ])
  })
})

/** The largest number up to 12,000 for which it is true. */
const largest = async (isTrue: (count: number) => Promise<boolean>): Promise<number> => {
  let [yes, no] = [0, 12_000]
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2)
    if (await isTrue(middle)) yes = middle
    else no = middle
  }
  return yes
}
