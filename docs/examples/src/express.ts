/** The example app on Express: a health check, pages, JSON about the user, an admins' page, signing out, and a WebSocket. */
import { createServer, type Server } from "node:http"
import { type AdapterOptions, cognitoAuth, type ExpressAuth, serverOptions, sessionExpiredCloseCode } from "@cognito-auth/express"
import express, { type Express, type Response } from "express"
import { WebSocketServer } from "ws"
import { pageHeaders } from "./pages/layout.ts"
import { makePages } from "./pages/pages.ts"
import { bypass, signOutFromEnvironment } from "./signOutFromEnvironment.ts"

/** The app, and what guards it. Its tests give it options; run, it reads them from the environment. */
export const makeApp = (options: AdapterOptions = {}): { readonly app: Express; readonly auth: ExpressAuth } => {
  const signOut = signOutFromEnvironment(options.environment)
  const pages = makePages({ canSignOut: signOut !== undefined })
  const auth = cognitoAuth({ refusalPage: pages.refusal, ...options })
  const app = express()
  auth.protectApp(app, { bypass })
  const show = (res: Response, page: string) => void res.set(pageHeaders).send(page)

  app.get("/health", (_req, res) => {
    res.send("ok")
  })
  app.get("/", (req, res) => show(res, pages.home(auth.getAuthUser(req))))
  app.get("/me", (req, res) => {
    const { sub, email, name, groups, isAdmin, expiresAt } = auth.getAuthUser(req)
    res.json({ sub, email, name, groups, isAdmin, expiresAt })
  })
  app.get("/admin", auth.require({ groups: ["admins"] }), (req, res) => show(res, pages.admin(auth.getAuthUser(req))))
  if (signOut !== undefined) app.all("/sign-out", auth.signOut(signOut))
  app.get("/signed-out", (_req, res) => show(res, pages.signedOut()))
  app.use((_req, res) => show(res.status(404), pages.notFound()))
  return { app, auth }
}

export const makeServer = (): Server => {
  const { app, auth } = makeApp()
  const server = createServer(serverOptions, app)

  const sockets = new WebSocketServer({ noServer: true })
  sockets.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })))
  auth.protectUpgrades(server, (req, socket, head, _user, expiry) => {
    if (req.url?.split("?")[0] !== "/ws") return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n")
    sockets.handleUpgrade(req, socket, head, (webSocket) => {
      expiry.addEventListener("abort", () => webSocket.close(sessionExpiredCloseCode, "session expired"))
      sockets.emit("connection", webSocket, req)
    })
  })
  return server
}
