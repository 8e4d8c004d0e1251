/** The example app on raw `node:http`: a health check, pages, JSON about the user, an admins' page, signing out, and a WebSocket. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type AdapterOptions, cognitoAuth, serverOptions, sessionExpiredCloseCode, type User } from "@cognito-auth/node"
import { WebSocketServer } from "ws"
import { pageHeaders } from "./pages/layout.ts"
import { makePages } from "./pages/pages.ts"
import { bypass, signOutFromEnvironment } from "./signOutFromEnvironment.ts"

/** The server, which reads its options from the environment where it is given none. */
export const makeServer = (options: AdapterOptions = {}): Server => {
  const signOutOptions = signOutFromEnvironment(options.environment)
  const pages = makePages({ canSignOut: signOutOptions !== undefined })
  const auth = cognitoAuth({ refusalPage: pages.refusal, ...options })

  const show = (res: ServerResponse, page: string, status = 200) => res.writeHead(status, pageHeaders).end(page)
  const admin = auth.require({ groups: ["admins"] })((_req, res, user) => show(res, pages.admin(user)))
  const signOut = signOutOptions && auth.signOut(signOutOptions)

  const routes: Readonly<Record<string, ((req: IncomingMessage, res: ServerResponse, user: User) => unknown) | undefined>> = {
    "/health": (_req, res) => res.end("ok"),
    "/": (_req, res, user) => show(res, pages.home(user)),
    "/me": (_req, res, { sub, email, name, groups, isAdmin, expiresAt }) =>
      res.setHeader("content-type", "application/json").end(JSON.stringify({ sub, email, name, groups, isAdmin, expiresAt })),
    "/admin": admin,
    "/sign-out": signOut,
    "/signed-out": (_req, res) => show(res, pages.signedOut())
  }
  const handle = (req: IncomingMessage, res: ServerResponse, user: User) => {
    const path = req.url?.split("?")[0] ?? ""
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    return route === undefined ? show(res, pages.notFound(), 404) : route(req, res, user)
  }
  const server = createServer(serverOptions, auth.protect(handle, { bypass }))

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
