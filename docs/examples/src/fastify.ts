/** The example app on Fastify: a health check, a page, JSON about the user, an admins' page, and a WebSocket. */
import type { Server } from "node:http"
import { cognitoAuth, type FastifyAuthOptions, serverOptions, sessionExpiredCloseCode } from "@cognito-auth/fastify"
import websocket from "@fastify/websocket"
import fastify, { type FastifyInstance } from "fastify"

/** The app. Its tests give it options; run, it reads them from the environment. */
export const makeApp = async (options: FastifyAuthOptions = {}): Promise<FastifyInstance> => {
  const app = fastify({ ...serverOptions })
  await app.register(cognitoAuth, { bypass: ["/health"], ...options })
  await app.register(websocket)

  app.get("/health", async () => "ok")
  app.get("/", async (request) => `Hello ${request.user.email}`)
  app.get("/me", async ({ user: { sub, email, name, groups, isAdmin, expiresAt } }) => ({ sub, email, name, groups, isAdmin, expiresAt }))
  app.get("/admin", { onRequest: app.requireAuth({ groups: ["admins"] }) }, async (request) => `Hello administrator ${request.user.email}`)
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
