/**
 * cognito-auth for Lambda functions that are targets of an Application Load Balancer.
 *
 * @module
 */
import {
  type AdapterLifecycle,
  type AdapterOptions,
  type Decision,
  makeAdapterRuntime,
  type Principal,
  type RequireOptions,
  type Route,
  type RouteOptions,
  requireCalled,
  requireHandler,
  type SignOutOptions,
  User
} from "@cognito-auth/core"
import type { ALBEvent, ALBResult, Context } from "./Event.ts"
import { toAuthRequest } from "./toAuthRequest.ts"
import { inFormOf, toResult } from "./toResult.ts"

export {
  type AdapterOptions,
  type AuthError,
  ConfigurationError,
  gdsIdea,
  NotProtected,
  Policy,
  type Preset,
  type Principal,
  Provider,
  type Refusal,
  type RequireOptions,
  type RouteOptions,
  Service,
  type SignOutOptions,
  User
} from "@cognito-auth/core"

export type { ALBEvent, ALBResult, Context } from "./Event.ts"

/** A Lambda function behind a load balancer. Its context may be one with more in it, as that of `@types/aws-lambda`. */
export type Handler<C extends Context = Context> = (event: ALBEvent, context: C) => Promise<ALBResult>

/**
 * Handles an event with its user; on a path that `bypass` names the user is `User.anonymous`. Return headers in either
 * form: the result is converted to the target group's form, several cookies included.
 */
export type UserHandler<C extends Context = Context> = (event: ALBEvent, context: C, user: User) => ALBResult | Promise<ALBResult>

/** Handles an event with its user, or the service that asks. */
export type PrincipalHandler<C extends Context = Context> = (
  event: ALBEvent,
  context: C,
  principal: Principal
) => ALBResult | Promise<ALBResult>

type GuardOptions = Omit<RouteOptions, "closeOnExpiry">

/** With these, no service comes in. */
type UserGuardOptions = GuardOptions & {
  readonly services?: undefined
  readonly require?: RequireOptions & { readonly scopes?: undefined }
}

/** What `cognitoAuth` returns. */
export interface LambdaAuth extends AdapterLifecycle {
  /** The verified, authorised user of the event's headers. Rejects with an `AuthError`. */
  readonly authenticate: (event: ALBEvent) => Promise<User>
  /** Lets only signed-in, authorised users through to the handler. Throws `ConfigurationError` for options that are wrong. */
  readonly withAuth: {
    <C extends Context = Context>(handler: UserHandler<C>, options?: UserGuardOptions): Handler<C>
    /** On the paths of `services`, the handler may get a `Service` too. */
    <C extends Context = Context>(handler: PrincipalHandler<C>, options: GuardOptions): Handler<C>
  }
  /** The same for a requirement alone; inside `withAuth` or by itself: `auth.require({ groups: ["admins"] })(handler)`. */
  readonly require: {
    (options: RequireOptions & { readonly scopes?: undefined }): <C extends Context = Context>(handler: UserHandler<C>) => Handler<C>
    /** With `scopes`, and inside a `withAuth` with `services`, the handler may get a `Service` too. */
    (options: RequireOptions): <C extends Context = Context>(handler: PrincipalHandler<C>) => Handler<C>
  }
  /** The user of an admitted event. Throws `NotProtected` if there is none, and where a service asks. */
  readonly getAuthUser: (event: ALBEvent) => User
  /** The user or the service of an admitted event. Throws `NotProtected` if there is neither. */
  readonly getPrincipal: (event: ALBEvent) => Principal
  /** Returns when the user's session expires, as JSON: `{"expiresAt", "expiresInSeconds"}`. Is protected itself. */
  readonly session: () => Handler
  /**
   * Returns 200 where requests could be admitted now, or 503 where they could not, as JSON: `{"status": "ready", "keys": true, "policy": true}`.
   * For the load balancer's health check, if it is on. Needs no user.
   */
  readonly healthCheck: () => Handler
  /** Signs out: expires the ALB's session cookie and goes to Cognito's logout. Needs no user. Throws `ConfigurationError`. */
  readonly signOut: (options: SignOutOptions) => Handler
}

/**
 * Guards a Lambda function. Options win over the `COGNITO_AUTH_*` environment variables. Call it once, outside the handler:
 * keys and settings then last as long as the container.
 *
 * Throws `ConfigurationError` with every fault.
 *
 * @example
 * const auth = cognitoAuth()
 * export const handler = auth.withAuth(async (_event, _context, user) => ({ statusCode: 200, body: `Hello ${user.email}` }))
 */
export const cognitoAuth = (options: AdapterOptions = {}): LambdaAuth => {
  const runtime = makeAdapterRuntime(options, { framework: "lambda", takesServices: true })

  const decide = (event: ALBEvent, route: Route): Promise<Decision> =>
    new Promise((resolve) => runtime.decide(event, toAuthRequest(event), route, resolve))

  const guard =
    // Of a route that neither names services nor requires scopes, core admits users alone.
      <C extends Context>(handler: PrincipalHandler<C>, route: Route): Handler<C> =>
      async (event, context) => {
        const decision = await decide(event, route)
        if (decision._tag !== "Admit") return toResult(event, decision)
        return inFormOf(event, await handler(event, context, decision.principal ?? User.anonymous), decision.headers)
      }

  const anyRoute = runtime.route()

  return {
    authenticate: async (event) => {
      const decision = await decide(event, anyRoute)
      if (decision._tag !== "Admit") throw decision.error
      return runtime.userOf(event)
    },
    withAuth: <C extends Context>(handler: UserHandler<C>, options?: GuardOptions) => {
      requireCalled(handler, "auth.withAuth", "export const handler = auth.withAuth(async (event, context, user) => …)")
      requireHandler(handler, "auth.withAuth", "auth.withAuth(async (event, context, user) => …, { … })")
      return guard(handler as PrincipalHandler<C>, runtime.route(options))
    },
    require: (options: RequireOptions) => {
      requireCalled(options, "auth.require", 'auth.require({ groups: ["admins"] })(async (event, context, user) => …)')
      const route = runtime.route({ require: options })
      return <C extends Context>(handler: UserHandler<C>) => {
        requireCalled(handler, "auth.require({ … })", "auth.require({ … })(async (event, context, user) => …)")
        requireHandler(handler, "auth.require({ … })", "auth.require({ … })(async (event, context, user) => …)")
        return guard(handler as PrincipalHandler<C>, route)
      }
    },
    getAuthUser: runtime.userOf,
    getPrincipal: runtime.principalOf,
    session: (...given: ReadonlyArray<unknown>) => {
      requireCalled(given[0], "auth.session", "const session = auth.session(), and session(event, context) at each request.")
      return guard((event, _context, principal) => toResult(event, runtime.session(principal)), runtime.route({ onFailure: "status" }))
    },
    signOut: (options) => {
      requireCalled(options, "auth.signOut", "const signOut = auth.signOut({ … }), and signOut(event, context) at each request.")
      const signOut = runtime.signOut(options)
      return async (event) => toResult(event, signOut(toAuthRequest(event)))
    },
    healthCheck: (...given: ReadonlyArray<unknown>) => {
      requireCalled(
        given[0],
        "auth.healthCheck",
        "const healthCheck = auth.healthCheck(), and healthCheck(event, context) at each request."
      )
      return async (event) => toResult(event, runtime.healthCheck())
    },
    health: runtime.health,
    ready: runtime.ready,
    reload: runtime.reload,
    dispose: runtime.dispose
  }
}
