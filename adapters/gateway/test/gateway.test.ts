import { once } from "node:events"
import { request } from "node:http"
import { PolicySource, Provider } from "@cognito-auth/core"
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { WebSocket } from "ws"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startGateway } from "./startGateway.ts"

const forge = await sharedForge()
const ada = {
  sub: "11111111-2222-4333-8444-555555555555",
  email: "ada@example.com",
  name: "Ada Lövelace",
  groups: ["admins", "a,b", "café"]
}

describe("who may pass", () => {
  it("lets nobody through without a sign-in, on whatever path and method, and the upstream hears of none", async () => {
    const { url, upstream } = await startGateway(forge)
    for (const path of [
      "/",
      "/config",
      "/gradio_api/info",
      "/assets/index.js",
      "/gradio_api/file=/etc/passwd",
      "/gradio_api/queue/join",
      "/gradio_api/heartbeat/x"
    ]) {
      for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS"]) {
        const answer = await fetch(url + path, { method, redirect: "manual" })
        expect([path, method, answer.status]).toEqual([path, method, 401])
        await answer.arrayBuffer()
      }
    }
    const page = request(url, { headers: { accept: "text/html", "sec-fetch-mode": "navigate" } }).end()
    const [shown] = await once(page, "response")
    shown.resume()
    expect([shown.statusCode, shown.headers["content-type"]]).toEqual([401, "text/html; charset=utf-8"])
    expect(upstream.seen).toEqual([])
    expect(upstream.connections()).toBe(0)
  })

  it("lets a signed-in user through, and the policy keep one out", async () => {
    const { url, upstream } = await startGateway(forge, { who: { allowedGroups: ["admins"] } })
    const answer = await fetch(`${url}/greet?x=1&y=%20`, { headers: await forge.headers(ada) })
    expect([answer.status, await answer.text()]).toEqual([200, "GET /greet?x=1&y=%20"])
    expect((await fetch(url, { headers: await forge.headers({ groups: ["staff"] }) })).status).toBe(403)
    expect(upstream.seen).toHaveLength(1)
  })

  it("forwards a path that bypass names, without an identity", async () => {
    const { url, upstream } = await startGateway(forge, { bypass: ["/public"] })
    const headers = { ...(await forge.headers(ada)), "x-forwarded-user": "root", x_forwarded_email: "root@example.com" }
    expect((await fetch(`${url}/public`, { headers })).status).toBe(200)
    expect(upstream.seen[0]?.lines.filter(([name]) => /oidc|forwarded.(user|email)|assertion/i.test(name))).toEqual([])
  })
})

describe("requests from other origins", () => {
  const evil = { origin: "https://evil.example", "sec-fetch-site": "cross-site" }
  const statusOf = async (url: string, headers: Record<string, string>, method = "POST") => {
    const answer = await fetch(url, { method, headers: { ...headers, ...(await forge.headers(ada)) } })
    await answer.arrayBuffer()
    return answer.status
  }

  it("are refused by their method, and the upstream hears of none; links pass", async () => {
    const { url, upstream } = await startGateway(forge, { pathRules: ["/admin=group:admins"] })
    for (const path of ["/", "/admin", "/gradio_api/queue/join"]) {
      for (const method of ["POST", "PUT", "DELETE"]) expect(await statusOf(url + path, evil, method)).toBe(403)
      for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "same-site" }]) {
        expect(await statusOf(url + path, headers)).toBe(403)
      }
    }
    expect(upstream.seen).toEqual([])
    expect(await statusOf(url, evil, "GET")).toBe(200)
    for (const headers of [{}, { "sec-fetch-site": "same-origin" }, { origin: url }]) expect(await statusOf(url, headers)).toBe(200)
    expect(upstream.seen).toHaveLength(4)
  })

  it("pass where their origin or their path is allowed, also under a path rule", async () => {
    const options = { allowedOrigins: ["https://portal.example"], crossOrigin: { allow: ["/admin/hook", "/public"] } }
    const { url } = await startGateway(forge, {
      ...options,
      pathRules: ["/admin=group:admins", "/public=group:admins"],
      bypass: ["/public"]
    })
    expect(await statusOf(url, { ...evil, origin: "https://portal.example" })).toBe(200)
    expect(await statusOf(`${url}/admin/hook`, evil)).toBe(200)
    expect(await statusOf(`${url}/admin/other`, evil)).toBe(403)
    // Bypassed, it has the rule's own guard, which knows what is allowed too.
    expect(await statusOf(`${url}/public`, evil)).toBe(200)
  })

  it("are refused a WebSocket, which the app's own pages get", async () => {
    const { url, upstream } = await startGateway(forge)
    const open = async (origin: string) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, { origin, headers: await forge.headers(ada) })
      onTestFinished(() => socket.terminate())
      const opened = once(socket, "open").then(() => 101)
      const refused = once(socket, "unexpected-response").then(([, { statusCode }]) => statusCode)
      socket.on("error", () => undefined)
      return Promise.race([opened, refused])
    }
    expect(await open("https://evil.example")).toBe(403)
    expect(await open(`${url}0`)).toBe(403)
    expect(upstream.connections()).toBe(0)
    expect(await open(url)).toBe(101)
  })
})

