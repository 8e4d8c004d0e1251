import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, type HeaderLines, type RawAnswer, toLines } from "./rawHttp.ts"

const forge = await sharedForge()
const signedOut = "https://app.example/401.html"
const redirecting = { options: { redirectUrl: signedOut } }

const navigate: HeaderLines = [
  ["sec-fetch-mode", "navigate"],
  ["sec-fetch-dest", "document"],
  ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]
]

const expectRedirect = (answer: RawAnswer, location: string) => {
  expect(answer.status).toBe(302)
  expect(answer.headers.get("location")).toBe(location)
  expect(answer.headers.get("cache-control")).toBe("no-store")
  expect(answer.body).toBe("")
}

describe("a request that fails with 401 or 403", () => {
  const pageLoads: ReadonlyArray<{ who: string; method?: string; headers: HeaderLines }> = [
    { who: "a browser that loads a page", headers: navigate },
    { who: "a browser that asks for a page's head", method: "HEAD", headers: navigate },
    {
      who: "a browser that says what it does, and accepts anything",
      headers: [
        ["Sec-Fetch-Mode", "navigate"],
        ["accept", "*/*"]
      ]
    },
    { who: "an older browser", headers: [["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]] },
    { who: "an older browser that prefers XHTML", headers: [["accept", "application/xhtml+xml, text/html;q=0.9"]] },
    { who: "one that likes HTML best, though it names it last", headers: [["accept", "application/json;q=0.5, text/html;q=0.9"]] },
    { who: "one that writes in capitals", headers: [["ACCEPT", "TEXT/HTML"]] }
  ]
  it.each(pageLoads)("is redirected: $who", async ({ method = "GET", headers }) => {
    const app = await startApp(forge, { ...redirecting, policy: { allowedGroups: ["staff"] } })
    expectRedirect(await ask(app.port, { method, target: "/page?x=1", headers }), signedOut)
    expectRedirect(
      await ask(app.port, { method, target: "/page?x=1", headers: [...headers, ...toLines(await forge.headers())] }),
      signedOut
    )
    expect(app.served).toEqual([])
  })

  const others: ReadonlyArray<{ who: string; method?: string; headers: HeaderLines }> = [
    { who: "one that says nothing", headers: [] },
    {
      who: "curl",
      headers: [
        ["accept", "*/*"],
        ["user-agent", "curl/8.5.0"]
      ]
    },
    {
      who: "fetch from a page",
      headers: [
        ["sec-fetch-mode", "cors"],
        ["accept", "*/*"]
      ]
    },
    {
      who: "fetch that accepts HTML",
      headers: [
        ["sec-fetch-mode", "same-origin"],
        ["accept", "text/html"]
      ]
    },
    {
      who: "an image",
      headers: [
        ["sec-fetch-mode", "no-cors"],
        ["accept", "image/avif,image/webp,*/*;q=0.8"]
      ]
    },
    { who: "an event stream", headers: [["accept", "text/event-stream"]] },
    { who: "an API client", headers: [["accept", "application/json"]] },
    { who: "an API client that would also read HTML", headers: [["accept", "application/json, text/html;q=0.9"]] },
    { who: "one that refuses HTML", headers: [["accept", "text/html;q=0"]] },
    { who: "HEAD", method: "HEAD", headers: [["accept", "*/*"]] },
    {
      who: "OPTIONS, a preflight",
      method: "OPTIONS",
      headers: [
        ["sec-fetch-mode", "cors"],
        ["origin", "https://a.example"],
        ["access-control-request-method", "PUT"]
      ]
    },
    { who: "OPTIONS that claims to navigate", method: "OPTIONS", headers: navigate },
    { who: "a form that is posted", method: "POST", headers: navigate },
    { who: "DELETE that claims to navigate", method: "DELETE", headers: navigate },
    { who: "an empty accept", headers: [["accept", ""]] },
    { who: "an accept that is nonsense", headers: [["accept", ";;q=1,,q=text/html;q=NaN"]] }
  ]
  it.each(others)("gets the status: $who", async ({ method = "GET", headers }) => {
    const app = await startApp(forge, { policy: { allowedGroups: ["staff"] } })
    const missing = await ask(app.port, { method, target: "/page", headers })
    const notAllowed = await ask(app.port, { method, target: "/page", headers: [...headers, ...toLines(await forge.headers())] })
    expect([missing.status, notAllowed.status]).toEqual([401, 403])
    expect(missing.headers.get("content-type")).toBe("application/problem+json")
    expect(missing.headers.has("location")).toBe(false)
  })

  it("is redirected where the settings say", async () => {
    const app = await startApp(forge, { options: { redirectUrl: "https://sign-in.example/again?from=app" } })
    expectRedirect(await ask(app.port, { headers: navigate }), "https://sign-in.example/again?from=app")
  })

  it("is never redirected to where it failed: no loop", async () => {
    const app = await startApp(forge, { options: { redirectUrl: "/signed-out" } })
    expectRedirect(await ask(app.port, { target: "/", headers: navigate }), "/signed-out")
    expect((await ask(app.port, { target: "/signed-out", headers: navigate })).status).toBe(401)
    expect((await ask(app.port, { target: "/signed-out?again", headers: navigate })).status).toBe(401)
  })

  it("is redirected to the setting alone, whatever the request says of itself", async () => {
    const app = await startApp(forge, redirecting)
    const headers: HeaderLines = [
      ...navigate,
      ["x-forwarded-host", "evil.example"],
      ["referer", "https://evil.example/"],
      ["x-forwarded-proto", "javascript"]
    ]
    expectRedirect(await ask(app.port, { target: "/?redirect=https://evil.example&next=//evil.example", headers }), signedOut)
  })
})

describe("onFailure", () => {
  it("redirect: sends every failed request elsewhere", async () => {
    const app = await startApp(forge, { ...redirecting, listener: (auth, handler) => auth.protect(handler, { onFailure: "redirect" }) })
    for (const method of ["GET", "POST", "OPTIONS"]) {
      expectRedirect(await ask(app.port, { method, headers: [["accept", "application/json"]] }), signedOut)
    }
  })

  it("redirect: is a fault at start-up where there is nowhere to redirect to", async () => {
    const start = startApp(forge, { listener: (auth, handler) => auth.protect(handler, { onFailure: "redirect" }) })
    await expect(start).rejects.toThrow("set redirectUrl (COGNITO_AUTH_REDIRECT_URL)")
  })

  it("status: redirects no request, not even a page load", async () => {
    const app = await startApp(forge, { listener: (auth, handler) => auth.protect(handler, { onFailure: "status" }) })
    const answer = await ask(app.port, { headers: navigate })
    expect([answer.status, answer.headers.get("content-type")]).toEqual([401, "application/problem+json"])
  })

  it("negotiate: what it does unasked", async () => {
    const app = await startApp(forge, { ...redirecting, listener: (auth, handler) => auth.protect(handler, { onFailure: "negotiate" }) })
    expectRedirect(await ask(app.port, { headers: navigate }), signedOut)
    expect((await ask(app.port, {})).status).toBe(401)
  })

  it.each(["redirect", "status", "negotiate"] as const)("%s: an outage is a 503, never a redirect", async (onFailure) => {
    const app = await startApp(forge, {
      options: { redirectUrl: signedOut, keys: { preload: false } },
      listener: (auth, handler) => auth.protect(handler, { onFailure })
    })
    await app.keys.misbehave("down")
    const answer = await ask(app.port, { headers: [...navigate, ...toLines(await forge.headers())] })
    expect([answer.status, answer.headers.has("location"), answer.headers.has("retry-after")]).toEqual([503, false, true])
  })
})
