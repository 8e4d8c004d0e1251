import { createServer } from "node:http"
import { cognitoAuth, type ExpressAuth } from "@cognito-auth/express"
import { type BuildApp, type ContractApp, type ContractPage, contract, onLoopback } from "@cognito-auth/testing/contract"
import type { Express, Handler } from "express"
import { describe, it } from "vitest"
import { type Framework, frameworks } from "./app.ts"

/** The contract's app, guarded as a whole in either of the ways that there are. */
const buildWith =
  (express: Framework, protect: (auth: ExpressAuth, app: Express, guard: ContractApp["guard"]) => void): BuildApp =>
  ({ options, guard, routes, fallback, session, signOuts, streams, upgrades }) => {
    const auth = cognitoAuth(options)
    const app = express()
    const answer =
      ({ type, body }: ContractPage): Handler =>
      (req, res) =>
        void res.type(type).send(body(() => req.user))

    protect(auth, app, guard)
    for (const { path, require, ...page } of routes) app.all(path, require === undefined ? [] : auth.require(require), answer(page))
    for (const { path, type, first, options } of streams) {
      app.get(path, auth.protect(options), (_req, res) => void res.writeHead(200, { "content-type": type }).write(first))
    }
    app.all(session, auth.session())
    for (const { path, options } of signOuts) app.all(path, auth.signOut(options))
    app.use(answer(fallback))

    const server = createServer(app)
    auth.protectUpgrades(server, upgrades.handle, { bypass: guard.bypass, ...upgrades.options })
    return onLoopback(server, auth.dispose)
  }

describe.concurrent.each(frameworks)("@cognito-auth/express keeps the contract with $name", ({ express }) => {
  describe("by protect", () => {
    for (const { name, run } of contract(buildWith(express, (auth, app, guard) => app.use(auth.protect(guard))))) it(name, run)
  })
  describe("by protectApp", () => {
    for (const { name, run } of contract(buildWith(express, (auth, app, guard) => auth.protectApp(app, guard)))) it(name, run)
  })
})
