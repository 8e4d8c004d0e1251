/**
 * What pages of other origins can do with a user's session, in a real Chromium. To it, `sibling.app.localhost` is same-site with
 * `app.localhost` and of another origin, and `evil.localhost` is cross-site.
 */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { makeForge } from "@cognito-auth/testing"
import { type LocalAlbOptions, localAlb } from "@cognito-auth/testing/local-alb"
import type { BrowserContext, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { freePort } from "../freePort.ts"
import { launchProfile } from "./browser.ts"
import { startNotesApp } from "./notesApp.ts"
import { addProbes, probe } from "./probes.ts"

const forge = await makeForge()
const sessionCookie = "AWSELBAuthSessionCookie-0"

/** A server of an empty page, for every name of loopback. */
const startOtherSite = async () => {
  const server = createServer((_req, res) => res.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Other</title>"))
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { sibling: `http://sibling.app.localhost:${port}`, evil: `http://evil.localhost:${port}`, close }
}

interface StageOptions extends Partial<LocalAlbOptions> {
  /** Whether the sibling's origin is allowed. */
  readonly allowsSibling?: boolean
}

/** The app behind the local ALB as `app.localhost`, and the other sites. */
const stage = async ({ allowsSibling = false, ...options }: StageOptions = {}) => {
  const others = await startOtherSite()
  const port = await freePort()
  const rules = ["/sign-out", "/signed-out"].map((path) => ({ path, action: "forward" as const }))
  const alb = await localAlb({ forge, target: `http://localhost:${port}`, rules, ...options })
  const url = alb.url.replace(/\/\/[^:]+/, "//app.localhost")
  const environment = { ...alb.settings({ allowedGroups: ["staff"] }).env, SIGNED_OUT_URL: `${alb.url}/signed-out` }
  const allowed = allowsSibling ? { COGNITO_AUTH_ALLOWED_ORIGINS: others.sibling } : {}
  const app = await startNotesApp({ ...environment, ...allowed }, port)
  const { context, close } = await launchProfile()
  await addProbes(context)
  return {
    alb,
    app,
    url,
    ...others,
    context,
    [Symbol.asyncDispose]: async () => {
      await close()
      await alb.close()
      await app.close()
      await others.close()
    }
  }
}
type Staged = Awaited<ReturnType<typeof stage>>

const signIn = async ({ context, url, app }: Staged): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole("button", { name: "Grace Hopper" }).click()
  await page.waitForURL(`${url}/`)
  expect(await page.getByRole("heading").textContent()).toBe("Notes of Grace Hopper")
  app.received.length = 0
  return page
}

/**
 * The load balancer does not say SameSite. Chromium takes that for Lax; Firefox and Safari, and older browsers, send the cookie with
 * every request, as if it said None.
 */
const asInBrowsersWithoutLax = async (context: BrowserContext): Promise<void> => {
  const cookies = (await context.cookies()).filter(({ name }) => name.startsWith("AWSELBAuth"))
  await context.addCookies(cookies.map((cookie) => ({ ...cookie, sameSite: "None" as const, secure: true })))
}

const isStillSignedIn = async ({ context, url }: Staged): Promise<boolean> => {
  const page = await context.newPage()
  await page.goto(url)
  const isSignedIn = (await page.title()) === "Notes"
  await page.close()
  return isSignedIn && (await context.cookies()).some(({ name }) => name === sessionCookie)
}

const open = async ({ context }: Staged, origin: string): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(origin)
  return page
}

/** Submits a form in the page's window; the status of what it gets. */
const postForm = async (page: Page, action: string): Promise<number> => {
  const [response] = await Promise.all([page.waitForResponse((each) => each.url() === action), probe(page, "submit", action)])
  return response.status()
}

const clickLink = async (page: Page, href: string): Promise<void> => {
  await probe(page, "link", href)
  await Promise.all([page.waitForEvent("load"), page.getByRole("link", { name: "Click" }).click()])
}

/** What `fetch` is given: as JSON, for the page. */
interface Sent {
  readonly method?: string
  readonly mode?: string
  readonly [option: string]: unknown
}

const withCookies = { credentials: "include" } as const
const posts: ReadonlyArray<readonly [what: string, init: Sent]> = [
  ["a no-cors POST", { ...withCookies, method: "POST", mode: "no-cors", body: "a=b" }],
  ["a cors POST", { ...withCookies, method: "POST", mode: "cors", body: "a=b" }],
  ["a POST of plain text", { ...withCookies, method: "POST", headers: { "content-type": "text/plain" }, body: "{}" }],
  ["a POST that outlives its page", { ...withCookies, method: "POST", mode: "no-cors", keepalive: true, body: "x" }],
  ["a POST without a referrer", { ...withCookies, method: "POST", mode: "no-cors", referrerPolicy: "no-referrer", body: "x" }]
]

