/** Middleware as Express takes it, and the user in `req.user`. */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { User as AuthUser } from "@cognito-auth/core"

declare global {
  namespace Express {
    /** The user in `req.user`. Passport's types declare this interface too, and `req.user` alike: the two merge. */
    interface User extends AuthUser {}
    interface Request {
      /** The user that `protect` or `require` has admitted; `undefined` on a path that `bypass` names, and where a service asks. */
      user?: User | undefined
    }
  }
}

/** Middleware for `app.use`, `router.use`, or before a route's own handlers. It leaves the types of `req.params` to the route. */
export type Middleware = (req: IncomingMessage & Express.Request, res: ServerResponse, next: (error?: unknown) => void) => void

/** A handler that sends the response itself. */
export type Handler = (req: IncomingMessage & Express.Request, res: ServerResponse) => void