describe("what the upstream is told", () => {
  it("gets the user in headers, and the load balancer's own as they were", async () => {
    const { url, upstream } = await startGateway(forge)
    const headers = await forge.headers(ada)
    await fetch(url, { headers: { ...headers, "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https", "x-forwarded-port": "443" } })
    expect(upstream.seen[0]?.headers).toMatchObject({
      ...headers,
      "x-forwarded-user": ada.sub,
      "x-forwarded-email": "ada@example.com",
      "x-forwarded-groups": "admins,a%2Cb,caf%C3%A9",
      "x-forwarded-name": "Ada%20L%C3%B6velace",
      "x-forwarded-is-admin": "false",
      "x-forwarded-for": "203.0.113.7, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "443",
      "x-forwarded-host": new URL(url).host,
      host: new URL(url).host
    })
  })

  it("gets no access token that was ignored, whoever wrote it, and one that was verified", async () => {
    const issuer = "https://idp.example.com"
    const own = { issuer, clientId: "client-1", groupsClaim: "groups" }
    const ignoring = await sharedForge({ provider: Provider.oidc(own) })
    const { url, upstream } = await startGateway(ignoring)
    const { "x-amzn-oidc-accesstoken": opaque, ...signed } = await ignoring.headers(ada)
    const [, ofAnother = ""] = Object.values(await forge.headers({ groups: ["admins"] }))
    for (const token of [opaque ?? "", ofAnother, "written, by, anybody"]) {
      expect((await fetch(url, { headers: { ...signed, "X-Amzn-Oidc-Accesstoken": token } })).status).toBe(200)
      const { headers } = upstream.seen.at(-1) ?? { headers: {} }
      expect(headers).toMatchObject({ ...signed, "x-forwarded-user": ada.sub })
      expect(headers).not.toHaveProperty("x-amzn-oidc-accesstoken")
    }
    const verifying = await sharedForge({ provider: Provider.oidc({ ...own, jwksUrl: `${issuer}/certs`, audience: "api://orders" }) })
    const other = await startGateway(verifying)
    const headers = await verifying.headers(ada)
    await fetch(other.url, { headers })
    expect(other.upstream.seen[0]?.headers).toMatchObject(headers)
  })

  it("gets an assertion that its published keys verify, for a minute at most", async () => {
    const { url, upstream } = await startGateway(forge)
    await fetch(url, { headers: await forge.headers(ada) })
    const keys = await fetch(`${url}/.well-known/cognito-auth/jwks.json`)
    expect(keys.headers.get("content-type")).toBe("application/jwk-set+json")
    const { payload, protectedHeader } = await jwtVerify(
      String(upstream.seen[0]?.headers["x-cognito-auth-assertion"]),
      createLocalJWKSet((await keys.json()) as Parameters<typeof createLocalJWKSet>[0]),
      { issuer: "cognito-auth", audience: upstream.url, algorithms: ["ES256"] }
    )
    expect(protectedHeader.typ).toBe("JWT")
    expect(payload).toMatchObject({ sub: ada.sub, email: ada.email, name: ada.name, groups: ada.groups, is_admin: false })
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(60)
    expect(upstream.seen).toHaveLength(1)
  })

  it("is told at once who has become an administrator, and who is none any more, when the policy is read again", async () => {
    let admins = ["admins"]
    const policy = PolicySource.document({
      name: "a policy",
      read: async () => JSON.stringify({ allowed_groups: ["admins"], admin_groups: admins })
    })
    const { url, upstream, gateway } = await startGateway(forge, { policy })
    const headers = await forge.headers(ada)
    const isAdmin = async () => {
      await fetch(url, { headers })
      const told = upstream.seen.at(-1)?.headers ?? {}
      return [told["x-forwarded-is-admin"], decodeJwt(String(told["x-cognito-auth-assertion"]))["is_admin"]]
    }
    expect(await isAdmin()).toEqual(["true", true])
    admins = ["others"]
    expect(await isAdmin()).toEqual(["true", true])
    await gateway.reload()
    expect(await isAdmin()).toEqual(["false", false])
  })

  it("gets a new assertion well before the previous one expires, when the clock is set back, and when the user signs in again", async () => {
    vi.useFakeTimers({ toFake: ["Date"] })
    onTestFinished(() => void vi.useRealTimers())
    const { url, upstream } = await startGateway(forge)
    const headers = await forge.headers(ada)
    const begin = Date.now()
    const at = async (seconds: number, signIn = headers) => {
      vi.setSystemTime(begin + seconds * 1_000)
      expect((await fetch(url, { headers: signIn })).status).toBe(200)
      const assertion = String(upstream.seen.at(-1)?.headers["x-cognito-auth-assertion"])
      const { exp = 0, groups } = decodeJwt(assertion)
      return { assertion, secondsLeft: exp - Date.now() / 1_000, groups }
    }
    const first = await at(0)
    expect((await at(19)).assertion).toBe(first.assertion)
    const second = await at(21)
    expect(second.assertion).not.toBe(first.assertion)
    expect(second.secondsLeft).toBeGreaterThan(58)
    for (const back of [5, -30]) expect((await at(back)).secondsLeft).toBeLessThanOrEqual(60)
    expect((await at(-30, await forge.headers({ ...ada, groups: ["staff"] }))).groups).toEqual(["staff"])
    expect((await at(-30)).groups).toEqual(ada.groups)
  })

  it("does not take an identity from the client, in whatever spelling", async () => {
    const { upstream, port } = await startGateway(forge)
    const forged = [
      "X-Forwarded-User",
      "x_forwarded_user",
      "X-FORWARDED_EMAIL",
      "X_Amzn_Oidc_Data",
      "x-amzn-oidc_identity",
      "X.Forwarded.Groups"
    ]
    const headers = { ...(await forge.headers(ada)), ...Object.fromEntries(forged.map((name) => [name, "root"])) }
    const asked = request({
      port,
      host: "127.0.0.1",
      headers: { ...headers, "x-cognito-auth-assertion": "root", "x-original-url": "/admin" }
    }).end()
    const [answer] = await once(asked, "response")
    answer.resume()
    expect(answer.statusCode).toBe(200)
    expect(upstream.seen[0]?.lines.filter(([, value]) => value === "root" || value === "/admin")).toEqual([])
  })

  it("is told of the path that it is mounted on, and is asked without it", async () => {
    const { url, upstream } = await startGateway(forge, { path: "/apps/one" })
    const headers = await forge.headers(ada)
    expect(await (await fetch(`${url}/apps/one/config?x`, { headers })).text()).toBe("GET /config?x")
    expect(upstream.seen[0]?.headers).toMatchObject({ "x-forwarded-prefix": "/apps/one", "x-gradio-server": `${url}/apps/one` })
    const slash = await fetch(`${url}/apps/one?x`, { headers, redirect: "manual" })
    expect([slash.status, slash.headers.get("location")]).toEqual([307, "/apps/one/?x"])
    expect((await fetch(`${url}/apps/onetwo`, { headers })).status).toBe(404)
    expect((await fetch(`${url}/apps/onetwo`)).status).toBe(401)
    expect(upstream.seen).toHaveLength(1)
  })

  it("answers with its own status, cookies and bytes, and without what concerns this hop alone", async () => {
    const { url } = await startGateway(forge)
    const answer = await fetch(`${url}/two-cookies`, { headers: await forge.headers(ada) })
    expect([answer.status, answer.statusText, await answer.text()]).toEqual([201, "Made", "made"])
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"])
    expect(answer.headers.get("x-internal")).toBeNull()
    expect(answer.headers.get("x-ok")).toBe("café")
  })
})