/** Every way to act with the user's session, from a page of this origin: each is refused, or has no effect. */
const attackFrom = async (staged: Staged, origin: string, site: "same-site" | "cross-site"): Promise<void> => {
  const { app, url, refusals } = { ...staged, ...staged.app }
  const last = () => app.received.at(-1)
  const carried = { isSignedIn: true, site }

  for (const [what, init] of posts) {
    const page = await open(staged, origin)
    expect(await probe(page, "send", `${url}/notes`, init), what).toBe(init.mode === "no-cors" ? "opaque" : "failed")
    await expect.poll(last, { message: what }).toMatchObject({ method: "POST", ...carried })
    await page.close()
  }
  expect(refusals.splice(0)).toEqual(posts.map(() => "CrossOriginRefused"))

  const page = await open(staged, origin)
  await probe(page, "beacon", `${url}/notes`)
  await expect.poll(() => refusals.splice(0)).toEqual(["CrossOriginRefused"])
  expect(last()).toMatchObject({ method: "POST", ...carried })

  // Asked for beforehand, without the cookie: it never gets as far as the app.
  const before = app.received.length
  for (const method of ["PUT", "DELETE"])
    expect(await probe(page, "send", `${url}/notes`, { method, credentials: "include" })).toBe("failed")
  expect(app.received.slice(before).filter(({ method }) => method !== "OPTIONS")).toEqual([])

  expect(await probe(page, "speak", `${url.replace("http", "ws")}/ws`)).toBe("closed")
  expect(refusals.splice(0)).toEqual(["CrossOriginRefused"])
  expect(last()).toMatchObject({ path: "/ws", isSignedIn: true })

  // A GET is answered, since a link to the app must work; other origins learn nothing of it.
  expect(await probe(page, "listen", `${url}/events`)).toBe("failed")
  expect(last()).toMatchObject({ path: "/events", ...carried })
  expect(await probe(page, "send", `${url}/notes`, { credentials: "include" })).toBe("failed")
  expect(last()).toMatchObject({ method: "GET", ...carried })
  expect(await probe(page, "embed", "img", `${url}/notes`)).toBe("error")
  expect(last()).toMatchObject({ method: "GET", ...carried })
  expect(refusals).toEqual([])

  // Signing out has an effect by every method.
  for (const tag of ["img", "script", "iframe"] as const) await probe(page, "embed", tag, `${url}/sign-out`)
  expect(await probe(page, "send", `${url}/sign-out`, { mode: "no-cors", credentials: "include" })).toBe("opaque")
  expect(await probe(page, "send", `${url}/sign-out`, { method: "POST", mode: "no-cors", credentials: "include" })).toBe("opaque")
  expect(refusals.splice(0)).toEqual(Array(5).fill("CrossOriginRefused"))

  expect(await postForm(page, `${url}/notes`)).toBe(403)
  expect(last()).toMatchObject({ method: "POST", ...carried })
  const linking = await open(staged, origin)
  await clickLink(linking, `${url}/sign-out`)
  expect(linking.url()).toBe(`${url}/sign-out`)
  expect(await linking.getByRole("heading").textContent()).toBe("Do you want to continue?")
  expect(refusals.splice(0)).toEqual(["CrossOriginRefused", "CrossOriginRefused"])

  expect(app.notes).toEqual([])
  expect(await isStillSignedIn(staged)).toBe(true)
}

