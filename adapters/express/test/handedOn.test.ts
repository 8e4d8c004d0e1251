/** What is handed to Express without having been called: TypeScript refuses each of these; the message is for JavaScript. */
import { ConfigurationError, cognitoAuth, type ExpressAuth } from "@cognito-auth/express"
import type { ErrorRequestHandler, RequestHandler } from "express"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { frameworks, startApp } from "./app.ts"

const forge = await sharedForge()

const mistakes: Readonly<Record<string, (auth: ExpressAuth) => unknown>> = {
  "auth.protect": (auth) => auth.protect,
  "auth.require": (auth) => auth.require,
  "auth.session": (auth) => auth.session,
  "auth.signOut": (auth) => auth.signOut,
  "auth.protectApp": (auth) => auth.protectApp,
  protectUpgrades: (auth) => auth.protectUpgrades,
  cognitoAuth: () => cognitoAuth
}

describe.each(frameworks)("$name", ({ express }) => {
  it.each(Object.entries(mistakes))("app.use(%s) answers nothing, and is told to call it, in one fault", async (name, uncalled) => {
    let error: unknown
    const { port } = await startApp(forge, express, (app, auth) => {
      app.use(uncalled(auth) as RequestHandler)
      app.get("/", (_req, res) => void res.send("secret"))
      const note: ErrorRequestHandler = (thrown, _req, res, _next) => {
        error = thrown
        res.status(500).send("broken")
      }
      app.use(note)
    })
    expect(await (await fetch(`http://127.0.0.1:${port}/`, { headers: await forge.headers() })).text()).toBe("broken")
    expect(error).toBeInstanceOf(ConfigurationError)
    const { faults, message } = error as ConfigurationError
    expect(faults.map(({ setting }) => setting)).toEqual([name])
    expect(message).toContain("was passed on without being called. Call it: ")
  })
})
