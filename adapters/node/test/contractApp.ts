/** The contract's app, built with this adapter. */
import { createServer, type Server } from "node:http"
import { cognitoAuth, type Handler } from "@cognito-auth/node"
import { type BuiltApp, type ContractApp, type ContractPage, onLoopback } from "@cognito-auth/testing/contract"

export const buildServer = (app: ContractApp): { readonly server: Server; readonly built: BuiltApp } => {
  const auth = cognitoAuth(app.options)
  const handlers = new Map<string, Handler>()
  const answer =
    ({ type, body }: ContractPage): Handler =>
    (req, res) =>
      res.setHeader("content-type", type).end(
        body(
          () => auth.getAuthUser(req),
          () => auth.getPrincipal(req)
        )
      )

  for (const route of app.routes) {
    handlers.set(route.path, route.require === undefined ? answer(route) : auth.require(route.require)(answer(route)))
  }
  for (const { path, type, first, options } of app.streams) {
    const stream = auth.protect((_req, res) => res.writeHead(200, { "content-type": type }).write(first), options)
    handlers.set(path, stream)
  }
  handlers.set(app.session, auth.session())
  handlers.set(app.healthCheck, auth.healthCheck())
  for (const { path, options } of app.signOuts) handlers.set(path, auth.signOut(options))

  const fallback = answer(app.fallback)
  const pathOf = (target = "") => target.split("?")[0] ?? ""
  const server = createServer(auth.protect((req, res) => (handlers.get(pathOf(req.url)) ?? fallback)(req, res), app.guard))
  auth.protectUpgrades(server, app.upgrades.handle, { bypass: app.guard.bypass, ...app.upgrades.options })
  return { server, built: onLoopback(server, auth.dispose) }
}
