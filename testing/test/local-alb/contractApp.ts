/** The contract's app, behind a local ALB that passes every request on. */
import { createServer } from "node:http"
import { cognitoAuth, type Handler } from "@cognito-auth/node"
import { type BuildApp, type ContractPage, onLoopback } from "@cognito-auth/testing/contract"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { forge } from "./apps.ts"

export const build: BuildApp = (app) => {
  const auth = cognitoAuth(app.options)
  const handlers = new Map<string, Handler>()
  const answer =
    ({ type, body }: ContractPage): Handler =>
    (req, res) =>
      res.setHeader("content-type", type).end(body(() => auth.getAuthUser(req)))
  for (const route of app.routes) {
    handlers.set(route.path, route.require === undefined ? answer(route) : auth.require(route.require)(answer(route)))
  }
  for (const { path, type, first, options } of app.streams) {
    handlers.set(
      path,
      auth.protect((_req, res) => res.writeHead(200, { "content-type": type }).write(first), options)
    )
  }
  handlers.set(app.session, auth.session())
  for (const { path, options } of app.signOuts) handlers.set(path, auth.signOut(options))
  const fallback = answer(app.fallback)
  const server = createServer(
    auth.protect((req, res) => (handlers.get((req.url ?? "").split("?")[0] ?? "") ?? fallback)(req, res), app.guard)
  )
  auth.protectUpgrades(server, app.upgrades.handle, { bypass: app.guard.bypass, ...app.upgrades.options })
  const built = onLoopback(server, auth.dispose)

  return {
    listen: async () => {
      const listening = await built.listen()
      const alb = await localAlb({
        forge,
        target: `http://127.0.0.1:${listening.port}`,
        hosts: ["app.example"],
        rules: [{ path: "*", action: "forward" }]
      })
      return {
        port: Number(new URL(alb.url).port),
        close: async () => {
          await alb.close()
          await listening.close()
        }
      }
    }
  }
}
