/** How an app on Fastify is tested: with `inject()` and forged sign-ins. No load balancer, no network, real signatures. */
import { once } from "node:events"
import { makeApp } from "@cognito-auth/examples/fastify"
import { makeForge } from "@cognito-auth/testing"
import { afterAll, expect, it } from "vitest"

const forge = await makeForge()
const app = await makeApp({ ...forge.settings().options, keySource: forge.keySource() })
afterAll(() => app.close())

it("greets a signed-in user", async () => {
  const answer = await app.inject({ url: "/", headers: await forge.headers({ email: "ada@example.com" }) })
  expect(answer.body).toContain("ada@example.com")
})

it("tells nobody else anything", async () => {
  const answer = await app.inject({ url: "/me" })
  expect(answer.statusCode).toBe(401)
  expect(answer.json()).toMatchObject({ error: "HeaderMissing" })
})

it("shows a browser whose user may not come in a page that says so", async () => {
  const answer = await app.inject({ url: "/", headers: { accept: "text/html" } })
  expect(answer.statusCode).toBe(401)
  expect(answer.body).toContain("quote this: <code>401 HeaderMissing</code>")
})

it("lets administrators alone onto their page", async () => {
  const inject = async (...groups: Array<string>) => app.inject({ url: "/admin", headers: await forge.headers({ groups }) })
  expect((await inject("admins")).statusCode).toBe(200)
  expect((await inject("staff")).statusCode).toBe(403)
})

it("answers the load balancer's health check without a sign-in", async () => {
  expect((await app.inject("/health")).body).toBe("ok")
})

it("echoes on a WebSocket of a signed-in user, and opens none for anybody else", async () => {
  const socket = await app.injectWS("/ws", { headers: await forge.headers() })
  socket.send("hello")
  const [heard] = await once(socket, "message")
  expect(String(heard)).toBe("hello")
  socket.terminate()
  await expect(app.injectWS("/ws")).rejects.toThrow("401")
})
