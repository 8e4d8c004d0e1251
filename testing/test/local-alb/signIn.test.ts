import { describe, expect, it } from "vitest"
import { days, minutes, stage, told } from "./apps.ts"
import { actionOf, Visitor } from "./visitor.ts"

const ada = { user: "ada@example.com" }
const sessionCookies = (visitor: Visitor) => [...visitor.cookies.keys()].filter((name) => name.startsWith("AWSELBAuthSessionCookie-"))

describe("signing in", () => {
  it("sends who is not signed in to the user pool's page, and after it to where he was going", async () => {
    await using behind = await stage()
    const { alb } = behind
    const visitor = new Visitor()
    const first = await visitor.ask(`${alb.url}/reports/7?from=mail&x=%2F`)
    expect(first.status).toBe(302)
    const authorize = new URL(first.headers.get("location") ?? "")
    expect(authorize.origin + authorize.pathname).toBe(`${alb.cognitoDomain}/oauth2/authorize`)
    expect(Object.fromEntries(authorize.searchParams)).toEqual({
      client_id: alb.forge.clientId,
      redirect_uri: `${alb.url}/oauth2/idpresponse`,
      response_type: "code",
      scope: "openid",
      state: expect.stringMatching(/^[\w-]{40,}$/)
    })
    expect(visitor.cookies.has("AWSALBAuthNonce")).toBe(true)

    const page = await visitor.open(authorize.href)
    expect(page.status).toBe(200)
    expect(page.url).toContain(`${alb.cognitoDomain}/login?`)
    expect(page.body).toContain("Grace Hopper")

    const home = await visitor.submit(page, ada)
    expect(home.url).toBe(`${alb.url}/reports/7?from=mail&x=%2F`)
    expect(told(home.body).headers["x-amzn-oidc-identity"]).toMatch(/^[0-9a-f-]{36}$/)
    expect(sessionCookies(visitor)).toEqual(["AWSELBAuthSessionCookie-0"])
  })

  it("a typed user has the e-mail, the name and the groups that were typed", async () => {
    await using behind = await stage()
    const { alb } = behind
    const home = await new Visitor().signIn(alb.url, { email: "new@example.com", name: "Niamh O’Neill", groups: " staff, team-α ,staff" })
    const { headers } = told(home.body)
    expect(claimsOf(headers["x-amzn-oidc-data"])).toMatchObject({
      email: "new@example.com",
      email_verified: "true",
      name: "Niamh O’Neill",
      given_name: "Niamh",
      family_name: "O’Neill"
    })
    expect(claimsOf(headers["x-amzn-oidc-accesstoken"])).toMatchObject({ "cognito:groups": ["staff", "team-α"], token_use: "access" })
  })

  it("what was typed wrong comes back with what is wrong, and with what was typed", async () => {
    await using behind = await stage()
    const visitor = new Visitor()
    const page = await visitor.open(behind.alb.url)
    const again = await visitor.submit(page, { email: "nobody<script>", groups: "two words" }, actionOf(page))
    expect(again.status).toBe(400)
    expect(again.body).toContain("<title>Error: Sign in</title>")
    expect(again.body).toContain("Enter an e-mail address in the form name@example.com")
    expect(again.body).toContain("change &quot;two words&quot;")
    expect(again.body).toContain('value="nobody&lt;script&gt;"')
    expect(again.body).not.toContain("<script>")
    expect((await visitor.submit(again, { email: "" })).body).toContain("Enter an e-mail address")
    expect(sessionCookies(visitor)).toEqual([])
  })

  it("a session signs the browser in, until it has lasted for its time, however busy it was", async () => {
    await using behind = await stage()
    const { alb, pass } = behind
    const visitor = new Visitor()
    await visitor.signIn(alb.url, ada)
    for (let day = 1; day < 7; day++) {
      pass(days(1))
      expect((await visitor.ask(alb.url)).status).toBe(200)
    }
    pass(days(1))
    const page = await visitor.open(alb.url)
    expect(page.url).toContain("/login?")
    expect(alb.sessions()).toEqual([])
  })

  it("the user pool asks nothing for an hour, and then asks again", async () => {
    await using behind = await stage({ sessionTimeout: "1 minute" })
    const { alb, pass } = behind
    const visitor = new Visitor()
    await visitor.signIn(alb.url, ada)
    pass(minutes(2))
    expect(told((await visitor.open(`${alb.url}/again`)).body).url).toBe("/again")
    pass(minutes(60))
    expect((await visitor.open(alb.url)).url).toContain("/login?")
  })

  it("must be done within fifteen minutes", async () => {
    await using behind = await stage()
    const { alb, pass } = behind
    const visitor = new Visitor()
    const page = await visitor.open(alb.url)
    pass(minutes(15))
    const late = await visitor.submit(page, ada)
    expect(late.status).toBe(401)
    expect(late.body).toContain("took too long")
    expect(sessionCookies(visitor)).toEqual([])
  })

  it("a code is taken once", async () => {
    await using behind = await stage()
    const visitor = new Visitor()
    const callback = await callbackOf(visitor, behind.alb.url)
    expect((await visitor.ask(callback)).status).toBe(302)
    const again = await visitor.ask(callback)
    expect(again.status).toBe(561)
    expect(again.headers.getSetCookie()).toEqual([])
  })

  it("a code expires, and an error of the pool is passed on as 561", async () => {
    await using behind = await stage()
    const visitor = new Visitor()
    const callback = await callbackOf(visitor, behind.alb.url)
    behind.pass(minutes(6))
    expect((await visitor.ask(callback)).status).toBe(561)
    const other = new Visitor()
    const denied = new URL(await callbackOf(other, behind.alb.url))
    denied.searchParams.set("error", "access_denied")
    expect((await other.ask(denied.href)).status).toBe(561)
  })

  it("a state that is missing, changed or of another browser is refused", async () => {
    await using behind = await stage()
    const { alb } = behind
    const visitor = new Visitor()
    const callback = await callbackOf(visitor, alb.url)
    const change = (edit: (query: URLSearchParams) => void): string => {
      const url = new URL(callback)
      edit(url.searchParams)
      return url.href
    }
    const state = new URL(callback).searchParams.get("state") ?? ""
    // A session is sealed with the same key, for another purpose.
    const session = (await alb.signIn({ email: "eve@example.com" })).split("=")[1] ?? ""
    const changed = state.slice(0, -5) + (state.at(-5) === "A" ? "B" : "A") + state.slice(-4)
    for (const url of [
      change((query) => query.delete("state")),
      change((query) => query.set("state", "")),
      change((query) => query.set("state", changed)),
      change((query) => query.append("state", state)),
      change((query) => query.set("state", session))
    ]) {
      expect((await visitor.ask(url)).status).toBe(401)
    }
    // Login CSRF: a victim is led to an attacker's callback.
    expect((await new Visitor().ask(callback)).status).toBe(401)
    expect((await visitor.ask(callback)).status).toBe(302)
  })

  it("two tabs can sign in at the same time", async () => {
    await using behind = await stage()
    const visitor = new Visitor()
    const [one, two] = [await visitor.open(`${behind.alb.url}/one`), await visitor.open(`${behind.alb.url}/two`)]
    expect(told((await visitor.submit(one, ada)).body).url).toBe("/one")
    expect(told((await visitor.submit(two, ada)).body).url).toBe("/two")
  })

  it("leads back to the load balancer, whatever the target looks like", async () => {
    await using behind = await stage()
    const home = await new Visitor().signIn(`${behind.alb.url}//evil.example/x`, ada)
    expect(home.url).toBe(`${behind.alb.url}//evil.example/x`)
    expect(told(home.body).url).toBe("//evil.example/x")
  })

  it("the user pool gives a code to nobody but the load balancer, for its own client", async () => {
    await using behind = await stage()
    const { alb } = behind
    const location = (await new Visitor().ask(alb.url)).headers.get("location") ?? ""
    for (const [name, value] of [
      ["client_id", "another"],
      ["redirect_uri", "https://evil.example/oauth2/idpresponse"],
      ["redirect_uri", `${alb.url}.evil.example/oauth2/idpresponse`],
      ["redirect_uri", `${alb.url}/elsewhere`],
      ["redirect_uri", `${alb.url.replace(/\d+$/, "1")}/oauth2/idpresponse`],
      ["response_type", "token"]
    ] as const) {
      const url = new URL(location)
      url.searchParams.set(name, value)
      for (const path of ["/oauth2/authorize", "/login"]) {
        url.pathname = path
        const visitor = new Visitor()
        expect((await visitor.ask(url.href)).status, `${path} ${name} ${value}`).toBe(400)
        const posted = await visitor.ask(url.href, {
          method: "POST",
          headers: { origin: alb.cognitoDomain },
          body: new URLSearchParams(ada)
        })
        expect(posted.status, `POST ${path} ${name} ${value}`).toBe(path === "/login" ? 400 : 404)
        expect(visitor.cookies.size).toBe(0)
      }
    }
  })

  it("the sign-in form of another origin is refused", async () => {
    await using behind = await stage()
    const visitor = new Visitor()
    const page = await visitor.open(behind.alb.url)
    for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }, {}]) {
      const posted = await visitor.ask(page.url, { method: "POST", headers, body: new URLSearchParams(ada) })
      expect(posted.status, JSON.stringify(headers)).toBe(403)
    }
    expect(sessionCookies(visitor)).toEqual([])
  })
})

