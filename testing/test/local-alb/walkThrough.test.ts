/** Real sign-ins through the local ALB, to an app that has production's settings but for URLs. */
import { once } from "node:events"
import { attacks } from "@cognito-auth/testing"
import { type LocalAlbOptions, localAlb } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import { startApp } from "../browser/app.ts"
import { freePort } from "../freePort.ts"
import { ownForge } from "../sharedForge.ts"
import { Visitor } from "./visitor.ts"

/** What the app has in production. */
const production = {
  COGNITO_AUTH_REGION: "eu-west-1",
  COGNITO_AUTH_USER_POOL_ID: "eu-west-1_Prod12345",
  COGNITO_AUTH_CLIENT_ID: "7prodclient7id",
  COGNITO_AUTH_ALB_ARN: "arn:aws:elasticloadbalancing:eu-west-1:210987654321:loadbalancer/app/prod/0123456789abcdef",
  COGNITO_AUTH_ALLOWED_GROUPS: "staff,admins",
  COGNITO_DOMAIN: "https://prod.auth.eu-west-1.amazoncognito.com"
}
/** The local ALB is told who it stands for. */
const standsFor = {
  region: "eu-west-1",
  userPoolId: "eu-west-1_Prod12345",
  clientId: "7prodclient7id",
  albArn: production.COGNITO_AUTH_ALB_ARN
}

/** The app with production's settings and the local ALB's URLs. */
const start = async (options: Partial<LocalAlbOptions> = {}) => {
  const appPort = await freePort()
  const rules = ["/sign-out", "/signed-out", "/no-access"].map((path) => ({ path, action: "forward" as const }))
  const alb = await localAlb({ target: `http://127.0.0.1:${appPort}`, rules, forge: await ownForge(), ...standsFor, ...options })
  const { COGNITO_AUTH_ALB_KEYS_URL = "", COGNITO_AUTH_JWKS_URL = "", COGNITO_DOMAIN = "" } = alb.settings().env
  const app = await startApp({
    ...production,
    ...{ COGNITO_AUTH_ALB_KEYS_URL, COGNITO_AUTH_JWKS_URL, COGNITO_DOMAIN },
    COGNITO_AUTH_REDIRECT_URL: `${alb.url}/no-access`,
    SIGNED_OUT_URL: `${alb.url}/signed-out`
  })
  await app.listen(appPort)
  return {
    alb,
    [Symbol.asyncDispose]: async () => {
      await alb.close()
      await app.close()
    }
  }
}

/** A request that a script makes. */
const script = { headers: { accept: "*/*", "sec-fetch-mode": "cors" } }

describe("an app behind the local ALB", () => {
  it("has production's settings, and differs in URLs alone", async () => {
    await using alb = await localAlb({ target: "http://localhost:3000", forge: await ownForge(), ...standsFor })
    const { env } = alb.settings({ allowedGroups: ["staff", "admins"] })
    const differing = Object.keys(env).filter((name) => env[name] !== production[name as keyof typeof production])
    expect(differing.sort()).toEqual(["COGNITO_AUTH_ALB_KEYS_URL", "COGNITO_AUTH_JWKS_URL", "COGNITO_DOMAIN"])
    for (const name of differing) expect(new URL(env[name] ?? "").hostname).toMatch(/^(localhost|127\.0\.0\.1)$/)
    const { options } = alb.settings()
    expect([options.userPoolId, options.clientId, options.albArn]).toEqual([standsFor.userPoolId, standsFor.clientId, standsFor.albArn])
  })

  it("admits allowed users, and redirects the others to where they are told why", async () => {
    await using behind = await start()
    const { alb } = behind
    const [ada, grace, alan] = [new Visitor(), new Visitor(), new Visitor()]
    expect((await ada.signIn(`${alb.url}/admin`, { user: "ada@example.com" })).body).toContain("Administration by Ada Lovelace")
    expect((await grace.signIn(alb.url, { user: "grace@example.com" })).body).toContain("Hello Grace Hopper")
    expect((await grace.open(`${alb.url}/admin`)).body).toContain("No access")
    expect((await grace.ask(`${alb.url}/admin`, script)).status).toBe(403)
    expect(alb.recentRequests()[0]).toMatchObject({ path: "/admin", status: 403, reason: "NotAuthorised", user: "grace@example.com" })
    expect((await alan.signIn(alb.url, { user: "alan@example.com" })).body).toContain("No access")
    expect((await alan.ask(alb.url, script)).status).toBe(403)
    const session: unknown = JSON.parse((await ada.ask(`${alb.url}/session`)).body)
    expect(session).toMatchObject({ expiresInSeconds: expect.any(Number) })
  })

  it("signs out by its own sign-out, and comes back unauthenticated", async () => {
    await using behind = await start()
    const { alb } = behind
    const visitor = new Visitor()
    await visitor.signIn(alb.url, {
      email: "wide@example.com",
      groups: Array.from({ length: 150 }, (_, i) => `staff-of-many-${i}`)
        .concat("staff")
        .join(",")
    })
    expect([...visitor.cookies.keys()].filter((name) => name.startsWith("AWSELB")).length).toBeGreaterThan(1)
    const out = await visitor.open(`${alb.url}/sign-out`)
    expect(out.url).toBe(`${alb.url}/signed-out`)
    expect(out.body).toContain("Signed out")
    expect([...visitor.cookies.keys()]).toEqual(["AWSALBAuthNonce"])
    expect((await visitor.open(alb.url)).url).toContain(`${alb.cognitoDomain}/login?`)
  })

  it("a WebSocket and an event stream live until the access token expires, and no longer", async () => {
    await using behind = await start({ accessLifetime: "3 seconds", refresh: false })
    const { alb } = behind
    const startedAt = Date.now()
    const cookie = await alb.signIn({ email: "ada@example.com", groups: ["staff"] })
    const socket = new WebSocket(`${alb.url.replace("http", "ws")}/ws`, { headers: { cookie } })
    const closed = once(socket, "close")
    await once(socket, "open")
    const stream = await fetch(`${alb.url}/events`, { headers: { cookie } })
    const events = stream.text().catch(() => "cut")
    socket.send("who am I?")
    expect(String((await once(socket, "message"))[0])).toBe("ada@example.com")
    expect((await closed)[0]).toBe(4401)
    expect(Date.now() - startedAt).toBeGreaterThan(1_900)
    expect(await events).toMatch(/cut|tick/)
  })

  it("withstands every attack: the load balancer or, if it does not authenticate, the app refuses it", async () => {
    await using guarded = await start()
    await using open = await start({ rules: [], onUnauthenticated: "allow" })
    const user = { groups: ["staff"] }
    for (const [name, { error, headers }] of Object.entries(attacks)) {
      const forged = await headers(guarded.alb.forge, user)
      expect((await fetch(guarded.alb.url, { headers: forged, redirect: "manual" })).status, name).toBe(302)
      const cookie = await guarded.alb.signIn({ email: "ada@example.com", name: "Ada", groups: ["staff"] })
      expect(await (await fetch(guarded.alb.url, { headers: { ...forged, cookie } })).text(), name).toContain("ada@example.com: staff")
      const refused = await fetch(open.alb.url, { headers: await headers(open.alb.forge, user) })
      expect([refused.status, ((await refused.json()) as { error: string }).error], name).toEqual([401, error])
    }
    expect((await fetch(open.alb.url, { headers: await open.alb.forge.headers(user) })).status).toBe(200)
  })
})
