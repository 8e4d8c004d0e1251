/**
 * An Express or a Fastify app behind one interface.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { type AuthRequest, ConfigurationError, type Decision } from "@cognito-auth/core"
import { type ExpressApp, protectApp as protectExpressApp, toAuthRequest as toExpressRequest } from "@cognito-auth/express/adapter"
import { type ReplyLike, type RequestLike, setHeaders, toAuthRequest as toFastifyRequest, toReply } from "@cognito-auth/fastify/adapter"
import { setHeaders as setNodeHeaders, toResponse } from "@cognito-auth/node/adapter"

/** A request in an app. */
export interface Passage {
  /** The framework's own request object. */
  readonly source: object
  readonly request: AuthRequest
  readonly req: IncomingMessage
  /** Responds, or lets the request continue with the decision's headers. */
  readonly settle: (decision: Decision) => void
  /** Lets it continue. */
  readonly pass: () => void
  /** Detaches it from the framework. */
  readonly take: () => ServerResponse
  /** Passes an error to the framework. */
  readonly fail: (error: Error) => void
}

interface FastifyRequestLike extends RequestLike {
  readonly is404: boolean
  readonly raw: IncomingMessage
}
interface FastifyReplyLike extends ReplyLike {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** A Fastify instance, of any server, logger and type provider. */
interface FastifyApp {
  addHook(name: "onRequest", hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: (error?: Error) => void) => void): unknown
}

/** An Express application that can be given middleware. */
interface UsableExpressApp extends ExpressApp {
  use(handler: (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void): unknown
}

export type App = UsableExpressApp | FastifyApp

/** Calls back for every request of the app: in Express before everything else, in Fastify in the order of its hooks. */
export const onEveryRequest = (app: App, look: (passage: Passage) => void): void => {
  if (isFastify(app)) throughFastify(app, look)
  else protectExpressApp(app, (req, res, next) => look(expressPassage(req, res, next)))
}

/** Calls back for the requests that no route of the app handles: in Express, of the routes that are registered before. */
export const onRequest = (app: App, look: (passage: Passage) => void): void => {
  if (isFastify(app)) throughFastify(app, look, ({ is404 }) => is404)
  else if (typeof app?.use === "function") app.use((req, res, next) => look(expressPassage(req, res, next)))
  else throw ConfigurationError.of([{ setting: "mountGradioApp", problem: "expected an Express application or a Fastify instance." }])
}

const isFastify = (app: App): app is FastifyApp =>
  typeof app === "object" && app !== null && typeof (app as FastifyApp).addHook === "function"

const expressPassage = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): Passage => ({
  source: req,
  request: toExpressRequest(req),
  req,
  settle: (decision) => {
    if (decision._tag !== "Admit") return toResponse(decision, res)
    setNodeHeaders(decision.headers, res)
    next()
  },
  pass: () => next(),
  take: () => res,
  fail: next
})

const throughFastify = (app: FastifyApp, look: (passage: Passage) => void, concerns = (_request: FastifyRequestLike) => true): void =>
  void app.addHook("onRequest", (request, reply, done) => {
    if (!concerns(request)) return done()
    look({
      source: request,
      request: toFastifyRequest(request),
      req: request.raw,
      settle: (decision) => {
        if (decision._tag !== "Admit") return toReply(decision, reply)
        setHeaders(decision.headers, reply)
        done()
      },
      pass: () => done(),
      take: () => {
        reply.hijack()
        return reply.raw
      },
      fail: done
    })
  })