describe("signing out", () => {
  it("takes the session cookie and the pool's session: one without the other signs in again", async () => {
    await using behind = await stage()
    const { alb } = behind
    const visitor = new Visitor()
    await visitor.signIn(alb.url, ada)
    visitor.cookies.delete("AWSELBAuthSessionCookie-0")
    expect(told((await visitor.open(alb.url)).body).headers["x-amzn-oidc-identity"]).toBeDefined()

    const logout = new URL("/logout", alb.cognitoDomain)
    logout.searchParams.set("client_id", alb.forge.clientId)
    logout.searchParams.set("logout_uri", `${alb.url}/signed-out`)
    const out = await visitor.ask(logout.href)
    expect(out.status).toBe(302)
    expect(out.headers.get("location")).toBe(`${alb.url}/signed-out`)
    expect((await visitor.ask(alb.url)).status).toBe(200)
    visitor.cookies.delete("AWSELBAuthSessionCookie-0")
    expect((await visitor.open(alb.url)).url).toContain("/login?")
  })

  it("leads to the app client's sign-out URLs and nowhere else", async () => {
    await using behind = await stage()
    await using strict = await stage({ logoutUris: ["https://app.example/bye"] })
    const ask = async ({ alb }: typeof behind, clientId: string, logoutUri: string | undefined) => {
      const url = new URL("/logout", alb.cognitoDomain)
      url.searchParams.set("client_id", clientId)
      if (logoutUri !== undefined) url.searchParams.set("logout_uri", logoutUri)
      return (await new Visitor().ask(url.href)).status
    }
    const { clientId } = behind.alb.forge
    expect(await ask(behind, clientId, `${behind.alb.url}/x?y=1`)).toBe(302)
    expect(await ask(behind, "another", `${behind.alb.url}/x`)).toBe(400)
    for (const elsewhere of [
      undefined,
      "",
      "https://evil.example",
      "//evil.example",
      `${behind.alb.url}@evil.example`,
      "javascript:alert(1)"
    ]) {
      expect(await ask(behind, clientId, elsewhere), elsewhere).toBe(400)
    }
    expect(await ask(strict, clientId, "https://app.example/bye")).toBe(302)
    expect(await ask(strict, clientId, `${strict.alb.url}/bye`)).toBe(400)
  })
})

const callbackOf = async (visitor: Visitor, url: string): Promise<string> => {
  const page = await visitor.open(url)
  const posted = await visitor.ask(new URL(actionOf(page), page.url).href, {
    method: "POST",
    headers: { origin: new URL(page.url).origin },
    body: new URLSearchParams(ada)
  })
  return posted.headers.get("location") ?? ""
}

const claimsOf = (token = ""): unknown => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
