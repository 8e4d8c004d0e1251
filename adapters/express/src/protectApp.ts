/** Middleware → a guard in front of a whole Express app. */
import { IncomingMessage, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { ConfigurationError } from "@cognito-auth/core"
import type { Middleware } from "./Middleware.ts"

/** An Express application, as `express()` returns it; a router is none. */
export interface ExpressApp {
  (req: IncomingMessage, res: ServerResponse): unknown
  readonly set: (setting: string, value: unknown) => unknown
}

/** Apps with a guard in front of all that they do. */
export const protectedApps = new WeakSet<object>()

type Handle = (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void

/**
 * Puts the guard in front of `app.handle`, through which every request enters, also that of a mounted app. So it makes no
 * difference what was registered before or is later, and an error on the way cannot lead round it, as it does round
 * middleware. Throws `ConfigurationError` where the app does not enter there.
 */
export const protectApp = (app: ExpressApp, guard: Middleware): void => {
  const { handle, set } = (app ?? {}) as Partial<ExpressApp> & { readonly handle?: Handle }
  if (typeof app !== "function" || typeof handle !== "function" || typeof set !== "function") {
    throw notAnApp("expected an Express application, as express() returns it. For a router: router.use(auth.protect()).")
  }
  // Nothing documents that requests enter there, and a guard that none of them passes would fail in silence: so one is tried.
  let isEntered = false
  const enter = (entry: Handle) => Object.assign(app, { handle: entry })
  enter(() => {
    isEntered = true
  })
  const probe = new IncomingMessage(new Socket())
  app(probe, new ServerResponse(probe))
  enter((req, res, next) => guard(req, res, () => handle.call(app, req, res, next)))
  if (!isEntered) throw notAnApp("this version of Express cannot be guarded as a whole. Use app.use(auth.protect()) instead.")
  protectedApps.add(app)
}

const notAnApp = (problem: string): ConfigurationError => ConfigurationError.of([{ setting: "protectApp", problem }])
