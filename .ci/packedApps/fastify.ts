/** A new user's app on Fastify: packed packages, strict types. It asks itself, and prints the answers. */
import { cognitoAuth, serverOptions } from "@cognito-auth/fastify"
import { makeForge } from "@cognito-auth/testing"
import Fastify from "fastify"

const forge = await makeForge()

const app = Fastify({ ...serverOptions })
await app.register(cognitoAuth, {
  ...forge.settings().options,
  keySource: forge.keySource(),
  logger: false,
  bypass: ["/health"]
})
app.get("/", async (request) => `Hello ${request.user.email}`)
app.get("/admin", { onRequest: app.requireAuth({ groups: ["admins"] }) }, async (request) => `Hello administrator ${request.user.name}`)

const url = await app.listen({ port: 0, host: "127.0.0.1" })
const ask = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers })
const ada = await forge.headers({ email: "ada@example.com" })

console.log(await (await ask("/", ada)).text(), (await ask("/")).status, (await ask("/admin", ada)).status)
await app.close()
