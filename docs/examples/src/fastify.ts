/** The example app on Fastify: a health check, pages, JSON about the user, an admins' page, signing out, and a WebSocket. */
import type { Server } from "node:http"
import { cognitoAuth, type FastifyAuthOptions, serverOptions, sessionExpiredCloseCode } from "@cognito-auth/fastify"
import websocket from "@fastify/websocket"
import fastify, { type FastifyInstance } from "fastify"
import { pageHeaders } from "./pages/layout.ts"
import { makePages } from "./pages/pages.ts"
import { bypass, signOutFromEnvironment } from "./signOutFromEnvironment.ts"

/** The app. Its tests give it options; run, it reads them from the environment. */
export const makeApp = async (options: FastifyAuthOptions = {}): Promise<FastifyInstance> => {
  const signOut = signOutFromEnvironment(options.environment)
  const pages = makePages({ canSignOut: signOut !== undefined })
  const app = fastify({ ...serverOptions })
  await app.register(cognitoAuth, { bypass, refusalPage: pages.refusal, ...options })
  await app.register(websocket)

  app.get("/health", async () => "ok")
  app.get("/", async (request, reply) => reply.headers(pageHeaders).send(pages.home(request.user)))
  app.get("/me", async ({ user: { sub, email, name, groups, isAdmin, expiresAt } }) => ({ sub, email, name, groups, isAdmin, expiresAt }))
  app.get("/admin", { onRequest: app.requireAuth({ groups: ["admins"] }) }, async (request, reply) =>
    reply.headers(pageHeaders).send(pages.admin(request.user))
  )
  if (signOut !== undefined) app.route({ url: "/sign-out", ...app.cognitoAuth.signOut(signOut) })
  app.get("/signed-out", async (_request, reply) => reply.headers(pageHeaders).send(pages.signedOut()))
  app.setNotFoundHandler((_request, reply) => reply.code(404).headers(pageHeaders).send(pages.notFound()))

  app.get("/ws", { websocket: true }, (socket, request) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }))
    request.authExpiry.addEventListener("abort", () => socket.close(sessionExpiredCloseCode, "session expired"))
  })
  return app
}

export const makeServer = async (): Promise<Server> => {
  const app = await makeApp()
  await app.ready()
  return app.server
}
