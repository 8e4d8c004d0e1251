/** Middleware → a guard in front of a whole Express app. */
import { IncomingMessage, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { ConfigurationError } from "@cognito-auth/core"
import type { Middleware } from "./Middleware.ts"

/** An Express application, as `express()` returns it; not a router. */
export interface ExpressApp {
  (req: IncomingMessage, res: ServerResponse): unknown
  readonly set: (setting: string, value: unknown) => unknown
}

/** Apps that are guarded as a whole. */
export const protectedApps = new WeakSet<object>()

type Handle = (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void

/**
 * Runs the guard before `app.handle`, which handles every request, also that of a mounted app. So the order of registration makes no
 * difference, and an error in a handler cannot bypass it, as it bypasses
 * middleware. Throws `ConfigurationError` if the app handles requests in another way.
 */
export const protectApp = (app: ExpressApp, guard: Middleware): void => {
  const { handle, set } = (app ?? {}) as Partial<ExpressApp> & { readonly handle?: Handle }
  if (typeof app !== "function" || typeof handle !== "function" || typeof set !== "function") {
    throw notAnApp("expected an Express application, as express() returns it. For a router: router.use(auth.protect()).")
  }
  // This is not documented, and a guard that no request passes would fail silently: so one request is tried.
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
