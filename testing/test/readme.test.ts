import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { cognitoAuth, serverOptions } from "@cognito-auth/node"
import { attacks, makeForge } from "@cognito-auth/testing"
import { afterAll, expect, it } from "vitest"

const forge = await makeForge()
const keys = await forge.serve()
const auth = cognitoAuth(keys.settings({ allowedGroups: ["staff"] }).options)
const app = createServer(
  serverOptions,
  auth.protect((_request, response, user) => response.end(`Hello ${user.email}`))
).listen(0, "127.0.0.1")
await once(app, "listening")
const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`
afterAll(async () => {
  app.close()
  await auth.dispose()
  await keys.close()
})

it("greets an admitted user", async () => {
  const response = await fetch(url, { headers: await forge.headers({ email: "a@example.com", groups: ["staff"] }) })
  expect(await response.text()).toBe("Hello a@example.com")
})

it("refuses other users", async () => {
  expect((await fetch(url, { headers: await forge.headers({ groups: ["visitors"] }) })).status).toBe(403)
})

it.each(Object.entries(attacks))("refuses %s", async (_name, { headers }) => {
  expect((await fetch(url, { headers: await headers(forge, { groups: ["staff"] }) })).status).toBe(401)
})

it("signs nobody out while the keys cannot be fetched", async () => {
  await keys.misbehave("down")
  await keys.rotate()
  expect((await fetch(url, { headers: await forge.headers({ groups: ["staff"] }) })).status).toBe(503)
  await keys.behave()
  expect((await fetch(url, { headers: await forge.headers({ groups: ["staff"] }) })).status).toBe(200)
})
