/** The example app on raw `node:http`: a health check, a page, JSON about the user, an admins' page, and a WebSocket. */
import { createServer, type Server } from "node:http"
import { cognitoAuth, serverOptions, sessionExpiredCloseCode } from "@cognito-auth/node"
import { WebSocketServer } from "ws"

export const makeServer = (): Server => {
  const auth = cognitoAuth()

  const admin = auth.require({ groups: ["admins"] })((_req, res, user) => {
    res.end(`Hello administrator ${user.email}`)
  })

  const server = createServer(
    serverOptions,
    auth.protect(
      (req, res, user) => {
        switch (req.url?.split("?")[0]) {
          case "/health":
            return res.end("ok")
          case "/":
            return res.end(`Hello ${user.email}`)
          case "/me": {
            const { sub, email, name, groups, isAdmin, expiresAt } = user
            res.setHeader("content-type", "application/json")
            return res.end(JSON.stringify({ sub, email, name, groups, isAdmin, expiresAt }))
          }
          case "/admin":
            return admin(req, res)
          default:
            res.statusCode = 404
            return res.end("not found")
        }
      },
      { bypass: ["/health"] }
    )
  )

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