describe("path rules", () => {
  const rules = { pathRules: ["/admin=group:admins,user:root@example.com", { path: "/staff", require: { groups: ["staff"] } }] }

  it("ask beyond the policy, of requests and of upgrades", async () => {
    const { url, port, upstream } = await startGateway(forge, rules)
    const status = async (path: string, user: object) => (await fetch(url + path, { headers: await forge.headers(user) })).status
    expect(await status("/admin", { groups: ["admins"] })).toBe(200)
    expect(await status("/admin/x", { email: "root@example.com" })).toBe(200)
    expect(await status("/administrator", { groups: [] })).toBe(200)
    expect(await status("/admin/gradio_api/info", { groups: ["staff"] })).toBe(403)
    expect(await status("/staff", { groups: ["staff"] })).toBe(200)
    expect(await status("/staff", { groups: ["admins"] })).toBe(403)
    expect(upstream.seen).toHaveLength(4)
    const refused = new WebSocket(`ws://127.0.0.1:${port}/admin/ws`, { headers: await forge.headers({ groups: ["staff"] }) })
    const [, answer] = await once(refused, "unexpected-response")
    expect(answer.statusCode).toBe(403)
    expect(upstream.seen).toHaveLength(4)
  })

  it.each([
    "//admin",
    "/%61dmin",
    "/%2561dmin",
    "/ADMIN",
    "/admin;x=1/y",
    "/;/admin",
    "\\admin",
    "/admin%20",
    "/%C0%AF/../admin",
    "/x/../admin",
    "/x/%2e%2e/admin",
    "/./admin",
    "/admin%2Fx",
    "/x\\..\\admin",
    "/admin%00"
  ])("apply to %s, however an upstream reads it, or it is refused", async (target) => {
    const { port, upstream } = await startGateway(forge, rules)
    const asked = request({ port, host: "127.0.0.1", path: target, headers: await forge.headers({ groups: [] }) }).end()
    const [answer] = await once(asked, "response")
    answer.resume()
    expect([400, 403]).toContain(answer.statusCode)
    expect(upstream.seen).toEqual([])
  })
})

