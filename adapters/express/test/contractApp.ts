import { createServer } from "node:http"
import { cognitoAuth, type ExpressAuth } from "@cognito-auth/express"
import { type BuildApp, type ContractApp, type ContractPage, onLoopback } from "@cognito-auth/testing/contract"
import type { Express, Handler } from "express"
import type { Framework } from "./app.ts"

/** The ways to guard an app as a whole. */
export const guards: Readonly<Record<string, (auth: ExpressAuth, app: Express, guard: ContractApp["guard"]) => void>> = {
  protect: (auth, app, guard) => void app.use(auth.protect(guard)),
  protectApp: (auth, app, guard) => auth.protectApp(app, guard)
}

/** The contract's app with a version of Express, guarded in one of the ways. */
export const buildWith =
  (express: Framework, protect: (typeof guards)[string]): BuildApp =>
  ({ options, guard, routes, fallback, session, healthCheck, signOuts, streams, upgrades }) => {
    const auth = cognitoAuth(options)
    const app = express()
    const answer =
      ({ type, body }: ContractPage): Handler =>
      (req, res) =>
        void res.type(type).send(
          body(
            () => req.user,
            () => auth.getPrincipal(req)
          )
        )

    protect(auth, app, guard)
    for (const { path, require, ...page } of routes) app.all(path, require === undefined ? [] : auth.require(require), answer(page))
    for (const { path, type, first, options } of streams) {
      app.get(path, auth.protect(options), (_req, res) => void res.writeHead(200, { "content-type": type }).write(first))
    }
    app.all(session, auth.session())
    app.all(healthCheck, auth.healthCheck())
    for (const { path, options } of signOuts) app.all(path, auth.signOut(options))
    app.use(answer(fallback))

    const server = createServer(app)
    auth.protectUpgrades(server, upgrades.handle, { bypass: guard.bypass, ...upgrades.options })
    return onLoopback(server, auth.dispose)
  }
