/**
 * The user pool's pages, on a separate origin as Cognito's are: `/oauth2/authorize`, `/login`, `/logout`.
 *
 * @module
 */
import formbody from "@fastify/formbody"
import { parseCookie, stringifySetCookie } from "cookie"
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { callbackPath } from "../alb/SignIn.ts"
import { pageHeaders } from "../html/page.ts"
import { isSameOrigin } from "../html/sameOrigin.ts"
import { cognitoCookie } from "./cognitoCookie.ts"
import { refusalPage, type SignInForm, signInPage } from "./SignInPage.ts"
import { checkTyped, emptyForm, readTyped } from "./typedUser.ts"
import type { UserPool } from "./UserPool.ts"

export interface HostedUiOptions {
  readonly pool: UserPool
  readonly clientId: string
  /** Whether a `Host` names this server, or the load balancer. */
  readonly isOwnHost: (header: string | undefined) => boolean
  readonly isAlbHost: (header: string | undefined) => boolean
  /** The sign-out URLs; `undefined`: every one of the load balancer's hosts. */
  readonly logoutUris: ReadonlyArray<string> | undefined
}

type Fields = Readonly<Record<string, unknown>>

export const makeHostedUi = ({ pool, clientId, isOwnHost, isAlbHost, logoutUris }: HostedUiOptions): FastifyInstance => {
  const app = fastify({ forceCloseConnections: true })
  app.register(formbody)

  const isOfAlb = (uri: string): boolean => URL.canParse(uri) && new URL(uri).protocol === "http:" && isAlbHost(new URL(uri).host)
  const isCallback = (uri: string): boolean => isOfAlb(uri) && new URL(uri).pathname === callbackPath
  const sessionOf = ({ headers }: FastifyRequest) => parseCookie(headers.cookie ?? "")[cognitoCookie]
  const refuse = (reply: FastifyReply, status: number, title: string, problem: string) =>
    reply.code(status).headers(pageHeaders).send(refusalPage(title, problem))

  app.addHook("onRequest", async (request, reply) => {
    if (!isOwnHost(request.headers.host)) return refuse(reply, 421, "Not this host", "This host name is not one of the local ALB's.")
    if (request.method !== "GET" && request.method !== "HEAD" && !isSameOrigin(request.headers)) {
      return refuse(reply, 403, "Not from here", "This form was posted by a page of another origin.")
    }
  })

  /** Why a sign-in cannot continue; the error must not be sent to the redirect URI, which may be an attacker's. */
  const faultOf = ({ client_id, redirect_uri, response_type }: Fields): string | undefined => {
    if (client_id !== clientId) return `The app client is ${clientId}; the request names another client_id.`
    if (typeof redirect_uri !== "string" || !isCallback(redirect_uri)) {
      return `The redirect_uri is not the load balancer's: expected its own address and ${callbackPath}.`
    }
    return response_type === "code" ? undefined : "The response_type is not code."
  }
  const goBack = (reply: FastifyReply, { redirect_uri, state }: Fields, session: string) => {
    const uri = new URL(String(redirect_uri))
    uri.searchParams.set("code", pool.issueCode(session, String(redirect_uri)))
    if (typeof state === "string") uri.searchParams.set("state", state)
    return reply.header("cache-control", "no-store").redirect(uri.href, 302)
  }
  const refuseSignIn = (reply: FastifyReply, fault: string) => refuse(reply, 400, "This sign-in cannot continue", fault)
  const searchOf = ({ url }: FastifyRequest) => (url.includes("?") ? url.slice(url.indexOf("?")) : "")
  const showForm = (request: FastifyRequest, reply: FastifyReply, form: Pick<SignInForm, "typed" | "errors">) =>
    reply.headers(pageHeaders).send(signInPage({ action: `/login${searchOf(request)}`, users: pool.users(), ...form }))

  app.get<{ Querystring: Fields }>("/oauth2/authorize", async (request, reply) => {
    const fault = faultOf(request.query)
    if (fault !== undefined) return refuseSignIn(reply, fault)
    const session = sessionOf(request)
    // A user with a session of the pool is not asked again: signing out must end more than the load balancer's session.
    if (session !== undefined && pool.signedIn(session) !== undefined) return goBack(reply, request.query, session)
    return reply.header("cache-control", "no-store").redirect(`/login${searchOf(request)}`, 302)
  })

  app.get<{ Querystring: Fields }>("/login", async (request, reply) => {
    const fault = faultOf(request.query)
    return fault === undefined ? showForm(request, reply, { typed: emptyForm, errors: {} }) : refuseSignIn(reply, fault)
  })

  app.post<{ Querystring: Fields; Body: Fields | null }>("/login", async (request, reply) => {
    const fault = faultOf(request.query)
    if (fault !== undefined) return refuseSignIn(reply, fault)
    const body = request.body ?? {}
    const typed = readTyped(body)
    const user = (typeof body["user"] === "string" ? pool.find(body["user"]) : undefined) ?? checkTyped(typed)
    if ("errors" in user) return showForm(request, reply.code(400), { typed, errors: user.errors })
    if (pool.find(user.email) !== user) pool.put(user)
    pool.signOut(sessionOf(request))
    const session = pool.signIn(user.email)
    reply.header("set-cookie", stringifySetCookie({ name: cognitoCookie, value: session, path: "/", httpOnly: true, sameSite: "lax" }))
    return goBack(reply, request.query, session)
  })

  app.get<{ Querystring: Fields }>("/logout", async (request, reply) => {
    // Cognito's parameter, or that of any other provider (OpenID Connect RP-Initiated Logout 1.0 §2).
    const { client_id, post_logout_redirect_uri, logout_uri = post_logout_redirect_uri } = request.query
    if (client_id !== clientId)
      return refuse(reply, 400, "Not signed out", `The app client is ${clientId}; the request names another client_id.`)
    const isAllowed = typeof logout_uri === "string" && (logoutUris === undefined ? isOfAlb(logout_uri) : logoutUris.includes(logout_uri))
    if (!isAllowed) {
      const expected = logoutUris === undefined ? "a URL of the load balancer" : logoutUris.join(" or ")
      return refuse(reply, 400, "Not signed out", `The logout_uri is not one of the app client's sign-out URLs: expected ${expected}.`)
    }
    pool.signOut(sessionOf(request))
    reply.header("set-cookie", stringifySetCookie({ name: cognitoCookie, value: "", path: "/", expires: new Date(0), httpOnly: true }))
    return reply.header("cache-control", "no-store").redirect(logout_uri, 302)
  })

  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, 404, "Not found", "The local user pool has /oauth2/authorize, /login and /logout.")
  )
  return app
}