describe("the gateway's own paths", () => {
  it("tell of its life and readiness without a user, and are not forwarded", async () => {
    const { url, upstream } = await startGateway(forge)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect((await fetch(`${url}/healthz`, { method: "POST" })).status).toBe(405)
    expect((await fetch(`${url}/healthz/`)).status).toBe(401)
    expect(upstream.seen.map(({ method, target }) => `${method} ${target}`)).toEqual(["HEAD /"])
  })

  it("say that it is not ready while the app accepts connections and never answers", async () => {
    const { url } = await startGateway(forge, { timeout: "200 millis", readyPath: "/silent" })
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready", keys: true, policy: true, upstream: false }])
  })

  it("say that it is not ready while keys or policy are unreachable, as everybody gets 503", async () => {
    const keys = await forge.serve()
    onTestFinished(keys.close)
    await keys.misbehave("500")
    const withoutKeys = await startGateway(forge, { ...keys.settings().options, keySource: undefined })
    expect(await (await fetch(`${withoutKeys.url}/readyz`)).json()).toMatchObject({ status: "not ready", keys: false, upstream: true })

    const unreachable = PolicySource.document({ name: "a policy", read: () => Promise.reject(new Error("unreachable")) })
    const withoutPolicy = await startGateway(forge, { policy: unreachable })
    expect(await (await fetch(`${withoutPolicy.url}/readyz`)).json()).toMatchObject({ status: "not ready", keys: true, policy: false })
  })

  it("say that it is not ready while the load balancer's keys are unreachable: nobody asks for them before they are needed", async () => {
    const keys = await forge.serve()
    onTestFinished(keys.close)
    await keys.misbehave("500", { only: "alb" })
    const { url } = await startGateway(forge, { ...keys.settings().options, keySource: undefined })
    expect((await fetch(`${url}/x`, { headers: await forge.headers() })).status).toBe(503)
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: "not ready", keys: false })
  })

  it("say when the upstream is down: alive, and not ready", async () => {
    const { url, upstream } = await startGateway(forge)
    await upstream.close()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready", keys: true, policy: true, upstream: false }])
  })
})

describe("services", () => {
  it("are not offered: naming their paths is a fault, and a bearer token makes no difference", async () => {
    const options: object = { services: ["/api"] }
    await expect(startGateway(forge, options)).rejects.toThrow("services: is not offered here")
    const { url, upstream } = await startGateway(forge)
    expect((await fetch(`${url}/api`, { headers: await forge.bearer() })).status).toBe(401)
    expect((await fetch(`${url}/api`, { headers: { ...(await forge.headers()), ...(await forge.bearer()) } })).status).toBe(200)
    expect(upstream.seen).toHaveLength(1)
  })
})
