/** What must compile for a user, and what must not: checked by tsc, never run. */
import { createServer, type Server } from "node:http"
import byDefault, { cognitoAuth, type FastifyAuthOptions, type Service, type User } from "@cognito-auth/fastify"
import websocket from "@fastify/websocket"
import fastify, { type FastifyPluginAsync, type FastifyTypeProvider } from "fastify"

interface SchemaProvider extends FastifyTypeProvider {
  readonly validator: { readonly id: string }
}

export const registering = async () => {
  const app = fastify()
  await app.register(cognitoAuth)
  await app.register(byDefault, {})
  await app.register(cognitoAuth, { bypass: ["/health"], onFailure: "status", closeOnExpiry: true, albArn: ["a", "b"] })
  await app.register(cognitoAuth, { bypass: new Set(["/health"]), logger: app.log })
  const options: FastifyAuthOptions = { clientId: "abc" }
  app.register(cognitoAuth, () => options)

  // @ts-expect-error: bypass is a list
  await app.register(cognitoAuth, { bypass: "/health" })
  // @ts-expect-error: no such way to fail
  await app.register(cognitoAuth, { onFailure: "ignore" })
  // @ts-expect-error: no such option
  await app.register(cognitoAuth, { byPass: ["/health"] })
  // @ts-expect-error: what a route requires is requireAuth's, not the scope's
  await app.register(cognitoAuth, { require: { groups: ["admins"] } })
}

export const users = async () => {
  const app = fastify()
  app.get("/", async (request) => {
    const user: User = request.user
    const expiry: AbortSignal = request.authExpiry
    const groups: ReadonlyArray<string> = request.user.groups
    return [user.email, expiry.aborted, groups, app.cognitoAuth.getAuthUser(request).sub]
  })
  app.get("/misuse", async (request) => {
    // @ts-expect-error: a user has no password
    request.user.password
    // @ts-expect-error: a user cannot be changed
    request.user.email = "root@example.com"
    // @ts-expect-error: the signal is the guard's to set
    request.authExpiry = new AbortController().signal
    // @ts-expect-error: so is the user
    request.user = app.cognitoAuth.getAuthUser(request)
  })
  app.addHook("preHandler", async (request) => request.log.info(request.user))
}

export const routes = () => {
  const app = fastify()
  const { protect, session, signOut } = app.cognitoAuth
  const onRequest = app.requireAuth({ groups: ["admins"], users: "a@example.com", admin: true })
  app.get("/", { onRequest }, async () => "")
  app.get("/", { onRequest: [onRequest, protect({ closeOnExpiry: true, onFailure: "status" })] }, async () => "")
  app.get("/", { preHandler: onRequest }, async () => "")
  app.addHook("onRequest", onRequest)
  app.route({ method: ["GET", "POST"], url: "/", onRequest, handler: async () => "" })
  app.route({ url: "/session", ...session() })
  app.route({ url: "/sign-out", ...signOut({ cognitoDomain: "https://a.example", logoutUri: "https://b.example" }) })
  app.cognitoAuth.protectUpgrades((req, socket, head, user, expiry) => [req.url, socket.end(), head.length, user.email, expiry.aborted])

  // @ts-expect-error: no such requirement
  app.requireAuth({ group: "admins" })
  // @ts-expect-error: a requirement has to be given
  app.requireAuth()
  // @ts-expect-error: false requires nothing
  app.requireAuth({ groups: [1] })
  // @ts-expect-error: where Cognito sends the browser has to be given
  signOut({ cognitoDomain: "https://a.example" })
  // @ts-expect-error: session() is a route without its path
  app.route(session())
  // @ts-expect-error: requireAuth makes a hook, and is none
  app.get("/", { onRequest: app.requireAuth }, async () => "")
}

/** Routes with types of their own: bodies, replies, schemas, providers, configurations. */
export const typedRoutes = () => {
  const app = fastify()
  const onRequest = app.requireAuth({ groups: ["admins"] })
  app.get<{ Params: { id: string }; Querystring: { page: number }; Reply: { hello: string } }>("/:id", { onRequest }, async (request) => ({
    hello: `${request.params.id} ${request.query.page} ${request.user.email}`
  }))
  app.post<{ Body: { name: string }; Headers: { "x-trace": string }; Reply: { 200: string; 404: { why: string } } }>(
    "/",
    { onRequest, schema: { response: { 200: { type: "string" } } }, config: {} },
    async (request, reply) => reply.code(200).send(`${request.body.name} ${request.headers["x-trace"]} ${request.user.sub}`)
  )
  const provided = app.withTypeProvider<SchemaProvider>()
  provided.get("/provided", { onRequest, schema: { querystring: { type: "object" } } }, async (request) => request.user.email)
  provided.route({ url: "/session", ...provided.cognitoAuth.session() })
  app.register(websocket)
  app.get("/ws", { websocket: true, onRequest }, (socket, request) => {
    request.authExpiry.addEventListener("abort", () => socket.close(4401, request.user.sub))
  })
}

/** Servers of other kinds. */
export const servers = async () => {
  const http2 = fastify({ http2: true })
  await http2.register(cognitoAuth, { bypass: ["/health"] })
  http2.get("/", { onRequest: http2.requireAuth({ admin: true }) }, async (request) => http2.cognitoAuth.getAuthUser(request).email)
  http2.route({ url: "/session", ...http2.cognitoAuth.session() })
  const https = fastify({ https: {} })
  await https.register(cognitoAuth)
  https.get("/", { onRequest: https.requireAuth({ admin: true }) }, async (request) => request.user.email)
  https.cognitoAuth.protectUpgrades(() => undefined)
  const own = fastify<Server>({ serverFactory: (handler) => createServer(handler) })
  await own.register(cognitoAuth)
  own.get("/", { onRequest: own.requireAuth({ admin: true }) }, async (request) => own.cognitoAuth.getAuthUser(request).email)
  const logged = fastify({ loggerInstance: { ...own.log, extra: true } })
  await logged.register(cognitoAuth)
  logged.get("/", { onRequest: logged.requireAuth({ admin: true }) }, async (request) => request.user.email)
}

/** A plugin of the user's own. */
export const plugin: FastifyPluginAsync = async (app) => {
  await app.register(cognitoAuth)
  app.get("/", { onRequest: app.requireAuth({ admin: true }) }, async (request) => request.user.email)
}

export const services = async () => {
  const app = fastify()
  await app.register(cognitoAuth, { services: ["/api"] })
  app.get("/api/orders", { onRequest: app.requireAuth({ scopes: ["orders/read"] }) }, async (request) => {
    const principal: User | Service = app.cognitoAuth.getPrincipal(request)
    // @ts-expect-error: getAuthUser never returns a service
    const service: Service = app.cognitoAuth.getAuthUser(request)
    // @ts-expect-error: nor is one ever in request.user
    const alsoNone: Service = request.user
    return [principal._tag === "Service" ? principal.clientId : principal.email, service, alsoNone]
  })
  app.cognitoAuth.protectUpgrades((_req, _socket, _head, principal) => principal._tag, { services: ["/api"] })
  // @ts-expect-error: a handler of users alone would get a service
  app.cognitoAuth.protectUpgrades((_req, _socket, _head, user: User) => user.email, { services: ["/api"] })
}