describe("with the user's session, in a real browser", () => {
  it("a page of a sibling's name, with which the cookie is shared by every browser, can change nothing", async () => {
    await using staged = await stage()
    await signIn(staged)
    await attackFrom(staged, staged.sibling, "same-site")
  })

  it("a page of another site can change nothing, in browsers that send a cookie without SameSite", async () => {
    await using staged = await stage()
    await signIn(staged)
    await asInBrowsersWithoutLax(staged.context)
    await attackFrom(staged, staged.evil, "cross-site")
  })

  it("a form on another site is refused although Chromium sends a new cookie without SameSite with it; scripts and WebSockets go without", async () => {
    await using staged = await stage()
    const { app, url, evil } = staged
    await signIn(staged)
    const page = await open(staged, evil)
    for (const [what, init] of posts) expect(await probe(page, "send", `${url}/notes`, init), what).toMatch(/^(?:opaque|failed)$/)
    expect(await probe(page, "speak", `${url.replace("http", "ws")}/ws`)).toBe("closed")
    expect(app.received.filter(({ isSignedIn }) => isSignedIn)).toEqual([])
    expect(await postForm(page, `${url}/notes`)).toBe(403)
    expect(app.received.at(-1)).toEqual({ method: "POST", path: "/notes", isSignedIn: true, site: "cross-site" })
    expect(app.notes).toEqual([])
    expect(await isStillSignedIn(staged)).toBe(true)
  })

  it("the app's own pages can do all of it", async () => {
    await using staged = await stage()
    const { app, alb, url } = staged
    const page = await signIn(staged)
    for (const [what, init] of posts) expect(await probe(page, "send", `${url}/notes`, init), what).toMatch(/^200 /)
    for (const method of ["PUT", "DELETE"]) expect(await probe(page, "send", `${url}/notes`, { method })).toMatch(/^200 /)
    expect(await probe(page, "speak", `${url.replace("http", "ws")}/ws`)).toBe("written")
    expect(await probe(page, "listen", `${url}/events`)).toBe("for Grace Hopper")
    expect(await postForm(page, `${url}/notes`)).toBe(200)
    expect(app.notes).toHaveLength(posts.length + 4)
    const last = await open(staged, url)
    await last.getByRole("link", { name: "Sign out" }).click()
    await last.waitForURL(`${alb.url}/signed-out`)
    expect((await staged.context.cookies()).map(({ name }) => name)).not.toContain(sessionCookie)
    expect(app.refusals).toEqual([])
  })

  it("a page of an allowed origin can write and open WebSockets, where another site still cannot; an allowed path is open to both", async () => {
    await using staged = await stage({ allowsSibling: true })
    const { app, url, sibling, evil } = staged
    await signIn(staged)
    await asInBrowsersWithoutLax(staged.context)
    const webSocket = `${url.replace("http", "ws")}/ws`
    const [friend, attacker] = [await open(staged, sibling), await open(staged, evil)]
    const post: Sent = { method: "POST", mode: "no-cors", credentials: "include", body: "x" }
    await probe(friend, "send", `${url}/notes`, post)
    expect(await probe(friend, "speak", webSocket)).toBe("written")
    expect(await postForm(friend, `${url}/notes`)).toBe(200)
    const written = ["POST by Grace Hopper", "WebSocket by Grace Hopper", "POST by Grace Hopper"]
    expect(app.notes).toEqual(written)
    await probe(attacker, "send", `${url}/notes`, post)
    expect(await probe(attacker, "speak", webSocket)).toBe("closed")
    expect(app.notes).toEqual(written)
    await probe(attacker, "send", `${url}/hook`, post)
    expect(app.notes).toEqual([...written, "hook by Grace Hopper"])
  })

  it("a link of another site opens the app; one to sign out asks first, and its page signs out", async () => {
    await using staged = await stage()
    const { alb, url, evil, context } = staged
    await signIn(staged)
    const page = await open(staged, evil)
    await clickLink(page, `${url}/`)
    expect(await page.title()).toBe("Notes")
    await page.goto(evil)
    await clickLink(page, `${url}/sign-out`)
    expect(await page.title()).toBe("Do you want to continue?")
    // Loading it again asks again: the browser still says where the link was.
    await page.reload()
    expect(await page.title()).toBe("Do you want to continue?")
    await page.getByRole("link", { name: "Continue" }).click()
    await page.waitForURL(`${alb.url}/signed-out`)
    expect((await context.cookies()).map(({ name }) => name)).not.toContain(sessionCookie)
  })

  it("signing out after the session has expired comes back from the sign-in page, and asks first", async () => {
    await using staged = await stage({ rules: [{ path: "/signed-out", action: "forward" }] })
    const { url, alb } = staged
    const page = await signIn(staged)
    alb.expireSession()
    await page.getByRole("link", { name: "Sign out" }).click()
    await page.waitForURL(`${alb.cognitoDomain}/login?**`)
    await page.getByRole("button", { name: "Grace Hopper" }).click()
    await page.waitForURL(`${url}/sign-out`)
    await page.getByRole("link", { name: "Continue" }).click()
    await page.waitForURL(`${alb.url}/signed-out`)
  })

  it("what is no browser's passes with the same session", async () => {
    await using staged = await stage()
    const { app, alb, context } = staged
    await signIn(staged)
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
    const response = await fetch(`${alb.url}/notes`, { method: "POST", headers: { cookie }, body: "from a service" })
    expect([response.status, await response.text()]).toEqual([200, '["POST by Grace Hopper"]'])
    expect(app.received.at(-1)).toMatchObject({ isSignedIn: true, site: undefined })
  })
})
