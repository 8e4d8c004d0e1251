/** An app with pages for a browser, in production's way: cognito-auth, configured by its environment alone. */
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { cognitoAuth, sessionExpiredCloseCode, type User } from "@cognito-auth/node"
import { WebSocketServer } from "ws"

export type Environment = Readonly<Record<string, string>>

/** Notes in the page what becomes of an event stream and of a WebSocket. */
const script = `
const note = (id, text) => { document.getElementById(id).textContent += text + " " }
const events = new EventSource("/events")
events.onmessage = ({ data }) => note("events", data)
events.onerror = () => { note("events", "lost"); events.close() }
const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws")
socket.onopen = () => setInterval(() => socket.readyState === 1 && socket.send("tick"), 200)
socket.onmessage = ({ data }) => note("socket", data)
socket.onclose = ({ code }) => note("socket", "closed:" + code)
`

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"><h1>${title}</h1>${body}</html>`

const pages: Readonly<Record<string, (user: User) => string>> = {
  "/": ({ name, email, groups }) =>
    page(
      `Hello ${name}`,
      `<p id="who">${email}: ${groups.join(", ")}</p><p><a href="/admin">Administration</a> <a href="/sign-out">Sign out</a></p>`
    ),
  "/live": ({ name }) => page(`Live for ${name}`, `<p id="events"></p><p id="socket"></p><script>${script}</script>`),
  "/signed-out": () => page("Signed out", `<p><a href="/">Sign in again</a></p>`),
  "/no-access": () => page("No access", "<p>You are signed in, but not allowed.</p>")
}

/** Builds the app on a free port of loopback. It needs `SIGNED_OUT_URL` beside cognito-auth's own variables and `COGNITO_DOMAIN`. */
export const startApp = async (environment: Environment) => {
  const auth = cognitoAuth({ environment, logger: false })
  const signOut = auth.signOut({ cognitoDomain: environment["COGNITO_DOMAIN"] ?? "", logoutUri: environment["SIGNED_OUT_URL"] ?? "" })
  const admin = auth.require({ groups: ["admins"] })((_req, res, user) => res.end(page(`Administration by ${user.name}`, "")))
  const events = auth.protect(
    (_req, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" })
      const timer = setInterval(() => res.write("data: tick\n\n"), 200)
      res.on("close", () => clearInterval(timer))
    },
    { closeOnExpiry: true }
  )
  const session = auth.session()
  const handle = (req: IncomingMessage, res: ServerResponse, user: User): unknown => {
    const path = req.url?.split("?")[0] ?? ""
    if (path === "/sign-out") return signOut(req, res)
    if (path === "/admin") return admin(req, res)
    if (path === "/events") return events(req, res)
    if (path === "/session") return session(req, res)
    const show = pages[path]
    if (show === undefined) return res.writeHead(404).end("not found")
    return res.setHeader("content-type", "text/html; charset=utf-8").end(show(user))
  }
  const server = createServer(auth.protect(handle, { bypass: ["/sign-out", "/signed-out", "/no-access"] }))
  const sockets = new WebSocketServer({ noServer: true })
  auth.protectUpgrades(server, (req, socket, head, user, expiry) => {
    sockets.handleUpgrade(req, socket, head, (webSocket) => {
      expiry.addEventListener("abort", () => webSocket.close(sessionExpiredCloseCode, "session expired"))
      webSocket.on("message", () => webSocket.send(user.email))
    })
  })
  return {
    /** Listens here, or on a free port of loopback. */
    listen: async (port = 0): Promise<number> => {
      server.listen(port, "127.0.0.1")
      await once(server, "listening")
      return (server.address() as AddressInfo).port
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await auth.dispose()
    }
  }
}
