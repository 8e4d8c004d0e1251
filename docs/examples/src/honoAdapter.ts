/** An adapter for Hono on Node.js. docs/writing-an-adapter.md explains it, line by line. */
import {
  type AdapterOptions,
  type AuthRequest,
  type Decision,
  type HttpResponse,
  makeAdapterRuntime,
  type RequireOptions,
  type ResponseHeaders,
  type Route,
  type RouteOptions,
  type SignOutOptions,
  type User
} from "@cognito-auth/core"
import { protectUpgrades, serverOf } from "@cognito-auth/node/adapter"
import type { HttpBindings } from "@hono/node-server"
import type { Context, Handler, MiddlewareHandler } from "hono"

/** What a handler behind the guard finds in its context: `c.get("user")`. */
export interface AuthEnv {
  Bindings: HttpBindings
  Variables: { user: User | undefined }
}

const toAuthRequest = (c: Context<AuthEnv>): AuthRequest => {
  const { method = "", url = "", headers } = c.env.incoming
  return { method, target: url, routedTarget: c.req.path, headers }
}

const toFields = (headers: ResponseHeaders): Array<[name: string, value: string]> =>
  Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]))

const toResponse = ({ status, headers, body }: HttpResponse): Response => new Response(body, { status, headers: toFields(headers) })

export const cognitoAuth = (options: AdapterOptions = {}) => {
  const runtime = makeAdapterRuntime(options, { framework: "hono", serverOf })

  const decide = (c: Context<AuthEnv>, route: Route): Promise<Decision> =>
    new Promise((resolve) => runtime.decide(c.env.incoming, toAuthRequest(c), route, resolve))

  const guard =
    (route: Route): MiddlewareHandler<AuthEnv> =>
    async (c, next) => {
      const decision = await decide(c, route)
      if (decision._tag !== "Admit") return toResponse(decision)
      runtime.closeOnExpiry(decision, c.env.outgoing)
      c.set("user", decision.user)
      await next()
      for (const [name, value] of toFields(decision.headers)) c.header(name, value, { append: true })
      return undefined
    }

  const getAuthUser = (c: Context<AuthEnv>): User => runtime.userOf(c.env.incoming)

  const session = (): Handler<AuthEnv> => {
    const route = runtime.route({ onFailure: "status" })
    return async (c) => {
      const decision = await decide(c, route)
      return toResponse(decision._tag === "Admit" ? runtime.session(getAuthUser(c)) : decision)
    }
  }

  const signOut = (options: SignOutOptions): Handler<AuthEnv> => {
    const answerTo = runtime.signOut(options)
    return (c) => toResponse(answerTo(toAuthRequest(c)))
  }

  return {
    protect: (options?: Omit<RouteOptions, "require">) => guard(runtime.route(options)),
    require: (options: RequireOptions) => guard(runtime.route({ require: options })),
    getAuthUser,
    session,
    signOut,
    healthCheck: (): Handler<AuthEnv> => () => toResponse(runtime.healthCheck()),
    protectUpgrades: protectUpgrades(runtime),
    health: runtime.health,
    ready: runtime.ready,
    reload: runtime.reload,
    dispose: runtime.dispose
  }
}
