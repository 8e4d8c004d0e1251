/** How an app on Express is tested: with supertest and forged sign-ins. No load balancer, no network, real signatures. */
import { makeApp } from "@cognito-auth/examples/express"
import { makeForge } from "@cognito-auth/testing"
import request from "supertest"
import { afterAll, expect, it } from "vitest"

const forge = await makeForge()
const { app, auth } = makeApp({ ...forge.settings().options, keySource: forge.keySource() })
afterAll(auth.dispose)

it("greets a signed-in user", async () => {
  const headers = await forge.headers({ email: "ada@example.com" })
  const { text } = await request(app).get("/").set(headers).expect(200)
  expect(text).toContain("ada@example.com")
})

it("tells a user about himself", async () => {
  const headers = await forge.headers({ email: "ada@example.com", name: "Ada Lovelace", groups: ["staff"] })
  const { body } = await request(app).get("/me").set(headers).expect(200)
  expect(body).toMatchObject({ email: "ada@example.com", name: "Ada Lovelace", groups: ["staff"], isAdmin: false })
})

it("tells nobody else anything", async () => {
  const { body } = await request(app).get("/me").expect(401).expect("content-type", "application/problem+json")
  expect(body).toMatchObject({ error: "HeaderMissing" })
})

it("shows a browser whose user may not come in a page that says so", async () => {
  const { text } = await request(app)
    .get("/")
    .set("accept", "text/html")
    .expect(401)
    .expect("content-type", /^text\/html/)
  expect(text).toContain("quote this: <code>401 HeaderMissing</code>")
})

it("lets administrators alone onto their page", async () => {
  await request(app)
    .get("/admin")
    .set(await forge.headers({ groups: ["admins"] }))
    .expect(200)
  await request(app)
    .get("/admin")
    .set(await forge.headers({ groups: ["staff"] }))
    .expect(403)
})

it("answers the load balancer's health check without a sign-in", async () => {
  await request(app).get("/health").expect(200, "ok")
})
