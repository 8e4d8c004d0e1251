import { localAlb } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"
import { ownForge } from "../sharedForge.ts"
import { guard, serve, stage, told } from "./apps.ts"
import { type Visit, Visitor } from "./visitor.ts"

const open = (visitor: Visitor, { controlUrl }: { controlUrl: string }): Promise<Visit> => visitor.open(controlUrl)

/** Presses the button of a form of the control page. */
const press = (visitor: Visitor, page: Visit, action: string, fields: Readonly<Record<string, string>> = {}): Promise<Visit> => {
  expect(page.body).toContain(`action="/_local-alb/${action}"`)
  return visitor.submit(page, fields, `/_local-alb/${action}`)
}

/** The text of the page, without tags. */
const textOf = ({ body }: Visit): string =>
  body
    .replace(/<style>[\s\S]*<\/style>/, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
const hiddenId = ({ body }: Visit): string => /name="id" value="([^"]+)"/.exec(body)?.[1] ?? "no id"

describe("the control page", () => {
  it("shows who is signed in, users, keys, settings and the last requests", async () => {
    await using behind = await stage({ rules: [{ path: "/open", action: "forward" }] })
    const { alb } = behind
    const visitor = new Visitor()
    expect(textOf(await open(visitor, alb))).toContain("Nobody is signed in in this browser.")
    await visitor.ask(`${alb.url}/open?secret=1`)
    await visitor.signIn(`${alb.url}/reports`, { user: "grace@example.com" })
    const page = await open(visitor, alb)
    const text = textOf(page)
    expect(text).toContain(
      "Signed in Grace Hopper grace@example.com Groups staff Session ends in 7 days Tokens access token expires in 60 min"
    )
    expect(text).toMatch(/Key host up Load balancer [0-9a-f-]{36} User pool \S{40,} Published \d+ keys/)
    expect(text).toContain(`COGNITO_AUTH_JWKS_URL=${alb.keys.jwksUrl}`)
    expect(text).toContain(`COGNITO_DOMAIN=${alb.cognitoDomain}`)
    expect(text).toContain("GET /reports grace@example.com 200 app")
    expect(text).toContain("GET /oauth2/idpresponse grace@example.com 302 load balancer signed in")
    expect(text).toContain("GET /reports nobody 302 load balancer to the sign-in page")
    expect(text).toContain("GET /open nobody 200 app")
    expect(text).not.toContain("secret")
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'")
    expect(page.body).not.toContain("<script")
  })

  it("switches the user of this browser, and of no other", async () => {
    await using behind = await stage()
    const { alb } = behind
    const [mine, others] = [new Visitor(), new Visitor()]
    await mine.signIn(alb.url, { user: "ada@example.com" })
    await others.signIn(alb.url, { user: "ada@example.com" })
    const page = await press(mine, await open(mine, alb), "switch", { email: "grace@example.com" })
    expect(textOf(page)).toContain("This browser is signed in as another user.")
    const emailOf = async (visitor: Visitor) => emailIn((await visitor.open(alb.url)).body)
    expect(await emailOf(mine)).toBe("grace@example.com")
    expect(await emailOf(others)).toBe("ada@example.com")
    alb.expireSession(alb.sessions().find(({ user }) => user.email === "grace@example.com")?.id)
    expect((await mine.open(alb.url)).url).toContain("/login?")
    const fresh = new Visitor()
    await press(fresh, await open(fresh, alb), "switch", { email: "alan@example.com" })
    expect(await emailOf(fresh)).toBe("alan@example.com")
  })

  it("changes groups, which the next request's tokens have", async () => {
    await using app = await serve(() => undefined)
    await using alb = await localAlb({ target: app.url, forge: await ownForge() })
    const auth = guard(app, alb)
    const visitor = new Visitor()
    expect((await visitor.signIn(alb.url, { user: "alan@example.com" })).body).toBe("Hello Alan Turing, of no group")
    await press(visitor, await open(visitor, alb), "groups", { email: "alan@example.com", groups: "staff, admins" })
    expect((await visitor.open(alb.url)).body).toBe("Hello Alan Turing, of staff and admins")
    for (const [fields, problem] of [
      [{ email: "alan@example.com", groups: "two words" }, "two words"],
      [{ email: "nobody@example.com", groups: "staff" }, "There is no user of this e-mail address."],
      [{}, "There is no user of this e-mail address."]
    ] as const) {
      const page = await press(visitor, await open(visitor, alb), "groups", fields)
      expect([page.status, textOf(page)]).toEqual([400, expect.stringContaining(problem)])
    }
    expect((await visitor.open(alb.url)).body).toBe("Hello Alan Turing, of staff and admins")
    await auth.dispose()
  })

  it("expires and renews the tokens, and ends the session", async () => {
    await using app = await serve(() => undefined)
    await using alb = await localAlb({ target: app.url, forge: await ownForge() })
    const auth = guard(app, alb)
    const visitor = new Visitor()
    await visitor.signIn(alb.url, { user: "ada@example.com" })
    const id = hiddenId(await open(visitor, alb))
    const expired = await press(visitor, await open(visitor, alb), "expire-tokens", { id })
    expect(textOf(expired)).toContain("Tokens expired, until renewed")
    expect((await visitor.ask(alb.url, { headers: { "sec-fetch-mode": "cors" } })).status).toBe(401)
    expect(textOf(await open(visitor, alb))).toContain("GET / ada@example.com 401 app TokenExpired, exp")
    await press(visitor, expired, "renew-tokens", { id })
    expect((await visitor.ask(alb.url)).status).toBe(200)
    await press(visitor, await open(visitor, alb), "expire-session", { id })
    expect((await visitor.open(alb.url)).url).toContain("/login?")
    await auth.dispose()
  })

  it("rotates keys, and takes the key host down and up", async () => {
    await using behind = await stage()
    const { alb } = behind
    const visitor = new Visitor()
    const kid = alb.forge.keys.alb.current.kid
    await press(visitor, await open(visitor, alb), "rotate-keys")
    expect(alb.forge.keys.alb.current.kid).not.toBe(kid)
    const down = await press(visitor, await open(visitor, alb), "key-host-down")
    expect(textOf(down)).toContain("Key host down")
    await expect(fetch(alb.keys.jwksUrl)).rejects.toThrow()
    await press(visitor, down, "key-host-up")
    expect((await fetch(alb.keys.jwksUrl)).status).toBe(200)
  })

  it("ends another browser's session", async () => {
    await using behind = await stage()
    const { alb } = behind
    const [mine, others] = [new Visitor(), new Visitor()]
    await mine.signIn(alb.url, { user: "ada@example.com" })
    await others.signIn(alb.url, { user: "grace@example.com" })
    const page = await open(mine, alb)
    expect(textOf(page)).toContain("Other sessions User Since End grace@example.com")
    const id = alb.sessions().find(({ user }) => user.email === "grace@example.com")?.id ?? ""
    await press(mine, page, "expire-session", { id })
    expect((await others.open(alb.url)).url).toContain("/login?")
    expect((await mine.ask(alb.url)).status).toBe(200)
  })

  it("refuses a form from another origin, or from a client that is not a browser", async () => {
    await using behind = await stage()
    const { alb } = behind
    const visitor = new Visitor()
    await visitor.signIn(alb.url, { user: "ada@example.com" })
    const kid = alb.forge.keys.alb.current.kid
    const page = await open(visitor, alb)
    const actions = [...new Set([...page.body.matchAll(/action="(\/_local-alb\/[^"]+)"/g)].map(([, action]) => action ?? ""))]
    expect(actions).toHaveLength(6)
    for (const action of actions) {
      for (const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: alb.cognitoDomain },
        { "sec-fetch-site": "same-site" },
        {}
      ]) {
        const posted = await visitor.ask(`${alb.url}${action}`, {
          method: "POST",
          headers,
          body: new URLSearchParams({ email: "grace@example.com" })
        })
        expect(posted.status, `${action} ${JSON.stringify(headers)}`).toBe(403)
      }
      expect((await visitor.ask(`${alb.url}${action}`)).status, `GET ${action}`).toBe(404)
    }
    expect(alb.forge.keys.alb.current.kid).toBe(kid)
    expect(emailIn((await visitor.open(alb.url)).body)).toBe("ada@example.com")
  })

  it("writes what users and apps call themselves as text", async () => {
    const name = `<img src=x onerror=alert(1)>"'&`
    await using behind = await stage({
      users: [{ email: "a<b>@example.com", name, groups: ["<script>", '"quoted"'] }],
      onUnauthenticated: "allow"
    })
    const { alb } = behind
    const visitor = new Visitor()
    await visitor.ask(`${alb.url}/<b>'%22`)
    const page = await press(visitor, await open(visitor, alb), "switch", { email: "a<b>@example.com" })
    const unknown = await visitor.open(`${alb.controlUrl}?done=<b>constructor`)
    for (const { body } of [page, unknown]) {
      expect(body).not.toMatch(/<img|<script|<b>|onerror=alert\(1\)>"/)
      expect(body).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;")
    }
  })
})

const emailIn = (body: string): unknown => {
  const [, payload = ""] = told(body).headers["x-amzn-oidc-data"]?.split(".") ?? []
  return JSON.parse(Buffer.from(payload, "base64url").toString())["email"]
}
