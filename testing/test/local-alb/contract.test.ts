/**
 * The contract of adapters, through the local ALB. The contract forges sign-ins of its own and sends them itself, so its
 * requests take a rule that does not authenticate: behind such a rule the app gets them as they were sent, and must not be
 * able to tell that there is a load balancer at all. Real sign-ins are in `walkThrough.test.ts`.
 */
import { createServer } from "node:http"
import { cognitoAuth, type Handler } from "@cognito-auth/node"
import { type BuildApp, type ContractPage, contract, onLoopback } from "@cognito-auth/testing/contract"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { describe, it } from "vitest"
import { forge } from "./apps.ts"

const build: BuildApp = (app) => {
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

describe.concurrent("an app behind the local ALB keeps the contract", () => {
  for (const { name, run } of contract(build)) it(name, run)
})
