/** A new user's app on Express: packed packages, strict types. It asks itself, and prints the answers. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { cognitoAuth, serverOptions } from "@cognito-auth/express"
import { makeForge } from "@cognito-auth/testing"
import express from "express"

const forge = await makeForge()
const auth = cognitoAuth({ ...forge.settings().options, keySource: forge.keySource() })

const app = express()
auth.protectApp(app, { bypass: ["/health"] })
app.get("/", (req, res) => {
  res.send(`Hello ${auth.getAuthUser(req).email}`)
})
app.get("/admin", auth.require({ groups: ["admins"] }), (req, res) => {
  res.send(`Hello administrator ${req.user?.name}`)
})

const server = process.argv.includes("--defaults") ? createServer(app) : createServer(serverOptions, app)
server.listen(0, "127.0.0.1")
await once(server, "listening")
const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers })
const ada = await forge.headers({ email: "ada@example.com" })

console.log(await (await ask("/", ada)).text(), (await ask("/")).status, (await ask("/admin", ada)).status)
server.close()
server.closeAllConnections()
await auth.dispose()
