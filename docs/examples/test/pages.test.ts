/** The example's pages: the same on every framework, and safe whatever a user is called. */
import { once } from "node:events"
import { type IncomingMessage, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { makeApp as makeExpressApp } from "@cognito-auth/examples/express"
import { makeApp as makeFastifyApp } from "@cognito-auth/examples/fastify"
import { makeServer as makeNodeServer } from "@cognito-auth/examples/node"
import { makePages } from "@cognito-auth/examples/pages/pages"
import { signOutFromEnvironment } from "@cognito-auth/examples/signOutFromEnvironment"
import { User } from "@cognito-auth/testing"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge()
const environment = { COGNITO_DOMAIN: "https://pool.example.com", APP_URL: "https://app.example.com" }
const options = { ...forge.settings().options, keySource: forge.keySource(), environment, logger: false as const }

const { app: expressApp, auth } = makeExpressApp(options)
const fastifyApp = await makeFastifyApp(options)
await fastifyApp.listen({ port: 0, host: "127.0.0.1" })
const servers: Readonly<Record<string, Server>> = {
  node: makeNodeServer(options).listen(0, "127.0.0.1"),
  express: expressApp.listen(0, "127.0.0.1"),
  fastify: fastifyApp.server
}
const urls: Record<string, string> = {}
for (const [name, server] of Object.entries(servers)) {
  if (!server.listening) await once(server, "listening")
  urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
afterAll(async () => {
  for (const server of Object.values(servers)) server.close().closeAllConnections()
  await Promise.all([auth.dispose(), fastifyApp.close()])
})

const page = { accept: "text/html", "sec-fetch-mode": "navigate" }
const ada = { ...page, ...(await forge.headers({ email: "ada@example.com", name: "Ada Lovelace", groups: ["staff", "admins"] })) }
const grace = { ...page, ...(await forge.headers({ email: "grace@example.com", name: "Grace Hopper", groups: ["staff"] })) }

describe.each(Object.keys(servers))("the example on %s", (name) => {
  const get = async (path: string, headers: Record<string, string>) => {
    // Not fetch, which says itself that it loads no page.
    const [response] = (await once(request(`${urls[name]}${path}`, { headers }).end(), "response")) as [IncomingMessage]
    let body = ""
    for await (const chunk of response) body += chunk
    return { status: response.statusCode, headers: response.headers, body }
  }

  it.each([
    ["/", ada, 200, "Hello Ada Lovelace"],
    ["/admin", ada, 200, "Administration"],
    ["/admin", grace, 403, "You do not have access to this page"],
    ["/", page, 401, "You are not signed in"],
    ["/signed-out", page, 200, "You are signed out"],
    ["/none", ada, 404, "Page not found"]
  ] as const)(
    "GET %s: a page with a title, a language, landmarks and one heading, which loads and runs nothing",
    async (path, headers, status, title) => {
      const answer = await get(path, headers)
      expect([answer.status, answer.headers["content-type"], answer.headers["cache-control"]]).toEqual([
        status,
        "text/html; charset=utf-8",
        "no-store"
      ])
      expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/)
      expect(answer.body).toContain(`<title>${title} - cognito-auth example</title>`)
      expect(answer.body).toContain(`<h1>${title}</h1>`)
      for (const part of ['<html lang="en">', "<header>", "<main>"]) expect(answer.body.split(part)).toHaveLength(2)
      expect(answer.body).not.toMatch(/<script|src=|https?:/)
    }
  )

  it("has JSON for programs, and a health check for the load balancer", async () => {
    expect(JSON.parse((await get("/me", ada)).body)).toMatchObject({ email: "ada@example.com", isAdmin: false })
    expect(await get("/health", {})).toMatchObject({ status: 200, body: "ok" })
  })

  it("signs out: of the load balancer, and on to the user pool, which leads back to a page for everybody", async () => {
    expect((await get("/", ada)).body).toContain('<a href="/sign-out">Sign out</a>')
    const { status, headers } = await get("/sign-out", page)
    expect(status).toBe(302)
    expect(headers.location).toBe(
      `https://pool.example.com/logout?client_id=${forge.clientId}&logout_uri=https%3A%2F%2Fapp.example.com%2Fsigned-out`
    )
    expect(headers["set-cookie"]).toHaveLength(4)
  })
})

it("an app that does not know the user pool's domain offers no signing out", () => {
  expect(signOutFromEnvironment({})).toBeUndefined()
  expect(makePages({ canSignOut: false }).home(User.mock())).not.toContain("/sign-out")
})

describe("pages", () => {
  const { home, admin } = makePages({ canSignOut: true })
  const markup = (text: string) => text.replace(/[^<>"]/g, "")
  const tricky = fc.oneof(
    fc.string(),
    fc.constantFrom("<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "' onload='", "&lt;", "</title>")
  )

  it("∀ user: whatever they are called, the markup stays the page's own", () => {
    const expected = {
      home: markup(home(User.mock({ name: "x", email: "x", groups: ["x"] }))),
      admin: markup(admin(User.mock({ name: "x" })))
    }
    fc.assert(
      fc.property(tricky, tricky, tricky, (name, email, group) => {
        const user = User.mock({ name: `x${name}`, email: `x${email}`, groups: [`x${group}`] })
        expect(markup(home(user))).toBe(expected.home)
        expect(markup(admin(user))).toBe(expected.admin)
      }),
      { numRuns: runs(100) }
    )
  })
})
